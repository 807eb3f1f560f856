"""Who is loud: by station, pair, port, protocol; against the others, robustly; over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from whence.analysis._roles import roles_of
from whence.analysis._words import end, number, percent, span, utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOUD = 5.0  # times the median, and as many robust deviations above it
FEW = 5  # others; the median of fewer says nothing
BUCKETS = 60  # at most, over the whole time
WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 6 * 3600, 86400)  # seconds; then whole days

# All that is asked for here, of the table of flows.
COLUMNS = (
    "flow", "file", "interface", "first", "last", "source_mac", "destination_mac", "vlan",
    "tunnel", "source_ip", "destination_ip", "source_port", "destination_port", "protocol",
    "transport", "source_packets", "source_bytes", "destination_packets", "destination_bytes",
    "source_wire_bytes", "destination_wire_bytes",
)  # fmt: skip

GROUPS = ("station", "mac", "pair", "port", "protocol")
MEASURES = ("packets", "bytes", "flows")


@dataclass(frozen=True, slots=True)
class Talker:
    """What one station, pair, port or protocol sent and received."""

    name: str
    packets: int  # sent; of a pair, a port, a protocol: in both directions
    bytes: int  # IP bytes; of a MAC address, bytes on the wire
    flows: int  # begun
    received_packets: int = 0
    received_bytes: int = 0
    peers: int = 0
    inside: bool = False
    roles: tuple[str, ...] = ()  # why it may well be louder than others
    times: float | None = None  # how many times the median of the other inside senders
    score: float | None = None  # robust deviations above it
    source: str | None = None  # of a pair
    destination: str | None = None

    def measured(self, measure: str) -> int:
        """Give the number that a ranking goes by."""
        return {"packets": self.packets, "bytes": self.bytes, "flows": self.flows}[measure]


@dataclass(frozen=True, slots=True)
class Totals:
    """All traffic, each packet once, as the outermost header has it."""

    flows: int
    packets: int
    bytes: int
    first: datetime
    last: datetime
    repeated: int  # flow rows left out, because another place had counted their packets


@dataclass(frozen=True, slots=True)
class Place:
    """An interface or VLAN, and how much of the traffic was counted there."""

    interface: str
    vlan: str
    flows: int
    repeated: int


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


def talkers(
    tables: DuckDBPyConnection, *, by: str = "station", measure: str = "packets", most: int = 20
) -> Talkers:
    """Rank who is loud."""
    totals = _totals(tables)
    if totals is None:
        return Talkers("There is no traffic in it.", by, measure, (), 0, 0.0, None, ())
    rows = sorted(_GROUPINGS[by](tables), key=lambda row: (-row.measured(measure), row.name))
    places = _places(tables)
    if by != "station":
        sentence = _sentence_of_share(rows[0], by, measure, totals)
        return Talkers(sentence, by, measure, tuple(rows[:most]), 0, 0.0, totals, places)
    # Where nothing of the site's own is seen, everybody is compared with everybody.
    inside = any(row.inside and row.measured(measure) for row in rows)
    others = [
        row.measured(measure)
        for row in rows
        if row.measured(measure) and (row.inside or not inside)
    ]
    middle, spread = _middle(others)
    roles = roles_of(tables)
    loudest = next(
        (row for row in rows if (row.inside or not inside) and row.name not in roles), rows[0]
    )
    shown = tuple(_compared(row, measure, middle, spread, roles) for row in rows[:most])
    loudest = _compared(loudest, measure, middle, spread, roles)
    sentence = _sentence(tables, loudest, measure, len(others) - 1, totals)
    return Talkers(sentence, by, measure, shown, len(others) - 1, middle, totals, places)


@dataclass(frozen=True, slots=True)
class Course:
    """How much some stations sent, from moment to moment."""

    begin: datetime
    width: timedelta  # of one bucket
    sent: Mapping[str, tuple[float, ...]]  # by station, a number for each bucket


def course(
    tables: DuckDBPyConnection, stations: Sequence[str], measure: str = "packets"
) -> Course | None:
    """Say when stations sent. What a flow sent is spread evenly from its first to its last packet.

    A flow table does not keep the time of each packet; long flows are smoother here than they
    were.
    """
    totals = _totals(tables)
    if totals is None:
        return None
    length = (totals.last - totals.first).total_seconds()
    width = next(
        (w for w in WIDTHS if length / w < BUCKETS), 86400 * (1 + int(length / 86400 / BUCKETS))
    )
    column = {"packets": "packets", "bytes": "bytes", "flows": "begun"}[measure]
    found = tables.execute(
        f"""WITH spread AS (
            SELECT station, {column} AS amount, "first", "last",
                (epoch("first") - $begin) / $width AS enters,
                (epoch("last") - $begin) / $width AS leaves
            FROM ({_SIDES}) SEMI JOIN (SELECT unnest($stations::VARCHAR[]) AS station)
                USING (station)
            WHERE {column} > 0
        ), parts AS (
            SELECT *, unnest(range(floor(enters)::BIGINT, floor(leaves)::BIGINT + 1)) AS bucket
            FROM spread
        )
        SELECT station, bucket, sum(amount * CASE WHEN leaves > enters
            THEN (least(leaves, bucket + 1) - greatest(enters, bucket)) / (leaves - enters)
            ELSE 1 END)
        FROM parts GROUP BY station, bucket""",
        {"begin": totals.first.timestamp(), "width": width, "stations": [*stations]},
    ).fetchall()
    sent: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for station, bucket, amount in found:
        sent[station][bucket] = amount
    buckets = range(int(length / width) + 1)
    return Course(
        totals.first,
        timedelta(seconds=width),
        {station: tuple(sent[station].get(n, 0.0) for n in buckets) for station in stations},
    )


# One row for each end of a flow: what it sent, what it received. An inner packet is its own
# stations' traffic, and the outer one that of the tunnel's ends.
_SIDES = """
    SELECT source_ip AS station, destination_ip AS peer, source_packets AS packets,
        source_bytes AS bytes, destination_packets AS received_packets,
        destination_bytes AS received_bytes, 1 AS begun, "first", "last" FROM counted
    UNION ALL
    SELECT destination_ip, source_ip, destination_packets, destination_bytes, source_packets,
        source_bytes, 0, "first", "last" FROM counted"""

_SUMS = """sum(packets)::BIGINT, sum(bytes)::BIGINT, sum(begun)::BIGINT,
    sum(received_packets)::BIGINT, sum(received_bytes)::BIGINT"""


def _by_station(tables: DuckDBPyConnection) -> list[Talker]:
    # Pairs first: they are fewer than flows, and both ends need the same sums.
    found = tables.execute(
        f"""WITH pairs AS (
            SELECT source_ip, destination_ip, sum(source_packets) AS source_packets,
                sum(source_bytes) AS source_bytes, sum(destination_packets) AS destination_packets,
                sum(destination_bytes) AS destination_bytes, count(*) AS flows
            FROM counted GROUP BY source_ip, destination_ip
        ), sides AS (
            SELECT source_ip AS station, destination_ip AS peer, source_packets AS packets,
                source_bytes AS bytes, destination_packets AS received_packets,
                destination_bytes AS received_bytes, flows AS begun FROM pairs
            UNION ALL
            SELECT destination_ip, source_ip, destination_packets, destination_bytes,
                source_packets, source_bytes, 0 FROM pairs
        )
        SELECT station, {_SUMS}, count(DISTINCT hash(peer)) FILTER (peer IS NOT NULL),
            station IN (FROM inside)
        FROM sides WHERE station IS NOT NULL GROUP BY station"""
    ).fetchall()
    return [Talker(*row) for row in found]


def _by_mac(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(
        f"""SELECT station, {_SUMS}, count(DISTINCT peer), TRUE FROM (
            SELECT source_mac AS station, destination_mac AS peer, source_packets AS packets,
                source_wire_bytes AS bytes, destination_packets AS received_packets,
                destination_wire_bytes AS received_bytes, 1 AS begun
            FROM counted WHERE tunnel = ''
            UNION ALL
            SELECT destination_mac, source_mac, destination_packets, destination_wire_bytes,
                source_packets, source_wire_bytes, 0
            FROM counted WHERE tunnel = '')
        WHERE station IS NOT NULL GROUP BY station"""
    ).fetchall()
    return [Talker(*row) for row in found]


_BOTH = """sum(source_packets + destination_packets)::BIGINT,
    sum(source_bytes + destination_bytes)::BIGINT, count(*)"""


def _by_pair(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(
        f"SELECT source_ip, destination_ip, {_BOTH} FROM counted GROUP BY ALL"
    ).fetchall()
    return [
        Talker(f"{source} → {destination}", packets, size, flows, source=source,
               destination=destination)
        for source, destination, packets, size, flows in found
    ]  # fmt: skip


def _by_port(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(
        f"""SELECT CASE WHEN transport LIKE '%icmp' THEN transport || ' type ' || source_port
            WHEN destination_port IS NULL THEN transport
            ELSE destination_port || '/' || transport END, {_BOTH} FROM counted GROUP BY 1"""
    ).fetchall()
    return [Talker(*row) for row in found]


def _by_protocol(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(f"SELECT transport, {_BOTH} FROM counted GROUP BY 1").fetchall()
    return [Talker(*row) for row in found]


_GROUPINGS = {
    "station": _by_station,
    "mac": _by_mac,
    "pair": _by_pair,
    "port": _by_port,
    "protocol": _by_protocol,
}


def _totals(tables: DuckDBPyConnection) -> Totals | None:
    flows, packets, size, first, last = _row(
        tables,
        f"""SELECT count(*), {_BOTH.rpartition(",")[0]}, min("first"), max("last")
        FROM counted WHERE tunnel = ''""",
    )
    if not flows:
        return None
    (repeated,) = _row(tables, "SELECT count(*) FROM shadowed")
    return Totals(flows, packets, size, utc(first), utc(last), repeated)


def _places(tables: DuckDBPyConnection) -> tuple[Place, ...]:
    found = tables.execute(
        """SELECT interface, vlan, count(*) FILTER (shadowed.flow IS NULL), count(shadowed.flow)
        FROM flows LEFT JOIN shadowed USING (flow) GROUP BY ALL ORDER BY 3 DESC, 1, 2"""
    ).fetchall()
    return tuple(Place(*row) for row in found)


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
    tables: DuckDBPyConnection, loudest: Talker, measure: str, others: int, totals: Totals
) -> str:
    amount = f"{number(loudest.measured(measure))} {measure}"
    main = _main_peer(tables, loudest, measure)
    during = f"in {span((totals.last - totals.first).total_seconds())}"
    if others < FEW or loudest.times is None:
        return (
            f"{loudest.name} sends most, {amount} {during}{main}; "
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


def _main_peer(tables: DuckDBPyConnection, loudest: Talker, measure: str) -> str:
    """Say where most of it goes, and whether an answer comes from there."""
    column = {"packets": "sent", "bytes": "size", "flows": "begun"}[measure]
    found = tables.execute(
        f"""SELECT peer, port, transport, sum({column}) AS amount, sum(answered) FROM (
            SELECT destination_ip AS peer, destination_port AS port, transport,
                source_packets AS sent, source_bytes AS size, 1 AS begun,
                destination_packets AS answered
            FROM counted WHERE source_ip = $station
            UNION ALL
            SELECT source_ip, NULL, transport, destination_packets, destination_bytes, 0,
                source_packets
            FROM counted WHERE destination_ip = $station)
        GROUP BY peer, port, transport ORDER BY amount DESC, peer LIMIT 1""",
        {"station": loudest.name},
    ).fetchone()
    if found is None:
        return ""
    peer, port, transport, amount, answered = found
    silent = "" if answered else ", which never answered"
    share = percent(amount, loudest.measured(measure))
    return f", {share} of them to {end(peer, port, transport)}{silent}"


def _sentence_of_share(row: Talker, by: str, measure: str, totals: Totals) -> str:
    whole = {"packets": totals.packets, "bytes": totals.bytes, "flows": totals.flows}[measure]
    amount = f"{number(row.measured(measure))} of {number(whole)} {measure}"
    verb = {"mac": "sends", "pair": "exchange", "port": "carries", "protocol": "carries"}[by]
    return f"{row.name} {verb} most: {amount} ({percent(row.measured(measure), whole)})."


def _row(tables: DuckDBPyConnection, question: str) -> tuple[Any, ...]:
    found = tables.execute(question).fetchone()
    assert found is not None
    return found
