"""Who never answers, and whether a source may be somebody else's address: from the log alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_combos import OUTCOME, WINDOW, at_positions, either
from whence.analysis._log_dimensions import TURNED, UNTOLD
from whence.analysis._log_interval import Interval
from whence.analysis._words import listed, number, span
from whence.analysis.log_increase import Part, condition
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ENDS = ("source", "destination")
MOST_ADDRESSES = 16  # of a part: more are asked about only by their network
LOOKED_BACK = timedelta(hours=24)  # before the window, for signs of life
MANY_SOURCES = 200  # of which hardly any comes twice: what made-up addresses look like
COMES_AGAIN = 3.0  # lines of each source, on average

# What a firewall writes of a TCP connection that was finished by both ends.
FINISHED = "(coalesce(transport, 'tcp') = 'tcp' AND (bytes > 0 OR reason ILIKE '%FINs%'))"
# … of one that nobody answered, or that is begun again as if nobody had.
TIMED_OUT = "reason ILIKE 'SYN Timeout%'"
UNANSWERED = f"""({TIMED_OUT} OR action = 'duplicate-syn' OR code = '419002'
    OR reason ILIKE '%unreachable%')"""
REFUSED = """(action = 'deny' OR reason ILIKE '%deny%'
    OR code IN ('106001', '106006', '106007', '106010', '106014', '106015', '106021', '106023'))"""
TELLING = {
    "sure": f"NOT coalesce({UNTOLD}, FALSE)",
    "finished": FINISHED, "timed_out": TIMED_OUT, "built": "action = 'built'",
    "unanswered": UNANSWERED, "refused": REFUSED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spread:
    """How many different ends a part has, in its window."""

    sources: int
    destinations: int
    ports: int
    interfaces: tuple[str, ...]  # that its lines came in by


@dataclass(frozen=True, slots=True)
class Silence:
    """Destinations of which the log has no sign that they ever answered."""

    addresses: tuple[str, ...]
    attempts: int
    lasting: timedelta
    private: bool

    @property
    def words(self) -> str:
        """Say it; that an address does not exist, a log cannot say."""
        return (
            f"no answer in {many(self.attempts, 'attempt')} over "
            f"{span(self.lasting.total_seconds())}"
        )


def spread(tables: DuckDBPyConnection, part: Part) -> Spread:
    """Count the different ends of a part's lines."""
    [row] = tables.execute(
        f"""SELECT approx_count_distinct(source), approx_count_distinct(destination),
            count(DISTINCT destination_port),
            list(DISTINCT source_interface) FILTER (source_interface IS NOT NULL)
        FROM log_combos WHERE now > 0 AND {part.combos_where}"""
    ).fetchall()
    sources, destinations, ports, interfaces = row
    return Spread(sources, destinations, ports, tuple(sorted(interfaces or ())))


@dataclass(frozen=True, slots=True)
class End:
    """One end of a part, as the rows of ``log_calls`` name it: by a bit in a number.

    Numbers for the few ends that are asked about, instead of the text of every address, leave
    hundreds of rows of millions of lines.
    """

    addresses: tuple[str, ...]  # those with most lines
    bit: int

    def sql(self, column: str) -> str:
        """Write the condition that the caller, or the called, is of this end."""
        return f"({column} & {self.bit}) > 0"


def who_called_whom(
    tables: DuckDBPyConnection, parts: Sequence[Part], window: Interval
) -> list[Mapping[str, End]]:
    """Make the table ``log_calls``: what the window and the hours before it tell of parts' ends.

    Given are the ends of each part that can be asked about. The source of a row is who began,
    which is ``sure`` or guessed from the ports.
    """
    ends: list[Mapping[str, End]] = []
    tests: list[Callable[[str], str]] = []
    for part in parts:
        known: dict[str, End] = {}
        for name in ENDS:
            addresses = _ends(tables, part, name)
            if (test := _test(part, name, addresses)) is not None:
                known[name] = End(tuple(addresses), 1 << len(tests))
                tests.append(test)
        ends.append(known)
    bits = ", ".join(f"{_bits(name, tests)} AS {name}" for name in ENDS)
    before = Interval(window.begin - LOOKED_BACK, window.begin)
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_call_groups AS
        WITH calls AS (
            SELECT {bits}, source_interface, destination_interface, turned, outcome,
                lines, events, first, last, "position"
            FROM log_groups JOIN log_shapes USING (shape) WHERE within = {WINDOW}
            UNION ALL
            SELECT {bits}, source_interface, destination_interface, {TURNED}, {OUTCOME}, 1,
                coalesce(weight, 1), received, received, "position"
            FROM logs WHERE {before.sql()}
        )
        SELECT source, destination, source_interface, destination_interface, turned, outcome,
            sum(lines) AS lines, sum(events) AS events, min(first) AS first, max(last) AS last,
            min("position") AS "position"
        FROM calls WHERE source > 0 OR destination > 0 GROUP BY ALL"""
    )
    rows = tables.execute('SELECT min("position") FROM log_call_groups GROUP BY outcome').fetchall()
    told = ", ".join(
        f"bool_or(coalesce({test}, FALSE)) AS {name}" for name, test in TELLING.items()
    )
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE log_outcomes AS
        SELECT {OUTCOME} AS outcome, {told}
        FROM logs WHERE {at_positions(rows)} GROUP BY ALL"""
    )
    tables.execute(
        f"""CREATE OR REPLACE TEMP VIEW log_calls AS
        SELECT * REPLACE ({either("source", "destination")},
            {either("source_interface", "destination_interface")})
        FROM log_call_groups JOIN log_outcomes USING (outcome)"""
    )
    return ends


def _bits(column: str, tests: Sequence[Callable[[str], str]]) -> str:
    """Write a number that has a bit for each end that an address is of."""
    bits = (f"CASE WHEN {test(column)} THEN {1 << n} ELSE 0 END" for n, test in enumerate(tests))
    return " + ".join(bits) or "0"


def silence(tables: DuckDBPyConnection, called: End) -> Silence | None:
    """Say whether what is called never answers; None where something does.

    The signs: it is never the source of a line, no connection to it ever had a byte, and what is
    said of the attempts is only that they ran out of time, or were made again.
    """
    [row] = tables.execute(
        f"""SELECT count(*) FILTER (sure AND NOT is_called),
            count(*) FILTER (is_called AND finished),
            sum(events) FILTER (is_called AND timed_out),
            sum(events) FILTER (is_called AND built),
            sum(events) FILTER (is_called AND unanswered),
            count(*) FILTER (is_called AND refused),
            min(first) FILTER (is_called AND unanswered),
            max(last) FILTER (is_called AND unanswered)
        FROM (SELECT *, {called.sql("destination")} AS is_called FROM log_calls
            WHERE {called.sql("source")} OR {called.sql("destination")})"""
    ).fetchall()
    as_source, finished, timeouts, built, unanswered, refused, first, last = row
    if as_source or finished or refused or not unanswered:
        return None
    return Silence(
        tuple(sorted(called.addresses[:MOST_ADDRESSES])),
        int(timeouts or built or unanswered),
        last - first,
        all(map(is_private, called.addresses)),
    )


def authenticity(
    tables: DuckDBPyConnection, part: Part, ends: Spread, source: End | None
) -> str | None:
    """Say whether the sources of a part may be made up, and on what that rests."""
    if not ends.sources:
        return None
    per_source = part.now / ends.sources
    if ends.sources >= MANY_SOURCES and per_source < COMES_AGAIN:
        return (
            f"the sources may be made up: about {many(ends.sources, 'address', 'addresses')}, "
            f"{number(per_source)} lines each; a log has neither TTL nor MAC to tell"
        )
    if source is None:
        return None
    [(finished, interfaces)] = tables.execute(
        f"""SELECT sum(lines) FILTER (finished), list(DISTINCT source_interface) FROM log_calls
        WHERE {source.sql("source")}"""
    ).fetchall()
    known = sorted(name for name in interfaces or () if name)
    way = ""
    if len(known) == 1:
        way = f"; all of it came in by interface {known[0]}"
    elif known:
        way = f"; it came in by interfaces {listed(known)}"
    if finished:
        what = "the source is" if ends.sources == 1 else "the sources are"
        return (
            f"{what} not made up, as far as TCP tells: {many(finished, 'connection')} of "
            f"{'it' if ends.sources == 1 else 'them'} had an answer in these hours{way}"
        )
    if not known:
        return None
    return (
        f"nothing proves the {'source' if ends.sources == 1 else 'sources'} true: no connection "
        f"was answered{way}; a log has neither TTL nor MAC to tell"
    )


def _ends(tables: DuckDBPyConnection, part: Part, end: str) -> list[str]:
    """Name the addresses at one end of a part, those with most lines first."""
    rows = tables.execute(
        f"""SELECT "{end}", sum(now) FROM log_combos
        WHERE now > 0 AND {part.combos_where} AND "{end}" IS NOT NULL
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_ADDRESSES + 1}"""
    ).fetchall()
    return [address for address, _ in rows]


def _test(part: Part, end: str, addresses: Sequence[str]) -> Callable[[str], str] | None:
    """Give what writes the condition that a column holds this end; None if that is too much."""
    if part.of_end(end, end) is not None:
        return lambda column: part.of_end(end, column) or "FALSE"
    if not addresses or len(addresses) > MOST_ADDRESSES:
        return None
    return lambda column: condition(end, addresses, column)


def is_private(address: str) -> bool:
    """Say whether an address is of a range for private networks (RFC 1918, RFC 4193)."""
    import ipaddress

    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
