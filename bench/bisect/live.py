"""Searches on the real switches of the lab, each with a port and traffic drawn from its seed."""

from __future__ import annotations

import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whence.inquiry.bisect_live import LiveSearch
from whence.lab.office_switch import Kind, OfficeSwitch
from whence.lab.office_traffic import FILTER, ORDINARY, OfficeTraffic, Source
from whence.model import WhenceError
from whence.model.bisection import Found, Plan, Stopped
from whence.switches.mirror_linux import TC
from whence.switches.mirror_openvswitch import OPEN_VSWITCH
from whence.world.mirror import KnowsStations, Mirror, Mirrors, read_address
from whence.world.mirror_folder import MirrorFolder
from whence.world.mirror_sniffer import MirrorSniffer, bpf
from whence.world.namespaces import inside

KINDS: tuple[Kind, ...] = ("bridge", "ovs")
PORTS = (24, 48)
PACES = {"1/s": (1.0, 1), "10/s": (10.0, 1), "bursts": (1.0, 10)}  # events a second, frames of each
ALIKE = (0.0, 0.1, 0.5)


@dataclass(frozen=True)
class Way:
    """A row of the table."""

    kind: Kind
    ports: int
    uplink: bool
    pace: str
    alike: float  # look-alikes for each event of the suspect


@dataclass(frozen=True)
class Run:
    """How one search on a real switch ended."""

    way: Way
    number: int  # which of the searches of this way; the seed is made of both
    truth: str
    found: str  # empty: none
    first: str  # that the control test was about at first
    seconds: float  # until the control test
    changes: int
    total: float
    restored: bool
    late: float  # s, the longest that a frame was sent after its time
    dropped: int  # frames by the kernel
    because: str = ""


def ways() -> Iterator[Way]:
    """Give all rows, those of a switch together."""
    for kind, ports, alike, pace, uplink in itertools.product(
        KINDS, PORTS, ALIKE, PACES, (True, False)
    ):
        yield Way(kind, ports, uplink, pace, alike)


def search_once(switch: OfficeSwitch, way: Way, number: int) -> Run:
    """Search for a port of a switch that is up."""
    chance = random.Random(f"{way}{number}")
    port = chance.randrange(1, switch.ports)
    rate, burst = PACES[way.pace]
    others = [Source(n, 1, ORDINARY) for n in range(1, switch.ports) if n != port]
    alike = [Source(0, rate * way.alike, burst=burst)] if way.alike else []
    sources = (Source(port, rate, burst=burst), *alike, *others)
    driver = TC if way.kind == "bridge" else OPEN_VSWITCH
    mirror = driver.open(read_address(switch.mirror))
    listening = inside(f"/run/netns/{switch.desk}", lambda: MirrorSniffer("mon0", bpf(FILTER)))
    with (
        tempfile.TemporaryDirectory() as kept,
        OfficeTraffic(switch, *sources, seed=chance.getrandbits(32)) as traffic,
        listening,
    ):
        time.sleep(0.3)
        told = _follow(mirror, listening, Path(kept), switch, way)
    return Run(way, number, f"p{port}", restored=mirror.mirrored() == Mirrors(),
               late=traffic.late, dropped=listening.dropped, **told)  # fmt: skip


def _follow(
    mirror: Mirror, listening: MirrorSniffer, kept: Path, switch: OfficeSwitch, way: Way
) -> dict[str, object]:
    stations = mirror.stations() if isinstance(mirror, KnowsStations) else {}
    plan = Plan(time.time(), "sw1", switch.names[:-1], switch.uplink if way.uplink else "")
    live = LiveSearch(mirror, listening, MirrorFolder(kept), "", stations)
    began, tested, changes, because, found, first = time.time(), 0.0, 0, "", "", ""
    try:
        for step in live.steps([plan]):
            assert live.search
            first = first or live.search.tested
            if not first:
                tested, changes = time.time() - began, step.changes
            if isinstance(step.result, Found):
                found = step.result.port
            elif isinstance(step.result, Stopped):
                because = step.result.because
    except WhenceError as e:
        because = f"{e}: {e.because}"
    return {"found": found, "first": first, "seconds": tested, "changes": changes,
            "total": time.time() - began, "because": because}  # fmt: skip
