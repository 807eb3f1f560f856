"""Upkeep of the lake of log lines: join small files, sum up, drop what is old.

Each step leaves the folder so that it can be read, and killed at any moment: what takes the place
of files is there, whole, before they go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from whence.model import CannotStore, WhenceError
from whence.model.log_sums import LOUDEST, SUMS
from whence.model.log_tables import LOGS
from whence.store.log_files import Selected, Snapshot, in_engines_words, named, remove, write
from whence.store.log_ranges import (
    FEWEST_TO_MERGE,
    LARGEST_TO_MERGE,
    Kind,
    Range,
    Segment,
    not_in,
    past,
    that_count,
    to_merge,
)

LOUDEST_OF_HOUR = 200

COLUMNS: dict[Kind, dict[str, str]] = {"rows": LOGS, "sums": SUMS, "loudest": LOUDEST}
_SUMS = """SELECT time_bucket(INTERVAL 5 MINUTE, received) AS "begin", host, peer, vendor, code,
  template, severity, count(*)::UBIGINT AS lines, sum(coalesce(weight, 1))::UBIGINT AS weight,
  sum(coalesce(size, 0))::UBIGINT AS bytes
FROM {source} GROUP BY ALL"""
_LOUDEST = f"""SELECT * FROM (SELECT time_bucket(INTERVAL 1 HOUR, received) AS "begin", host,
  source, destination, destination_port, count(*)::UBIGINT AS lines,
  sum(coalesce(weight, 1))::UBIGINT AS weight
FROM {{source}} AND (source IS NOT NULL OR destination IS NOT NULL) GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY "begin" ORDER BY weight DESC, lines DESC, host, source,
  destination, destination_port) <= {LOUDEST_OF_HOUR}"""
SUMMING = {"sums": _SUMS, "loudest": _LOUDEST}  # of rows; the source ends in a condition
_AGAIN: dict[Kind, str] = {
    "rows": "SELECT * FROM {source}",
    "sums": """SELECT "begin", host, peer, vendor, code, template, severity,
  sum(lines)::UBIGINT AS lines, sum(weight)::UBIGINT AS weight, sum(bytes)::UBIGINT AS bytes
FROM {source} GROUP BY ALL""",
    "loudest": """SELECT "begin", host, source, destination, destination_port,
  sum(lines)::UBIGINT AS lines, sum(weight)::UBIGINT AS weight FROM {source} GROUP BY ALL""",
}


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is to be kept."""

    keep: timedelta | None = timedelta(days=90)  # lines; None: whatever their age
    keep_sums: timedelta | None = timedelta(days=2 * 365)
    most: int | None = 20 << 30  # bytes of all files; the oldest lines go first
    fewest: int = FEWEST_TO_MERGE  # files that are worth joining
    largest: int = LARGEST_TO_MERGE  # bytes; larger files are not joined any more


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done, in files."""

    joined: int = 0
    summed: int = 0
    dropped: int = 0
    dropped_sums: int = 0


def join(
    folder: Path,
    tables: duckdb.DuckDBPyConnection,
    upkeep: Upkeep,
    unreadable: dict[Path, WhenceError],
) -> int:
    """Join small files that follow one another; give how many were joined."""
    joined = 0
    with _seen(folder, unreadable) as snapshot:
        for kind in COLUMNS:
            sound = [one for one in snapshot.open if one.kind == kind]
            counted, covered = that_count(sound)
            remove(folder, covered)  # of a joining that was killed before it was done
            sizes = [(one, snapshot.size(one)) for one in counted]
            for run in to_merge(sizes, upkeep.fewest, upkeep.largest):
                source = snapshot.source(run, COLUMNS[kind])
                with in_engines_words(snapshot):
                    rows = Selected(tables.sql(_AGAIN[kind].format(source=source)))
                    write(folder, (run[0].begin, run[-1].end), kind, rows, tables)
                remove(folder, run)
                joined += len(run)
    return joined


def sum_up(
    folder: Path, tables: duckdb.DuckDBPyConnection, unreadable: dict[Path, WhenceError]
) -> int:
    """Sum up the lines that are in no sums yet; give how many files of lines that were."""
    summed = 0
    with _seen(folder, unreadable) as snapshot:
        rows = snapshot.that_count("rows")
        for kind in ("loudest", "sums"):  # the sums last: they say that all is done
            there = [one.range for one in snapshot.that_count(kind)]
            for run in _runs(rows, there):
                source = snapshot.source(run, LOGS)
                for span in not_in((run[0].begin, run[-1].end), there):
                    part = f"{source} WHERE {in_positions(span)}"
                    with in_engines_words(snapshot):
                        sums = Selected(tables.sql(SUMMING[kind].format(source=part)))
                        write(folder, span, kind, sums, tables)
                summed += len(run) if kind == "sums" else 0
    return summed


def retire(folder: Path, upkeep: Upkeep, now: datetime, kept: Kept) -> Kept:
    """Drop lines that are too old, then the oldest until the rest is small enough; then sums.

    No line is dropped before it is summed up, and the newest file of lines never.
    """
    segments = named(folder)
    summed = [one.range for one in segments if one.kind == "sums"]
    rows = [one for one in segments if one.kind == "rows" and not not_in(one.range, summed)]
    old = [] if upkeep.keep is None else past(rows, now.date(), upkeep.keep)
    sizes = {one: _size(folder, one) for one in segments}
    total = sum(sizes.values()) - sum(sizes[one] for one in old)
    if upkeep.most is not None:
        never = datetime.min.replace(tzinfo=UTC)  # lines that say no time go first
        left_over = [one for one in rows if one not in old]
        by_age = sorted(left_over, key=lambda one: (one.last or never, one.begin))
        for one in by_age[:-1]:
            if total <= upkeep.most:
                break
            total -= sizes[one]
            old.append(one)
    remove(folder, old)
    sums = [one for one in segments if one.kind != "rows"]
    left = [one.range for one in segments if one.kind == "rows" and one not in old]
    done = [
        one
        for one in ([] if upkeep.keep_sums is None else past(sums, now.date(), upkeep.keep_sums))
        if not_in(one.range, left) == [one.range]  # with its lines, it would be made again
    ]
    remove(folder, done)
    return replace(kept, dropped=len(old), dropped_sums=len(done))


def in_positions(span: Range) -> str:
    """Write as SQL that a row's position lies in a range."""
    return f"(position >= {span[0]}::UBIGINT AND position < {span[1]}::UBIGINT)"


def not_positions(spans: Iterable[Range]) -> str:
    """Write as SQL that a row's position lies in none of some ranges."""
    within = [in_positions(span) for span in _joined(spans)]
    return f"NOT ({' OR '.join(within)})" if within else "TRUE"


def _joined(spans: Iterable[Range]) -> Iterator[Range]:
    """Give ranges that follow one another as one."""
    begin = end = -1
    for span in sorted(spans):
        if span[0] <= end:
            end = max(end, span[1])
            continue
        if end > begin:
            yield begin, end
        begin, end = span
    if end > begin:
        yield begin, end


def _runs(rows: list[Segment], summed: list[Range]) -> Iterator[list[Segment]]:
    """Give the segments that are not summed up, those together that follow one another."""
    run: list[Segment] = []
    for one in rows:
        if not not_in(one.range, summed):
            continue
        if run and run[-1].end != one.begin:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _size(folder: Path, one: Segment) -> int:
    try:
        return (folder / str(one)).stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as e:
        raise CannotStore(f"could not use {folder / str(one)}", because=e.strerror or "") from e


@contextlib.contextmanager
def _seen(folder: Path, unreadable: dict[Path, WhenceError]) -> Iterator[Snapshot]:
    snapshot = Snapshot.of(folder)
    unreadable |= snapshot.unreadable
    try:
        yield snapshot
    finally:
        snapshot.close()
