"""What the probes of stations have in common: lines of JSON in, and what several of them state."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from whence.model import (
    BadInput,
    CannotAsk,
    Confidence,
    Evidence,
    Fact,
    Hostname,
    Ip,
    Line,
    Mac,
    Reading,
)
from whence.model.leases import Lease, leases
from whence.model.mac_addresses import canonical_mac
from whence.world import LeaseFiles

MOST = 8  # addresses of one machine that are asked about in turn; a router may answer for hundreds
ANSWERED = {  # states in which the kernel has just heard from a neighbour, or was told by hand
    "REACHABLE": Confidence.CERTAIN,
    "DELAY": Confidence.CERTAIN,
    "PROBE": Confidence.CERTAIN,
    "PERMANENT": Confidence.CERTAIN,
    "OWN": Confidence.CERTAIN,
    "STALE": Confidence.LIKELY,  # it was so when they last spoke, and an address can move
}
SILENT = ("FAILED", "INCOMPLETE")  # asked, and nobody has answered: ip-neighbour(8)

Row = dict[str, Any]


def rows(reading: Reading) -> Iterator[tuple[Row, Line]]:
    """Read each line as a JSON object; one that is none is passed over."""
    for line in reading.lines():
        try:
            row = msgspec.json.decode(str(line))
        except msgspec.DecodeError:
            continue
        if isinstance(row, dict):
            yield row, line


def dropped(reading: Reading) -> str:
    """Say what came as an answer and was not taken; empty: nothing."""
    counted: Row = next((row["dropped"] for row, _ in rows(reading) if "dropped" in row), {})
    return ", ".join(f"{count} {why}" for why, count in counted.items())


def not_taken(thing: Ip, reading: Reading) -> Iterator[Fact]:
    """State what came as an answer and was not taken, so that nothing is lost silently."""
    if why := dropped(reading):
        yield thing.fact("answered-oddly", f"{why} ({reading.source})", reading.whole())


def named(thing: Ip | Mac, name: str, evidence: Evidence) -> Iterator[Fact]:
    """State a name that a machine, or somebody about it, says it has."""
    if name := name.strip().rstrip("."):
        yield thing.fact("is-named", Hostname(name), evidence, confidence=Confidence.REPORTED)


def system_by_ttl(thing: Ip, ttl: int, evidence: Evidence) -> Iterator[Fact]:
    """State what system begins with such a time to live, less the routers on the way.

    The values are those that systems have had since long: 64, 128 and 255.
    """
    for start, who in ((64, "Linux, macOS, Android or BSD"), (128, "Windows")):
        if start - 8 < ttl <= start:
            text = f"{who}, by a time to live of {ttl}"
            yield thing.fact("may-run", text, evidence, confidence=Confidence.POSSIBLE)


def mac(text: object) -> Mac | None:
    """Name a MAC address as a thing; None where the text is none, or all zeros."""
    found = canonical_mac(text) if isinstance(text, str) else None
    return Mac(found) if found and found.strip("0:") else None


def all_leases(files: LeaseFiles) -> Iterator[tuple[str, Reading, tuple[Lease, ...]]]:
    """Read each file of leases.

    Raises
    ------
    CannotAsk
        If there are files, and none of them can be read.

    """
    refusals: list[BadInput | CannotAsk] = []
    names = [str(name) for name in files.files().lines() if name]
    for name in names:
        try:
            reading = files.contents(name)
            yield name, reading, _leases_of(reading)
        except (BadInput, CannotAsk) as reason:
            refusals.append(reason)
    if refusals and len(refusals) == len(names):
        raise refusals[0] if isinstance(refusals[0], CannotAsk) else _unreadable(refusals[0])


@lru_cache(maxsize=4)
def _leases_of(reading: Reading) -> tuple[Lease, ...]:
    """Read a file once for all that ask about it: a large one takes seconds."""
    return tuple(leases(reading))


def _unreadable(reason: BadInput) -> CannotAsk:
    return CannotAsk(str(reason), because=reason.because, try_=reason.try_)


def lease_text(name: str, lease: Lease, reading: Reading) -> str:
    """Say until when a lease is or was, and who wrote it down."""
    held = lease.holds(reading.taken)
    end = f"{lease.ends:%Y-%m-%d %H:%M} UTC" if lease.ends else "no end that is told"
    return f"{'until' if held else 'ended'} {end}, {name}"
