"""The same short-lived processes for every method, one method after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.attribution import plan, truth
from bench.attribution.methods import Method, Seen
from bench.attribution.place import Place
from bench.attribution.score import Score, score
from bench.attribution.watch import NotReady, watched

SETTLE_SECONDS = 1.0  # for what a method still has to say when the traffic is over


@dataclass(slots=True)
class Result:
    """What one method found, and what that cost."""

    method: str
    scores: dict[str, Score] = field(default_factory=dict)
    cpu_percent: float = 0.0  # of one core, user and system, while the traffic ran
    memory_mb: float = 0.0
    lines: int = 0
    not_run: str = ""

    def as_json(self) -> dict[str, object]:
        if self.not_run:
            return {"method": self.method, "not_run": self.not_run}
        return {
            "method": self.method,
            "cpu_percent": round(self.cpu_percent, 2),
            "memory_mb": round(self.memory_mb, 1),
            "lines": self.lines,
            "scores": {kind: one.as_json() for kind, one in self.scores.items()},
        }


class Heard:
    """What a method printed: understood at once, or kept for later if its lines say everything."""

    def __init__(self, method: Method) -> None:
        self._method = method
        self._known: set[bytes] = set()
        self._lines: list[bytes] = []
        self._rows: list[Seen] = []
        self._lock = threading.Lock()

    def line(self, line: bytes) -> None:
        with self._lock:
            if self._method.later:
                self._lines.append(line)
            elif line not in self._known:
                self._known.add(line)
                self._rows.extend(self._method.parse(line.decode("utf-8", "replace")))

    def rows(self) -> Iterator[Seen]:
        with self._lock:
            yield from self._rows
            for line in self._lines:
                yield from self._method.parse(line.decode("utf-8", "replace"))

    def __len__(self) -> int:
        return len(self._lines) + len(self._known)


def compare(method: Method, size: plan.Size, where: Place, seed: int) -> Result:
    """Run the whole workload under one method."""
    heard, result = Heard(method), Result(method.name)
    if missing := method.missing():
        result.not_run = f"{missing} is not installed"
        return result
    try:
        with watched(method.start(where), method.ready, heard.line, method.stop) as running:
            before = running.usage()
            short = truth.run(where, "gen", plan.short_lives(size, seed))
            after = running.usage()
            hard = truth.run(where, "each", plan.hard_lives(size, seed, where))
            threading.Event().wait(SETTLE_SECONDS)
            running.usage()
    except NotReady as e:
        result.not_run = str(e)
        return result
    if failed := short.failed + hard.failed:  # one that holds packets back, for instance
        result.not_run = f"beside it {failed} processes could not do what they were to do"
        return result
    result.scores = score([*short.sent, *hard.sent], heard.rows())
    result.cpu_percent = 100 * (after.cpu_seconds - before.cpu_seconds) / (after.at - before.at)
    result.memory_mb = running.peak_bytes / 2**20
    result.lines = len(heard)
    return result
