"""What a switch can tell and what not, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from whence.model import CannotAsk
from whence.model.plural import many
from whence.model.switching import Learned, Neighbour, Port, PortKind
from whence.world import Switch

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was asked of a switch, and how it answered."""

    what: str
    works: bool
    says: str = ""
    because: str = ""
    try_: str = ""


def check_switch(switch: Switch) -> Iterator[Told]:
    """Ask a switch everything, one after the other, and say what came of it."""
    try:
        identity = switch.identity()
    except CannotAsk as reason:
        yield Told("it answers", False, because=_because(reason), try_=reason.try_)
        return
    first = identity.description.partition("\n")[0]
    yield Told("it answers", True, f"{identity.name or 'without a name'}: {first}")
    yield _asked("ports", switch.ports, _ports, "look whether this user may see ifTable")
    yield _asked("the forwarding table", switch.learned, _learned, NO_TABLE)
    yield _asked("neighbours", switch.neighbours, _neighbours, NO_NEIGHBOURS)
    yield _asked("counters", switch.counters, lambda rows: f"of {many(len(rows), 'port')}", "")
    missing = switch.missing()
    for remark in switch.remarks():
        if remark in missing:
            yield Told("all of it", False, because=remark)
        else:
            yield Told("to be noted", True, remark)


NO_TABLE = (
    "look whether the community or user may see all of it (a view may leave out"
    " 1.3.6.1.2.1.17), and whether any host has sent something in the last five minutes"
)
NO_NEIGHBOURS = (
    "switch LLDP on, on this switch and its neighbours; places are found without it, too"
)


def _asked(
    what: str, ask: Callable[[], Iterable[Row]], say: Callable[[list[Row]], str], advice: str
) -> Told:
    try:
        rows = [*ask()]
    except CannotAsk as reason:
        return Told(what, False, because=_because(reason), try_=reason.try_)
    if not rows:
        return Told(what, False, because="it tells of none", try_=advice)
    return Told(what, True, say(rows))


def _ports(rows: list[Port]) -> str:
    physical = [port for port in rows if port.kind is PortKind.PHYSICAL]
    up = sum(port.up is True for port in physical)
    return f"{len(physical)} physical, {up} of them up; {many(len(rows) - len(physical), 'other')}"


def _learned(rows: list[Learned]) -> str:
    vlans = {vlan for row in rows for vlan in row.vlans}
    macs, ports = len({row.mac for row in rows}), len({row.port for row in rows})
    told = f"{many(macs, 'address', 'addresses')} at {many(ports, 'port')}"
    return told + (f", in {many(len(vlans), 'VLAN')}" if vlans else "")


def _neighbours(rows: list[Neighbour]) -> str:
    protocols = " and ".join(sorted({row.protocol.upper() for row in rows}))
    return f"{len(rows)}, by {protocols}"


def _because(reason: CannotAsk) -> str:
    return f"{reason}: {reason.because}" if reason.because else str(reason)
