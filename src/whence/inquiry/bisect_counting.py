"""Read the counters of a switch beside the suspect's packets, until they tell the port."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from whence.inquiry.bisect_counters import Counted, Score, scores, verdict
from whence.model.bisection import Port
from whence.model.flow_documents import time_text
from whence.model.json_text import Document
from whence.world.mirror import CountsPackets
from whence.world.mirror_sniffer import MirrorSniffer

EVERY = 1.0  # s between two looks at the counters
KEPT = 100_000  # packets of which the times are kept


@dataclass(frozen=True, slots=True)
class Counters:
    """How it stands."""

    at: float
    packets: int
    intervals: int
    port: Port  # empty: it cannot be told
    because: str
    scores: tuple[Score, ...]

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        if not self.port:
            return f"Counters do not tell the port: {self.because}"
        return f"The traffic comes in at port {self.port} ({self.because})"

    @property
    def document(self) -> Document:
        """Write it as an ECS document."""
        own: Document = {
            "sentence": self.sentence,
            "packets": self.packets,
            "intervals": self.intervals,
            "scores": [
                {
                    "port": s.port,
                    "excluded": s.excluded,
                    "correlation": s.likeness,
                    "chance": s.chance,
                }
                for s in self.scores
            ],
        }
        document: Document = {
            "@timestamp": time_text(datetime.fromtimestamp(self.at, UTC)),
            "event": {"kind": "event", "category": ["network"], "action": "bisect-counters"},
            "whence": {"bisect": own},
        }
        if self.port:
            document["observer"] = {"ingress": {"interface": {"name": self.port}}}
        return document


def compare(
    switch: CountsPackets,
    sniffer: MirrorSniffer,
    ports: Sequence[Port],
    seconds: float,
    every: float = EVERY,
    clock: Callable[[], float] = time.time,
) -> Iterator[Counters]:
    """Yield how it stands, each time the counters were read; ^C ends it with what there is."""
    samples: list[Counted] = []
    packets: list[float] = []
    end = clock() + seconds
    with suppress(KeyboardInterrupt):
        while clock() < end:
            sample = _sample(switch, ports, clock)
            if samples and sample.packets == samples[-1].packets:
                samples.pop()  # an agent that counts anew only now and then, as net-snmp
            samples.append(sample)
            packets += [frame.at for frame in sniffer.frames(clock() + every)]
            del packets[KEPT:]
            if len(samples) > 2:
                now = _judged(samples, packets)
                yield now
                if now.because.startswith("certain"):
                    return
    yield _judged(samples, packets)


def _sample(switch: CountsPackets, ports: Sequence[Port], clock: Callable[[], float]) -> Counted:
    before = clock()
    counted = switch.counters()
    return Counted((before + clock()) / 2, {port: counted.get(port, 0) for port in ports})


def _judged(samples: Sequence[Counted], packets: Sequence[float]) -> Counters:
    found = scores(samples, packets)
    within = sum(samples[0].at <= at < samples[-1].at for at in packets) if samples else 0
    port, because = verdict(samples, found, within)
    at = samples[-1].at if samples else 0.0
    return Counters(at, within, max(0, len(samples) - 1), port, because, tuple(found))
