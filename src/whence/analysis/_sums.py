"""What traffic adds up to, each packet once: by station, pair, port and protocol.

The same is told of tables, which know everything, and of captures that were only added up while
they were read, which is faster: ``captured_sums``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from whence.analysis._roles import roles_of
from whence.analysis._words import listed, utc
from whence.model.flow_tables import ASKS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
class Peer:
    """Where most of what a station sends goes."""

    address: str | None
    port: int | None  # none where the station answers there
    transport: str
    amount: int
    answered: int  # packets that came from there
    waits: bool  # most of what is sent there wants an answer; an ICMP error does not
    refused: str = ""  # who says that it does not arrive: 192.0.2.1 says host unreachable


class Sums(Protocol):
    """Sums that a ranking is made of."""

    def totals(self) -> Totals | None:
        """Add up all traffic; none where there is none."""
        ...

    def places(self) -> tuple[Place, ...]:
        """Say where it was seen."""
        ...

    def ranked(self, by: str, measure: str, most: int) -> Sequence[Talker]:
        """Give those that have most, by amount and then by name."""
        ...

    def amounts(self, measure: str) -> Sequence[int]:
        """Give what each station sent that sent something."""
        ...

    def inside_amounts(self, measure: str) -> Sequence[int]:
        """Give the same of those inside."""
        ...

    def roles(self, stations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Give the roles of those of these stations that have one; perhaps of others too."""
        ...

    def main_peer(self, station: str, measure: str) -> Peer | None:
        """Say where most goes that a station sends."""
        ...


class TableSums:
    """Sums over the table ``counted``."""

    def __init__(self, tables: DuckDBPyConnection) -> None:
        self._tables = tables
        self._rows: dict[str, list[Talker]] = {}
        self._roles: Mapping[str, tuple[str, ...]] | None = None

    def totals(self) -> Totals | None:
        """Add up all traffic outside of tunnels."""
        flows, packets, size, first, last = _row(
            self._tables,
            f"""SELECT count(*), {BOTH.rpartition(",")[0]}, min("first"), max("last")
            FROM counted WHERE tunnel = ''""",
        )
        if not flows:
            return None
        (repeated,) = _row(self._tables, "SELECT count(*) FROM shadowed")
        return Totals(flows, packets, size, utc(first), utc(last), repeated)

    def places(self) -> tuple[Place, ...]:
        """Say where it was seen, and how much of it was seen elsewhere too."""
        found = self._tables.execute(
            """SELECT interface, vlan, count(*) FILTER (shadowed.flow IS NULL), count(shadowed.flow)
            FROM flows LEFT JOIN shadowed USING (flow) GROUP BY ALL ORDER BY 3 DESC, 1, 2"""
        ).fetchall()
        return tuple(Place(*row) for row in found)

    def ranked(self, by: str, measure: str, most: int) -> Sequence[Talker]:
        """Give those that have most, by amount and then by name."""
        rows = sorted(self._all(by), key=lambda row: (-row.measured(measure), row.name))
        return rows[:most]

    def amounts(self, measure: str) -> Sequence[int]:
        """Give what each station sent that sent something."""
        sent = (row.measured(measure) for row in self._all("station"))
        return [amount for amount in sent if amount]

    def inside_amounts(self, measure: str) -> Sequence[int]:
        """Give the same of those inside."""
        sent = (row.measured(measure) for row in self._all("station") if row.inside)
        return [amount for amount in sent if amount]

    def roles(self, stations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Give the roles of all stations that have one."""
        if self._roles is None:
            self._roles = roles_of(self._tables)
        return self._roles

    def main_peer(self, station: str, measure: str) -> Peer | None:
        """Say where most goes that a station sends."""
        column = {"packets": "sent", "bytes": "size", "flows": "begun"}[measure]
        found = self._tables.execute(
            f"""SELECT peer, port, transport, sum({column}) AS amount, sum(answered),
                sum(asking) * 2 >= sum(sent) FROM (
                SELECT destination_ip AS peer,
                    CASE WHEN transport NOT LIKE '%icmp' THEN destination_port END AS port,
                    transport, source_packets AS sent, source_bytes AS size, 1 AS begun,
                    destination_packets AS answered,
                    CASE WHEN {ASKS} THEN source_packets ELSE 0 END AS asking
                FROM counted WHERE source_ip = $station
                UNION ALL
                SELECT source_ip, NULL, transport, destination_packets, destination_bytes, 0,
                    source_packets, 0
                FROM counted WHERE destination_ip = $station)
            GROUP BY peer, port, transport
            ORDER BY amount DESC, peer, port NULLS FIRST, transport LIMIT 1""",
            {"station": station},
        ).fetchone()
        if found is None:
            return None
        from whence.analysis._refusals import refusals_by_ends  # only tables need it

        peer = Peer(*found)
        ends = station, peer.address, peer.port, peer.transport
        told = refusals_by_ends(self._tables, "counted").get(ends, ())
        said = [f"{one.by} says {one.words}" for one in told if one.told != peer.address]
        return replace(peer, refused=listed([*dict.fromkeys(said)]) if said else "")

    def _all(self, by: str) -> list[Talker]:
        if by not in self._rows:
            self._rows[by] = _GROUPINGS[by](self._tables)
        return self._rows[by]


SUMS = """sum(packets)::BIGINT, sum(bytes)::BIGINT, sum(begun)::BIGINT,
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
        SELECT station, {SUMS}, count(DISTINCT hash(peer)) FILTER (peer IS NOT NULL),
            station IN (FROM inside)
        FROM sides WHERE station IS NOT NULL GROUP BY station"""
    ).fetchall()
    return [Talker(*row) for row in found]


def _by_mac(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(
        f"""SELECT station, {SUMS}, count(DISTINCT peer), TRUE FROM (
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


BOTH = """sum(source_packets + destination_packets)::BIGINT,
    sum(source_bytes + destination_bytes)::BIGINT, count(*)"""


def _by_pair(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(
        f"SELECT source_ip, destination_ip, {BOTH} FROM counted GROUP BY ALL"
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
            ELSE destination_port || '/' || transport END, {BOTH} FROM counted GROUP BY 1"""
    ).fetchall()
    return [Talker(*row) for row in found]


def _by_protocol(tables: DuckDBPyConnection) -> list[Talker]:
    found = tables.execute(f"SELECT transport, {BOTH} FROM counted GROUP BY 1").fetchall()
    return [Talker(*row) for row in found]


_GROUPINGS = {
    "station": _by_station,
    "mac": _by_mac,
    "pair": _by_pair,
    "port": _by_port,
    "protocol": _by_protocol,
}


def _row(tables: DuckDBPyConnection, question: str) -> tuple[Any, ...]:
    found = tables.execute(question).fetchone()
    assert found is not None
    return found
