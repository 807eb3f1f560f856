"""A MAC address that comes in here, then there, then here again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._places import CONVERSATION
from whence.analysis._roles import gateway_macs
from whence.analysis._shared_macs import is_shared
from whence.analysis._words import listed, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOVES = 3  # there, back and there again; fewer is a machine that was moved


@dataclass(frozen=True, slots=True, kw_only=True)
class FlappingMac(Finding):
    """One station, with one IP address, alternates between interfaces or VLANs."""

    kind: ClassVar[str] = "flapping-mac"
    mac: str
    places: tuple[str, ...]
    moves: int


@analysis
def flapping_macs(tables: DuckDBPyConnection, context: Context) -> Iterator[FlappingMac]:
    """Which MAC address alternates between interfaces or VLANs?

    Two machines with one MAC address, a loop of cables, or a bond that is none at the other end.
    Traffic that passes through, and so is at home on several interfaces, is left out, as are
    gateways and virtual MACs. A switch sees far more of this than one capture.
    """
    rows = tables.execute(
        f"""WITH several AS (
            SELECT DISTINCT conversation FROM (
                SELECT {CONVERSATION} AS conversation FROM flows SEMI JOIN shadowed USING (flow))
        ), heard AS (
            SELECT source_mac AS mac, source_ip AS ip, "first", flow,
                interface || CASE WHEN vlan = '' THEN '' ELSE ' VLAN ' || vlan END AS place
            FROM (SELECT *, {CONVERSATION} AS conversation FROM flows) ANTI JOIN several
                USING (conversation)
            WHERE source_mac IS NOT NULL AND tunnel = '' AND direction_in <> 'outgoing'
                AND source_packets > 0
        ), moved AS (
            SELECT *, place <> lag(place) OVER (PARTITION BY mac, ip ORDER BY "first", flow)
                AS moves FROM heard
        )
        SELECT mac, ip, list(DISTINCT place ORDER BY place), count_if(moves) AS moves, count(*),
            min("first"), max("first")
        FROM moved GROUP BY mac, ip HAVING moves >= $moves ORDER BY moves DESC, mac, ip""",
        {"moves": MOVES},
    ).fetchall()
    gateways = gateway_macs(tables)
    for mac, ip, places, moves, flows, first, last in rows:
        if mac in gateways or is_shared(mac):
            continue
        yield FlappingMac(
            sentence=f"{mac} ({ip}) alternates between {listed(places)}: {many(moves, 'move')}.",
            confidence=Confidence.LIKELY,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=ip,
            evidence=(f"{many(flows, 'flow')} begun by it were seen, in turn, at these places",),
            mac=mac,
            places=tuple(places),
            moves=moves,
        )
