"""Who is loud: by station, pair, port, protocol; against the others, robustly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from whence.analysis._sums import Peer, Place, Sums, TableSums, Talker, Totals
from whence.analysis._words import (
    TUNNELS,
    WITH_PORTS,
    end,
    is_for_many,
    number,
    percent,
    protocol,
    span,
)
from whence.model.flow_tables import SKETCHES
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOUD = 5.0  # times the median, and as many robust deviations above it
FEW = 5  # others; the median of fewer says nothing

# All that is asked for here, of the table of flows.
COLUMNS = (
    "flow", "file", "interface", "first", "last", "source_mac", "destination_mac", "vlan",
    "tunnel", "source_ip", "destination_ip", "source_port", "destination_port", "protocol",
    "transport", "source_packets", "source_bytes", "source_payload", "destination_packets",
    "destination_bytes", "destination_payload", "source_wire_bytes", "destination_wire_bytes",
    "syns", "answers", "source_ttl_max", "destination_ttl_max", *SKETCHES,
)  # fmt: skip

GROUPS = ("station", "mac", "pair", "port", "protocol")
MEASURES = ("packets", "bytes", "flows")


@dataclass(frozen=True, slots=True)
class Talkers:
    """Who is loud, the loudest first."""

    sentence: str
    by: str
    measure: str
    rows: tuple[Talker, ...]
    others: int  # inside senders that the loudest was compared with
    median: float  # of what those sent
    totals: Totals | None
    places: tuple[Place, ...]
    ran: timedelta | None = None  # how long it was captured, where time stamps go back


def talkers(
    tables: DuckDBPyConnection,
    *,
    by: str = "station",
    measure: str = "packets",
    most: int = 20,
    ran: timedelta | None = None,
) -> Talkers:
    """Rank who is loud in tables."""
    return ranking(TableSums(tables), by=by, measure=measure, most=most, ran=ran)


def ranking(
    sums: Sums,
    *,
    by: str = "station",
    measure: str = "packets",
    most: int = 20,
    ran: timedelta | None = None,
) -> Talkers:
    """Rank who is loud, by what their flows add up to.

    ``ran`` is how long it was captured, where first and last time stamp do not say it.
    """
    totals = sums.totals()
    if totals is None:
        return Talkers("There is no IP traffic in it.", by, measure, (), 0, 0.0, None, ())
    rows = sums.ranked(by, measure, most)
    if by != "station":
        rows = [replace(row, name=_group(row.name, by)) for row in rows]
        sentence = _sentence_of_share(rows[0], by, measure, totals)
        return Talkers(sentence, by, measure, tuple(rows), 0, 0.0, totals, sums.places(), ran)
    # Where nothing of the site's own is seen, everybody is compared with everybody.
    inside = sums.inside_amounts(measure)
    others = inside or sums.amounts(measure)
    middle, spread = _middle(others)
    roles = sums.roles([row.name for row in rows])
    shown = tuple(_compared(row, measure, middle, spread, roles) for row in rows)
    loudest = _compared(
        _loudest(sums, measure, rows, bool(inside), roles), measure, middle, spread, roles
    )
    sentence = _sentence(
        loudest, measure, sums.main_peer(loudest.name, measure), len(others) - 1,
        ran or totals.last - totals.first,
        louder=[row for row in shown if row.measured(measure) > loudest.measured(measure)],
    )  # fmt: skip
    return Talkers(
        sentence, by, measure, shown, len(others) - 1, middle, totals, sums.places(), ran
    )


def _group(name: str, by: str) -> str:
    """Name a port or a protocol; one without ports has its own name, in place of 0/gre."""
    if by not in ("port", "protocol"):
        return name
    port, _, transport = name.rpartition("/")
    return name if port not in ("", "0") or transport in WITH_PORTS else protocol(transport)


def _loudest(
    sums: Sums,
    measure: str,
    rows: Sequence[Talker],
    inside: bool,
    roles: Mapping[str, tuple[str, ...]],
) -> Talker:
    """Find the loudest that has no role, and is inside if anybody is; else the loudest of all.

    The rows are those at the top; servers may be before it, so that more have to be asked for.
    """
    most = max(1, len(rows))
    while True:
        for row in rows:
            if (row.inside or not inside) and row.name not in roles:
                return row
        if len(rows) < most:
            return rows[0]
        most *= 8
        rows = sums.ranked("station", measure, most)
        roles = sums.roles([row.name for row in rows])


def _middle(values: Sequence[int]) -> tuple[float, float]:
    """Give the median and a robust deviation: 1.4826 MAD, which is σ where all is normal.

    Where half of the values are the median the MAD is 0; then 1.2533 times the mean distance
    from it takes its place (Iglewicz and Hoaglin, 1993).
    """
    if not values:
        return 0.0, 0.0
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    return middle, 1.4826 * median(distances) or 1.2533 * sum(distances) / len(distances)


def _compared(
    row: Talker,
    measure: str,
    middle: float,
    spread: float,
    roles: Mapping[str, tuple[str, ...]],
) -> Talker:
    value = row.measured(measure)
    return replace(
        row,
        roles=roles.get(row.name, ()),
        times=value / middle if middle else None,
        score=(value - middle) / spread if spread else None,
    )


def _sentence(
    loudest: Talker,
    measure: str,
    peer: Peer | None,
    others: int,
    length: timedelta,
    louder: Sequence[Talker],
) -> str:
    amount = many(loudest.measured(measure), measure.removesuffix("s"))
    main = _mainly(peer, loudest.name, loudest.measured(measure))
    during = f"in {span(length.total_seconds())}"
    if others < FEW or loudest.times is None:
        return (
            f"{loudest.name} sends most{_of_whom(louder, others + 1)}, {amount} {during}{main}; "
            f"there are too few others ({others}) to say what is usual."
        )
    if loudest.times < LOUD or (loudest.score or 0) < LOUD:
        return (
            f"Nobody stands out: the loudest, {loudest.name}, sends {number(loudest.times)} times "
            f"the median of its {others:,} neighbours ({amount} {during}{main})."
        )
    return (
        f"{loudest.name} is {number(loudest.times)} times louder than the median of its "
        f"{others:,} neighbours: {amount} {during}{main}."
    )


def _of_whom(louder: Sequence[Talker], compared: int) -> str:
    """Say of whom somebody sends most, where others send more."""
    if any(not row.inside for row in louder):
        return f" of the {compared} inside addresses (--internal NETWORK adds to what is inside)"
    return " beside gateways and servers" if louder else ""


def _mainly(peer: Peer | None, station: str, whole: int) -> str:
    """Say where most of it goes, and whether an answer comes from there, if any is wanted."""
    if peer is None:
        return ""
    needs_none = (
        not peer.waits
        or is_for_many(peer.address, station)
        or (peer.transport == "udp" and peer.port in TUNNELS)
    )
    silent = "" if peer.answered or needs_none else ", which never answered"
    if peer.refused:
        silent += f" ({peer.refused})"
    share = percent(peer.amount, whole)
    return f", {share} of them to {end(peer.address, peer.port, peer.transport)}{silent}"


def _sentence_of_share(row: Talker, by: str, measure: str, totals: Totals) -> str:
    whole = {"packets": totals.packets, "bytes": totals.bytes, "flows": totals.flows}[measure]
    amount = f"{number(row.measured(measure))} of {number(whole)} {measure}"
    verb = {"mac": "sends", "pair": "exchange", "port": "carries", "protocol": "carries"}[by]
    return f"{row.name} {verb} most: {amount} ({percent(row.measured(measure), whole)})."
