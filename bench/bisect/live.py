"""Searches on the real switches of the lab, each run with a port and a rate drawn from a seed."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whence.inquiry.bisect_live import LiveSearch
from whence.lab.office_switch import Kind, OfficeSwitch, office_switch
from whence.lab.office_traffic import FILTER, ORDINARY, OfficeTraffic, Source
from whence.model import WhenceError
from whence.model.bisection import Found, Plan, Stopped
from whence.switches.mirror_linux import TC
from whence.switches.mirror_openvswitch import OPEN_VSWITCH
from whence.world.mirror import KnowsStations, Mirrors, read_address
from whence.world.mirror_folder import MirrorFolder
from whence.world.mirror_sniffer import MirrorSniffer, bpf
from whence.world.namespaces import inside

RATES = (3.0, 10.0)
ALIKE = 0.1


@dataclass(frozen=True)
class Run:
    """How one search on a real switch ended."""

    kind: str
    ports: int
    uplink: bool
    rate: float
    truth: str
    found: str  # empty: none
    seconds: float  # until the control test
    changes: int
    total: float
    restored: bool
    because: str = ""


def live_runs(runs: int, chance: random.Random) -> Iterator[Run]:
    """Search so many times on each kind of switch, with and without its uplink."""
    for number in range(runs):
        kinds: tuple[Kind, ...] = ("bridge", "ovs")
        for kind in kinds:
            with office_switch(48 if number % 5 == 4 else 24, kind) as switch:
                for uplink in (True, False):
                    run = _run(switch, kind, uplink, chance)
                    print(run, flush=True)
                    yield run


def _run(switch: OfficeSwitch, kind: Kind, uplink: bool, chance: random.Random) -> Run:
    port, rate, seed = chance.randrange(1, switch.ports), chance.choice(RATES), chance.random()
    others = [Source(n, 1, ORDINARY) for n in range(1, switch.ports) if n != port]
    sources = (Source(port, rate), Source(0, rate * ALIKE), *others)
    driver = TC if kind == "bridge" else OPEN_VSWITCH
    mirror = driver.open(read_address(switch.mirror))
    listening = inside(f"/run/netns/{switch.desk}", lambda: MirrorSniffer("mon0", bpf(FILTER)))
    plan = Plan(time.time(), "sw1", switch.names[:-1], switch.uplink if uplink else "")
    with (
        tempfile.TemporaryDirectory() as kept,
        OfficeTraffic(switch, *sources, seed=int(seed * 1e9)),
        listening,
    ):
        time.sleep(0.3)
        stations = mirror.stations() if isinstance(mirror, KnowsStations) else {}
        live = LiveSearch(mirror, listening, MirrorFolder(Path(kept)), "", stations)
        began, tested, changes, because, found = time.time(), 0.0, 0, "", ""
        try:
            for step in live.steps([plan]):
                if live.search and live.search.phase not in ("control", "others", "end"):
                    tested, changes = time.time() - began, step.changes
                if isinstance(step.result, Found):
                    found = step.result.port
                elif isinstance(step.result, Stopped):
                    because = step.result.because
        except WhenceError as e:
            because = f"{e}: {e.because}"
    total = time.time() - began
    restored = mirror.mirrored() == Mirrors()
    return Run(kind, switch.ports, uplink, rate, f"p{port}", found, tested, changes, total,
               restored, because)  # fmt: skip
