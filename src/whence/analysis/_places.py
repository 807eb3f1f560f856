"""Of conversations that several places saw: whose packets count, so that each does once.

A place is an interface with its VLAN and tunnel, or one of several files of the same time. Mostly
one place saw what another has seen already; but each may have seen a part, where packets of one
conversation are spread over the members of a bond, or over routes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A packet that is forwarded shows at the second interface within this time.
FORWARDING = timedelta(seconds=1)

# Both directions of a conversation have the same; the tunnel is no part of it, since the packet
# in the tunnel and the one before it are the same.
CONVERSATION = """hash(protocol,
    least(hash(source_ip, source_port), hash(destination_ip, destination_port)),
    greatest(hash(source_ip, source_port), hash(destination_ip, destination_port)))"""

# Of the two ends of a conversation, one that is the same wherever it was seen.
LOW_BEGAN = """hash(source_ip, source_port) <= hash(destination_ip, destination_port)"""


def note_places(tables: DuckDBPyConnection) -> bool:
    """Make ``shadowed`` and ``spread``; false where there is one place, and both are empty."""
    tables.execute("CREATE OR REPLACE TEMP TABLE shadowed (flow UBIGINT)")
    tables.execute("CREATE OR REPLACE TEMP TABLE spread (flow UBIGINT)")
    places = tables.execute("SELECT DISTINCT file, interface, vlan, tunnel FROM flows").fetchall()
    if len(places) < 2:
        return False
    _note_lanes(tables)
    tables.execute(_MET, {"forwarding": FORWARDING})
    tables.execute(_RANKED)
    tables.execute(_COUNTED)
    while tables.execute(_FURTHER).fetchone() != (0,):
        pass
    tables.execute(_WAY_BACK)
    tables.execute(
        """INSERT INTO shadowed SELECT flow FROM met
        ANTI JOIN in_count USING (conversation, meeting, place)"""
    )
    tables.execute(_SPREAD)
    for table in ("met", "ranked", "in_count"):
        tables.execute(f"DROP TABLE {table}")
    return True


def _note_lanes(tables: DuckDBPyConnection) -> None:
    """Give files that follow one another the same lane, and files of the same time their own.

    A ring of files is one place that was listened at; two captures of the same hour are two.
    """
    spans: defaultdict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for interface, file, begin, end in tables.execute(
        'SELECT interface, file, min("first"), max("last") FROM flows GROUP BY ALL'
    ).fetchall():
        spans[interface].append((begin, end, file))
    rows = [
        (file, interface, lane)
        for interface, files in spans.items()
        for file, lane in _lanes(sorted(files))
    ]
    tables.execute(
        """CREATE OR REPLACE TEMP TABLE lanes AS SELECT
        unnest($files::VARCHAR[]) AS file, unnest($interfaces::VARCHAR[]) AS interface,
        unnest($lanes::INTEGER[]) AS lane""",
        {
            "files": [file for file, _, _ in rows],
            "interfaces": [interface for _, interface, _ in rows],
            "lanes": [lane for _, _, lane in rows],
        },
    )


def _lanes(files: Sequence[tuple[datetime, datetime, str]]) -> Iterator[tuple[str, int]]:
    ends: list[datetime] = []
    for begin, end, file in files:
        # Where one follows another, packets may be out of order by a moment.
        late = begin + min(FORWARDING, (end - begin) / 100)
        free = next((lane for lane, until in enumerate(ends) if until <= late), len(ends))
        ends[free : free + 1] = [end]
        yield file, free


def _both_ways(function: str, column: str) -> str:
    """Add up a column of sources and destinations by the ends of a conversation."""
    return ", ".join(
        f"{function}(CASE WHEN {began} THEN source_{column} ELSE destination_{column} END)"
        f" AS {column}_of_{end}"
        for end, began in (("low", "low_began"), ("high", "NOT low_began"))
    )


# Do two places, ``one`` and ``other``, have different packets of a conversation? Their sketches
# have no number in common then. No router is between them, which would count down the TTL, and no
# firewall that numbers segments anew: both would have seen how it began. Where one of them has
# segments or datagrams put together, as network cards do, its packets look different and are not:
# it has all of the payload, or as much as the other. A few segments may have come again, or before
# the first that tells where a place begins.
_APART = """NOT list_has_any(one.sketch, other.sketch)
    AND coalesce(one.ttl_max_of_low = other.ttl_max_of_low, TRUE)
    AND coalesce(one.ttl_max_of_high = other.ttl_max_of_high, TRUE)
    AND NOT (one.called AND other.called) AND NOT (one.answered AND other.answered)
    AND CASE WHEN one.protocol = 6
        THEN one.carried_of_low + other.carried_of_low
                <= 1.1 * greatest(one.payload_of_low, other.payload_of_low) + 3000
            AND one.carried_of_high + other.carried_of_high
                <= 1.1 * greatest(one.payload_of_high, other.payload_of_high) + 3000
        ELSE greatest(one.packets, other.packets) < 1.5 * least(one.packets, other.packets)
            OR greatest(one.carried, other.carried)
                NOT BETWEEN 1 AND 1.1 * least(one.carried, other.carried) END"""

# Rows of conversations that several places saw, apart by silences: each stretch is a meeting.
_MET = f"""
CREATE OR REPLACE TEMP TABLE met AS
WITH seen AS (
    SELECT flow, "first", "last", protocol, {LOW_BEGAN} AS low_began,
        source_packets, destination_packets, source_ttl_max, destination_ttl_max,
        source_carried, destination_carried, sketch, syns > 0 AS called, answers > 0 AS answered,
        coalesce(source_payload, source_carried) AS source_payload,
        coalesce(destination_payload, destination_carried) AS destination_payload,
        {CONVERSATION} AS conversation,
        hash(lane, interface, vlan, tunnel) AS place
    FROM flows JOIN lanes USING (file, interface)
), several AS (
    SELECT conversation FROM seen GROUP BY conversation HAVING min(place) <> max(place)
), stepped AS (
    SELECT *, coalesce("first" > $forwarding::INTERVAL + max("last") OVER (
            PARTITION BY conversation ORDER BY "first", flow
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), FALSE) AS begins
    FROM seen SEMI JOIN several USING (conversation)
)
SELECT *, sum(begins::INTEGER) OVER (
        PARTITION BY conversation ORDER BY "first", flow ROWS UNBOUNDED PRECEDING) AS meeting
FROM stepped
"""

# The places of each meeting: first the one that saw most of it, and of those that saw as much the
# one that saw it first.
_RANKED = f"""
CREATE OR REPLACE TEMP TABLE ranked AS
SELECT *, row_number() OVER (
    PARTITION BY conversation, meeting ORDER BY packets DESC, "first", place) AS rank
FROM (SELECT conversation, meeting, place, any_value(protocol) AS protocol,
        min("first") AS "first", sum(source_packets + destination_packets) AS packets,
        sum(source_carried + destination_carried) AS carried,
        {_both_ways("sum", "packets")}, {_both_ways("max", "ttl_max")},
        {_both_ways("sum", "carried")}, {_both_ways("sum", "payload")},
        bool_or(called) AS called, bool_or(answered) AS answered,
        CASE WHEN count(sketch) = count(*) THEN flatten(list(sketch)) END AS sketch
    FROM met GROUP BY conversation, meeting, place)
"""

# The first of them counts.
_COUNTED = """
CREATE OR REPLACE TEMP TABLE in_count AS
SELECT *, TRUE AS is_part FROM ranked WHERE rank = 1
"""

# So does the next that has other packets than each of those that count already, one at a time.
_FURTHER = f"""
INSERT INTO in_count
WITH again AS (
    SELECT DISTINCT other.conversation, other.meeting, other.place
    FROM ranked AS other JOIN in_count AS one USING (conversation, meeting)
    WHERE ({_APART}) IS NOT TRUE
)
SELECT *, TRUE FROM ranked ANTI JOIN again USING (conversation, meeting, place)
    ANTI JOIN in_count USING (conversation, meeting, place)
QUALIFY row_number() OVER (PARTITION BY conversation, meeting ORDER BY rank) = 1
"""

# If the first saw one direction only, the other one may have gone past other places: the one that
# saw most of that counts, whatever is known of its packets.
_WAY_BACK = """
INSERT INTO in_count
SELECT ranked.*, FALSE
FROM ranked JOIN (FROM ranked WHERE rank = 1) AS best USING (conversation, meeting)
WHERE (best.packets_of_low = 0 AND ranked.packets_of_low > 0)
    OR (best.packets_of_high = 0 AND ranked.packets_of_high > 0)
QUALIFY row_number() OVER (
    PARTITION BY ranked.conversation, ranked.meeting
    ORDER BY CASE WHEN best.packets_of_low = 0 THEN ranked.packets_of_low
        ELSE ranked.packets_of_high END DESC, ranked.packets, ranked."first", ranked.place) = 1
"""

# Places that count because each has a part of the packets that went in one direction.
_SPREAD = """
INSERT INTO spread
WITH parted AS (
    SELECT conversation, meeting FROM in_count WHERE is_part GROUP BY conversation, meeting
    HAVING count(*) FILTER (packets_of_low > 0) > 1 OR count(*) FILTER (packets_of_high > 0) > 1
)
SELECT flow FROM met SEMI JOIN parted USING (conversation, meeting)
    SEMI JOIN (FROM in_count WHERE is_part) USING (conversation, meeting, place)
"""
