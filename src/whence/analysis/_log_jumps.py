"""Where the times of a host's lines jump, in the order of a file, and what its other hosts say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from whence.model.log_tables import PIECE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

M = TypeVar("M", datetime, timedelta)

LEAST = timedelta(minutes=5)  # that a clock is set by; lines wait for less
FEW = 200_000  # rows, of which each is looked at; of more, first for a piece out of order
OFTEN = 6  # jumps back: several machines have this name, or lines of several zones
MOST_OF_HOST, MOST = 8, 300  # jumps that are looked at
NEAR = 4 << 20  # bytes either side of a jump, in which other hosts are asked
BUSY = 0.25  # of the lines of the busiest other host
SLOWEST = timedelta(minutes=1)  # of others' time between their lines

ZONES = timedelta(minutes=15)
TIMES, LATE = 3, timedelta(minutes=2)  # usual gaps between lines that hide how far a jump goes


class Others(Enum):
    """What the other hosts of a file do where one jumps."""

    GO_ON = "go on"
    JUMP = "jump, too"
    SILENT = "say nothing"


@dataclass(frozen=True, slots=True)
class Jump:
    """Two lines of a host, one after the other, whose times are far from each other."""

    file: int
    host: str
    previous: int  # position of the first line
    place: int  # … and of the second
    before: datetime
    after: datetime
    others: Others
    by: timedelta  # less than nothing: back
    was_right: bool | None = None  # before it, as the others say; None: they do not


def jumps(tables: DuckDBPyConnection, file: str) -> list[Jump]:
    """Find where hosts' times jump; ``file`` is what SQL tells the file of a position by.

    A jump forward is told only where others show that it is no silence.
    """
    if not _is_out_of_order(tables, file):
        return []
    rows = tables.execute(
        f"""WITH told AS (
            SELECT {file} AS file, coalesce(host, '') AS host, "position", received,
                lag(received) OVER of_host AS latest, lag("position") OVER of_host AS previous
            FROM logs WHERE received IS NOT NULL
            WINDOW of_host AS (PARTITION BY coalesce(host, ''), {file} ORDER BY "position")
        ), far AS (
            SELECT *, count(*) FILTER (received < latest) OVER (PARTITION BY file, host) AS backs,
                row_number() OVER (PARTITION BY file, host ORDER BY abs(epoch(received - latest))
                    DESC) AS number
            FROM told WHERE abs(epoch(received - latest)) >= {LEAST.total_seconds()}
        )
        SELECT file, host, previous, "position", latest, received FROM far
        WHERE backs <= {OFTEN} AND (received < latest OR number <= {MOST_OF_HOST})
        ORDER BY received > latest, number, "position" LIMIT {MOST}"""
    ).fetchall()
    found = (_judged(tables, file, *row) for row in rows)
    return sorted(
        (jump for jump in found if jump is not None), key=lambda one: (one.file, one.place)
    )


def _is_out_of_order(tables: DuckDBPyConnection, file: str) -> bool:
    [(rows,)] = tables.execute("SELECT count(*) FROM logs").fetchall()
    if rows <= FEW:
        return True
    [(found,)] = tables.execute(
        f"""WITH pieces AS (
            SELECT {file} AS file, "position" >> {PIECE} AS piece, min(received) AS low,
                max(received) AS high FROM logs WHERE received IS NOT NULL GROUP BY ALL
        ), reached AS (
            SELECT low, max(high) OVER (PARTITION BY file ORDER BY piece
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS high FROM pieces
        )
        SELECT coalesce(bool_or(high - low >= $least), FALSE) FROM reached""",
        {"least": LEAST},
    ).fetchall()
    return bool(found)


def _judged(
    tables: DuckDBPyConnection,
    file: str,
    number: int,
    host: str,
    previous: int,
    place: int,
    latest: datetime,
    received: datetime,
) -> Jump | None:
    """Say what the other hosts of the file make of a jump; None where it is a silence."""
    by = received - latest
    busy = _others(tables, file, number, host, previous, place)
    if not busy:
        if by > timedelta():
            return None
        by = _evened(by, min(LATE, TIMES * _usual_gap(tables, file, number, host)))
        return Jump(number, host, previous, place, latest, received, Others.SILENT, by)
    passed = _middle([each.longest for each in busy])
    if abs(passed) <= max(abs(by) / 2, SLOWEST):
        off_before = abs(latest - _middle([each.before for each in busy]))
        off_after = abs(received - _middle([each.after for each in busy]))
        alike = [each for each in busy if abs(each.longest - passed) < LEAST]
        longest = min(each.longest for each in alike)
        shortest = max(timedelta(), *(each.shortest for each in alike))
        between, unsure = (longest + shortest) / 2, abs(longest - shortest) / 2
        step = _evened(by - between, unsure + timedelta(seconds=1))
        if abs(step) < LEAST:
            return None
        right = off_before < off_after
        return Jump(
            number, host, previous, place, latest, received, Others.GO_ON, step, right
        )  # fmt: skip
    if by < timedelta() and passed < timedelta():
        by = _evened(by, min(LATE, -by - min(abs(each.longest) for each in busy)))
        return Jump(number, host, previous, place, latest, received, Others.JUMP, by)
    return None


@dataclass(frozen=True, slots=True)
class _Other:
    """What another host says around a jump."""

    before: datetime  # its last line before the first of the two
    after: datetime  # its first one after the second of them
    shortest: timedelta  # between the two, at least: from the first to the last line in between

    @property
    def longest(self) -> timedelta:
        return self.after - self.before


def _others(
    tables: DuckDBPyConnection, file: str, number: int, host: str, previous: int, place: int
) -> list[_Other]:
    """Give what the busiest other hosts say around a jump."""
    between = '"position" > $previous AND "position" < $place'
    rows = tables.execute(
        f"""SELECT arg_max(received, "position") FILTER ("position" < $previous),
            arg_min(received, "position") FILTER ("position" > $place),
            arg_max(received, "position") FILTER ({between})
            - arg_min(received, "position") FILTER ({between}), count(*)
        FROM logs WHERE "position" BETWEEN $low AND $high AND {file} = $number
            AND host IS NOT NULL AND host <> $host AND received IS NOT NULL GROUP BY host""",
        {"previous": previous, "place": place, "low": max(0, previous - NEAR),
         "high": place + NEAR, "number": number, "host": host},
    ).fetchall()  # fmt: skip
    known = [row for row in rows if row[0] is not None and row[1] is not None]
    most = max((row[-1] for row in known), default=0)
    return [
        _Other(before, after, between or timedelta())
        for before, after, between, lines in known
        if lines >= BUSY * most
    ]


def _usual_gap(tables: DuckDBPyConnection, file: str, number: int, host: str) -> timedelta:
    [(first, last, lines)] = tables.execute(
        f"""SELECT min(received), max(received), count(*) FROM logs
        WHERE {file} = $number AND coalesce(host, '') = $host""",
        {"number": number, "host": host},
    ).fetchall()
    return timedelta(seconds=(last - first).total_seconds() / lines)


def _evened(by: timedelta, unsure: timedelta) -> timedelta:
    """Take the nearest quarter of an hour, by which zones differ, if it may as well be that."""
    even = round(by / ZONES) * ZONES
    return even if even and abs(by - even) <= unsure else by


def _middle(values: Sequence[M]) -> M:
    return sorted(values)[len(values) // 2]
