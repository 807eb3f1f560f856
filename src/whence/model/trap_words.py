"""Runs of a program in words, and as ECS documents. Pure."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from whence.model.ecs import process_view, time_text
from whence.model.flow_documents import without_empty
from whence.model.json_text import Document
from whence.model.output_words import by_stream, process_io
from whence.model.trapped import Run

MOST = 3  # launchers and peers that a sentence names
DISTINCT = 1000  # launchers and peers that are counted apart
OTHERS = ""  # what all further ones are counted as
LONGEST = 100  # characters of a caller's command line; the chain has all of it
MINORS = 0xFF  # of a device number, as the kernel packs it: new_encode_dev()


class Tally:
    """What runs have in common, counted: as many runs as may come."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self.count = self.ended = 0
        self.launches: Counter[str] = Counter()
        self.peers: Counter[str] = Counter()  # runs that called each
        for run in runs:
            self.add(run)

    def add(self, run: Run) -> None:
        """Count a run that has ended, or whose end nobody told."""
        self.count += 1
        self.ended += run.ended is not None
        _count(self.launches, started_by(run))
        for peer in {str(one) for one in run.called}:
            _count(self.peers, peer)


def sentence(program: str, tally: Tally, over: str, unkept: int = 0) -> str:
    """Say in one sentence how often a program ran, what started it, and where it connected to."""
    count = tally.count + unkept
    if not count:
        return f"{program} did not run in {over}."
    times = "once" if count == 1 else f"{count} times"
    text = f"{program} ran {times} in {over}: {_launches(tally)}"
    called = _called(tally)
    return f"{text}; {called}." if called else f"{text}."


def started_by(run: Run) -> str:
    """Say what started a run: what launches it, or else the nearest that is known."""
    if run.launch:
        return run.launch
    if not run.lineage:
        return "a process that is not seen from here"
    own, *above = run.lineage
    before = own.executions[-2:-1]
    callers = [*before, *(record.execution for record in above)]
    found = next((one for one in callers if one and (one.args or one.executable)), None)
    if found is None:
        return "a thread of the kernel" if above and above[0].kernel_thread else "nobody known"
    words = " ".join(found.args) or found.executable
    return f"“{words[:LONGEST]}…”" if len(words) > LONGEST else f"“{words}”"


def outcome(run: Run) -> str:
    """Say how a run ended."""
    if run.again:
        return "executed itself once more"
    if not run.lineage and run.status is None:
        return "ran; how it ended is not seen from here"
    if run.ended is None:
        return "still runs, or nobody told how it ended"
    if not run.executed:
        return "was not executed: execve(2) failed, or the kernel did not tell"
    if run.signal:
        return f"killed by {_signal_name(run.signal)}"
    return "ended" if run.exit_code is None else f"exit {run.exit_code}"


def document(run: Run, program: str, host: str, *, action: str) -> Document:
    """Write a run as an ECS document; ``action`` is "exec" as it begins, "end" when it is over."""
    process = process_view(run.lineage)
    if run.exit_code is not None:
        process["exit_code"] = run.exit_code
    if run.terminal:
        major, minor = run.terminal >> 8 & 0xFFF, run.terminal & MINORS | run.terminal >> 12 & ~0xFF
        process["tty"] = {"char_device": {"major": major, "minor": minor}}
    if run.ended:
        process["end"] = time_text(run.ended)
    if run.output and action != "exec":
        process["io"] = process_io(run.output)
    found: Document = {
        "@timestamp": time_text(run.at),
        "event": without_empty(
            kind="event",
            category=["process"],
            type=["start"] if action == "exec" else ["end"],
            action=action,
            start=time_text(run.at),
            end=time_text(run.ended) if run.ended else None,
            duration=_nanoseconds(run.lasted),
        ),
        "process": process,
        "file": {"path": program},
        "host": {"name": host},
    }
    user = run.lineage[0].user_id if run.lineage else None
    if user is not None:
        found["user"] = {"id": str(user)}
    if run.called:
        first = run.called[0]
        found["destination"] = without_empty(
            address=first.address, ip=first.address, port=first.port
        )
        found["network"] = without_empty(transport=first.transport)
    found["whence"] = {"run": _own(run)}
    return found


def _own(run: Run) -> Document:
    return without_empty(
        number=run.number,
        launch=run.launch,
        started_by=started_by(run),
        outcome=outcome(run),
        executed=run.executed,
        signal=run.signal,
        output=by_stream(run.output) if run.output else None,
        called=[
            without_empty(ip=one.address, port=one.port, transport=one.transport, count=one.count)
            for one in run.called
        ],
    )


def _count(counted: Counter[str], what: str) -> None:
    counted[what if what in counted or len(counted) < DISTINCT else OTHERS] += 1


def _launches(tally: Tally) -> str:
    named = [one for one in tally.launches.most_common(MOST + 1) if one[0] != OTHERS][:MOST]
    parts = [f"by {words}, {count} of {tally.count}" for words, count in named]
    rest = tally.count - sum(count for _, count in named)
    return "; ".join([*parts, *([f"by others, {rest} of {tally.count}"] if rest else [])])


def _called(tally: Tally) -> str:
    named = [one for one in tally.peers.most_common(MOST + 1) if one[0] != OTHERS][:MOST]
    if not named:
        return ""
    parts = [f"{peer} {_each(count, tally.ended)}".strip() for peer, count in named]
    more = len(tally.peers) - len(named)
    return f"it called {', '.join(parts)}" + (f" and {more} others" if more else "")


def _each(count: int, of: int) -> str:
    if count == of:
        return "each time" if of > 1 else ""
    return f"{count} times" if count > 1 else "once"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _nanoseconds(span: timedelta | None) -> Any:
    return None if span is None else round(span / timedelta(microseconds=1)) * 1000
