"""Find the port by which traffic comes in: every verb of ``whence bisect`` as a function."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec

import whence.switches
from whence.inquiry import bisect_words
from whence.inquiry.bisect_counting import Counters, compare
from whence.inquiry.bisect_live import LiveSearch, Step, put_back, steps_again
from whence.inquiry.capture_target import patterns_of
from whence.model import BadInput, CannotStore
from whence.model.bisection import Event, Found, Plan, Port, Skipped
from whence.model.discovery import discover
from whence.model.given_file import must_be_readable
from whence.model.json_text import Document
from whence.model.port_names import read_ports
from whence.model.targets import parse_target
from whence.world import ThisHost, utc_now
from whence.world.mirror import (
    CountsPackets,
    KnowsStations,
    Mirror,
    MirrorAddress,
    MirrorDriver,
    check_ports,
    read_address,
)
from whence.world.mirror_folder import FOLDER, MirrorFolder, read_events, running_boot
from whence.world.mirror_sniffer import KEPT, MirrorSniffer, bpf
from whence.world.packet_filter import Filter, matching
from whence.world.places import Places
from whence.world.post import Secret

__all__ = [
    "Counters",
    "Told",
    "bring_back",
    "by_counters",
    "drivers",
    "is_searching",
    "left_behind",
    "needs_a_person",
    "replay",
    "reset",
    "resume",
    "skip",
    "start",
    "steps",
]

PASSWORD = "WHENCE_SSH_PASSWORD"  # in the environment, as for whence switch
MOMENT = 2.0  # s in which packets are counted, for the prior


@dataclass(frozen=True, slots=True)
class Told:
    """A step of a search, and how it is told."""

    step: Step
    plan: Plan

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        return bisect_words.sentence(self.plan, self.step)

    @property
    def rest(self) -> list[str]:
        """Say what else there is to say, at the end."""
        return [*bisect_words.rest(self.plan, self.step)]

    @property
    def document(self) -> Document:
        """Write it as an ECS document."""
        return bisect_words.document(self.plan, self.step)


def folder() -> MirrorFolder:
    """Give the folder of this user's search."""
    return MirrorFolder(Places.of_this_user().state / FOLDER)


def start(
    mirror: str,
    ports: str,
    interface: str,
    filter_: str,
    *,
    uplink: str = "",
    confidence: float = 0.999,
    burst: float | None = None,
    way: str = "mirror",
    prior: str = "equal",
    case: str = "",
) -> Iterator[Told]:
    """Begin to search, and yield each step; what was mirrored before is restored in the end.

    ``case`` is a case about a machine, or an IP or MAC address to begin one about: what is found
    is told there.

    Raises
    ------
    BadInput
        If a port, the filter or the URL is wrong, or there is a search already.
    CannotAsk
        If the switch or the interface cannot be used, or the switch ignores what it is told.

    """
    kept = folder()
    named = tuple(port for port in read_ports(ports) if port != uplink)
    if not named:
        raise BadInput(
            "there is no port to search among",
            because=f"{uplink} is the only one, and it is the uplink",
            try_="--ports with those that machines are plugged in at",
        )
    url = mirror or (f"cable:?machines={','.join(named)}" if way == "cable" else "")
    address = _with_secrets(read_address(url))
    plan = Plan(
        utc_now().timestamp(), address.host or address.scheme, named, uplink, confidence, (),
        burst, address.text, interface, filter_, way,
    )  # fmt: skip
    if case:
        from whence.api.bisect_cases import for_case  # not before: it is large

        plan = for_case(plan, case)
    with kept.alone():
        _bring_back(kept)
        if kept.goes_on():
            raise BadInput(
                "there is a search already",
                because=f"its log is {kept.log}",
                try_="whence bisect resume, or: whence bisect reset",
            )
        yield from _search(kept, address, [plan], prior)


def resume(mirror: str = "") -> Iterator[Told]:
    """Go on with the search that was stopped or killed; as ``start``."""
    kept = folder()
    with kept.alone():
        events = _unfinished(kept)
        plan = events[0]
        assert isinstance(plan, Plan)
        yield from _search(kept, _with_secrets(read_address(mirror or plan.mirror)), events)


def steps() -> list[Told]:
    """Give the steps of the search that there is."""
    return _told(_events(folder()))


def replay(file: Path) -> list[Told]:
    """Give the steps that a log leads to."""
    must_be_readable(file, "give a log.jsonl")
    events = read_events(file)
    if not events:
        raise BadInput(f"{file} is not the log of a search", because="it is empty")
    return _told(events)


def skip(port: Port) -> None:
    """Go on without a port that cannot be mirrored."""
    kept = folder()
    with kept.alone():
        plan = _unfinished(kept)[0]
        assert isinstance(plan, Plan)
        check_ports([port], plan.ports, plan.switch)
        with closing(kept):
            kept.note(Skipped(utc_now().timestamp(), port, "the user said so"))


def by_counters(
    mirror: str, ports: str, interface: str, filter_: str, span: timedelta
) -> Iterator[Counters]:
    """Compare the suspect's packets with what ports count, once a second, and yield how it stands.

    Ends after a span, or when it is certain; nothing is changed.

    Raises
    ------
    BadInput, CannotAsk
        As ``start``; and if the switch does not tell counters.

    """
    named = read_ports(ports)
    address = _with_secrets(read_address(mirror))
    with (
        MirrorSniffer(interface, _filter(filter_)) as sniffer,
        closing(_driver(address).open(address)) as switch,
    ):
        if not isinstance(switch, CountsPackets):
            raise BadInput(
                f"{switch.switch} does not tell counters", try_="smon://, tc:// or ovs://"
            )
        check_ports(named, [*switch.counters()], switch.switch)
        yield from compare(switch, sniffer, named, span.total_seconds())


def reset(mirror: str = "") -> list[str]:
    """Bring back what was mirrored before, and forget the search; say what was done."""
    kept = folder()
    if not kept.path.is_dir():
        return []
    with kept.alone():
        said = [done] if (done := _bring_back(kept, mirror)) else []
        if kept.forget():
            said.append("the search is forgotten")
        return said


def left_behind() -> str:
    """Say which switch a search that was killed left mirroring; empty if there is none."""
    before = folder().before()
    return before.switch if before else ""


def needs_a_person() -> bool:
    """Say whether what a search left can only be brought back by somebody's hands."""
    before = folder().before()
    if before is None:
        return False
    scheme = read_address(before.mirror).scheme
    return any(scheme in driver.schemes for driver in drivers() if driver.by_hand)


def is_searching() -> bool:
    """Say whether a search goes on just now, in another process."""
    try:
        with folder().alone():
            return False
    except CannotStore:
        return True


def bring_back() -> str:
    """Bring back what a search that was killed left mirrored; say so.

    Raises
    ------
    CannotStore
        If a search goes on just now.
    CannotAsk
        If the switch cannot be used.

    """
    kept = folder()
    with kept.alone():
        return _bring_back(kept)


def _bring_back(kept: MirrorFolder, mirror: str = "") -> str:
    before = kept.before()
    if before is None:
        return ""
    address = _with_secrets(read_address(mirror or before.mirror))
    driver = _driver(address)
    if not driver.outlives_boot and before.boot and before.boot != running_boot():
        kept.was_put_back()
        return f"{before.switch} has forgotten all mirrors when this machine restarted"
    with closing(driver.open(address)) as switch:
        return put_back(switch, kept)


def drivers() -> list[MirrorDriver]:
    """Give the ways in which switches are told what to mirror."""
    return sorted(discover(whence.switches, MirrorDriver, {}), key=lambda driver: driver.schemes)


def _search(
    kept: MirrorFolder, address: MirrorAddress, events: Sequence[Event], prior: str = "equal"
) -> Iterator[Told]:
    plan = events[0]
    assert isinstance(plan, Plan)
    which = _filter(plan.filter)
    driver = _driver(address)
    with (
        MirrorSniffer(plan.interface, which) as sniffer,
        closing(driver.open(address)) as switch,
    ):
        if plan.way == "mirror":
            uplink = [plan.uplink] if plan.uplink else []
            check_ports([*plan.ports, *uplink], switch.names(), switch.switch)
        if len(events) == 1:
            weights = _weights(switch, plan) if prior == "counters" else ()
            plan = msgspec.structs.replace(plan, switch=switch.switch, weights=weights)
            events = [plan]
        live = LiveSearch(
            switch, sniffer, kept, address.text, _stations(switch), settles=driver.settles
        )
        last: Step | None = None
        with closing(live.steps(events)) as steps_:
            for last in steps_:
                yield Told(last, plan)
        kept.finish()
    if last and isinstance(last.result, Found) and plan.about:
        from whence.api.bisect_cases import tell_case  # not before, as above

        tell_case(kept, plan, last, last.result)


def _weights(switch: Mirror, plan: Plan) -> tuple[float, ...]:
    """Count for a moment what comes in by each port; one that nothing comes in by is unlikely."""
    if not isinstance(switch, CountsPackets):
        raise BadInput(f"{switch.switch} does not tell counters", try_="--prior equal")
    before = switch.counters()
    time.sleep(MOMENT)
    after = switch.counters()
    return tuple(max(0, after.get(p, 0) - before.get(p, 0)) + 0.1 for p in plan.ports)


def _told(events: Sequence[Event]) -> list[Told]:
    plan = events[0]
    assert isinstance(plan, Plan)
    return [Told(step, plan) for step in steps_again(events)]


def _stations(switch: Mirror) -> dict[str, Port]:
    """Ask which station is behind which port, where the driver can say."""
    return switch.stations() if isinstance(switch, KnowsStations) else {}


def _filter(text: str) -> Filter:
    """Take a target, or what tcpdump takes."""
    try:
        target = parse_target(text, ThisHost().name)
        if not text.strip().isdecimal():
            return matching(patterns_of(target), KEPT)
    except BadInput:
        pass
    return bpf(text)


def _driver(address: MirrorAddress) -> MirrorDriver:
    known = drivers()
    for driver in known:
        if address.scheme in driver.schemes:
            return driver
    names = sorted(scheme for driver in known for scheme in driver.schemes)
    raise BadInput(
        f"switches are not spoken to by “{address.scheme}”", try_=f"one of {', '.join(names)}"
    )


def _events(kept: MirrorFolder) -> list[Event]:
    if events := kept.events():
        return events
    raise BadInput("there is no search", try_="whence bisect start --help")


def _unfinished(kept: MirrorFolder) -> list[Event]:
    if kept.goes_on():
        return _events(kept)
    raise BadInput("there is no search that could go on", try_="whence bisect start --help")


def _with_secrets(address: MirrorAddress) -> MirrorAddress:
    """Fill in what is in the environment, and not in the URL that was kept."""
    if not address.password and (password := os.environ.get(PASSWORD)):
        return replace(address, password=Secret(password))
    return address
