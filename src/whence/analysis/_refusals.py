"""Which flows were told no, and by whom: ICMP errors quote the packet that they are about.

``attribute_refusals`` makes of the table ``refused``:

``refusals(refusal, …, count)``
    each error once, also if several places saw it.
``refused_flows(flow, refusal)``
    the flows that it is about, at every place that saw them. A flow has the ends that are quoted.
    NAT may have changed one of them: then it has the other one, and ports that fit. (The same port
    of a source is used towards one destination by TCP, and by others towards many.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from whence.analysis._words import utc
from whence.model.plural import many
from whence.model.refusals import said

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LATE = timedelta(seconds=10)  # a router that asks for a neighbour in vain gives up within this


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody told somebody no."""

    by: str
    told: str
    words: str
    count: int
    first: datetime
    last: datetime

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"{self.by} told {self.told} {many(self.count, 'time')}: {self.words}"


# Source, destination, port that is called, transport.
Ends = tuple[str | None, str | None, int | None, str | None]

_COLUMNS = """sender_ip, receiver_ip, icmp, type, code, fits, sum(count)::BIGINT,
    min(refusals.first), max(refusals.last)"""


def _told(row: Iterable[Any]) -> Told:
    by, told, icmp, type_, code, fits, count, first, last = row
    return Told(by, told, said(icmp, type_, code, fits), count, utc(first), utc(last))


def refusals_by_ends(tables: DuckDBPyConnection, of: str) -> dict[Ends, list[Told]]:
    """Give what was told to flows of a table, by their ends; most often first.

    ``of`` is a table or view with the columns of ``flows``.
    """
    rows = tables.execute(
        f"""WITH ends AS (
            SELECT DISTINCT source_ip AS caller, destination_ip AS called,
                CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
                transport AS by_transport, refusal
            FROM {of} JOIN refused_flows USING (flow)
        )
        SELECT caller, called, port, by_transport, {_COLUMNS}
        FROM ends JOIN refusals USING (refusal)
        GROUP BY ALL ORDER BY 11 DESC, sender_ip"""
    ).fetchall()
    found: defaultdict[Ends, list[Told]] = defaultdict(list)
    for source, destination, port, transport, *reason in rows:
        found[source, destination, port, transport].append(_told(reason))
    return found


def attribute_refusals(tables: DuckDBPyConnection) -> None:
    """Say which flows the errors are about; ``flows`` are complete."""
    tables.execute(_REFUSALS)
    tables.execute("CREATE OR REPLACE TEMP TABLE refused_flows (flow UBIGINT, refusal BIGINT)")
    if tables.execute("SELECT 1 FROM refusals LIMIT 1").fetchone():  # else nothing is joined
        tables.execute(_REFUSED_FLOWS, {"late": LATE})


_REFUSALS = """
CREATE OR REPLACE TEMP TABLE refusals AS
WITH seen AS (
    SELECT * EXCLUDE (count, packet, first, last, file), sum(count) AS count,
        min("first") AS "first", max("last") AS "last"
    FROM refused GROUP BY ALL
)
SELECT row_number() OVER () AS refusal, * FROM (
    SELECT * EXCLUDE (interface, vlan, count, first, last), max(count)::BIGINT AS count,
        min("first") AS "first", max("last") AS "last"
    FROM seen GROUP BY ALL)
"""

# The ends that are quoted; one that NAT has changed, and the other as it is. A packet went this way
# or that way in its flow. Which ports there were is not always quoted.
_PORTS = """(quoted.{there}_port IS NULL OR quoted.{there}_port = flows.{here}_port)"""
_SAME_TIME = """quoted."first" <= flows."last" + $late::INTERVAL
    AND quoted."last" >= flows."first" AND quoted.transport = flows.transport"""


def _went(source: str, destination: str) -> str:
    """Join refusals with the flows whose packets had this end for their source."""
    ports = (_PORTS.format(there="source", here=source),
             _PORTS.format(there="destination", here=destination))  # fmt: skip
    return f"""
        SELECT flow, refusal, 1 AS kind FROM flows JOIN refusals AS quoted
        ON quoted.source_ip = flows.{source}_ip AND quoted.destination_ip = flows.{destination}_ip
            AND {ports[0]} AND {ports[1]} AND {_SAME_TIME}
        UNION ALL
        SELECT flow, refusal, 2 FROM flows JOIN refusals AS quoted
        ON quoted.receiver_ip = flows.{source}_ip AND quoted.source_ip <> flows.{source}_ip
            AND quoted.destination_ip = flows.{destination}_ip AND {ports[1]} AND {_SAME_TIME}
        UNION ALL
        SELECT flow, refusal, 2 FROM flows JOIN refusals AS quoted
        ON quoted.source_ip = flows.{source}_ip AND quoted.source_port = flows.{source}_port
            AND quoted.destination_ip <> flows.{destination}_ip
            AND quoted.transport = 'tcp' AND {_SAME_TIME}"""


_REFUSED_FLOWS = f"""
INSERT INTO refused_flows
SELECT DISTINCT flow, refusal FROM (
    SELECT *, min(kind) OVER (PARTITION BY refusal) AS best
    FROM ({_went("source", "destination")} UNION ALL {_went("destination", "source")}))
WHERE kind = best
"""
