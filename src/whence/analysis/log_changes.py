"""What was changed shortly before a moment, as the log itself tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from whence.analysis._log_interval import Interval
from whence.analysis.change_messages import condition, said
from whence.analysis.firewall_messages import SPEAKERS
from whence.analysis.log_increase import Part

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BEFORE = timedelta(hours=24)
AFTER = timedelta(seconds=5)  # clocks of devices differ a little
REPEATED = 3  # lines before one that may say the same
ROUTINE = 3  # times in a day: what happens so often is no change
SPELL = timedelta(hours=1)  # in which somebody changes several things, one after the other
MOST = 12
UNITS = ("Started ", "Stopped ", "Reloaded ", "Restarted ")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed; that it is the cause is not said."""

    time: datetime
    host: str | None
    words: str
    before: timedelta  # the onset
    near: bool  # it is about the same host, or the address of a source
    position: int
    original: str
    who: str = ""  # did it, as far as the line says


_Row = tuple[datetime, str | None, str | None, str | None, int, str, str | None, str | None]


def changes(
    tables: DuckDBPyConnection,
    onset: datetime,
    parts: Sequence[Part],
    most: int = MOST,
    before: timedelta = BEFORE,
) -> list[Change]:
    """List what was changed in the day before an onset, or in whatever time ``before`` says.

    The same hosts and sources come first, then the nearest in time. What happens several times a
    day is routine, and left out; of what one person did within an hour in the same words, the last
    is told.
    """
    rows = _rows(tables, Interval(onset - before, onset + AFTER))
    hosts = {value for part in parts for value in _values(part, "host")}
    addresses = {value for part in parts for value in _values(part, "source")}
    found = [*_once([*_told(rows, onset, hosts, addresses)])]
    found.sort(key=lambda change: (not change.near, abs(change.before), change.position))
    return found[:most]


def _rows(tables: DuckDBPyConnection, interval: Interval) -> list[_Row]:
    # The text is looked at only of those whose lines have no id that says it.
    counts = ", ".join(f"count(*) FILTER (WHERE {one.who()})" for one in SPEAKERS)
    [counted] = tables.execute(
        f"""SELECT {counts} FROM
            (SELECT DISTINCT program, vendor, code FROM logs WHERE {interval.sql()})"""
    ).fetchall()
    there = tuple(one for one, count in zip(SPEAKERS, counted, strict=True) if count)
    return tables.execute(
        f"""SELECT received, host, peer, code, "position", original, program, vendor FROM logs
        WHERE {interval.sql()} AND {condition(there)} AND original IS NOT NULL
        ORDER BY received"""
    ).fetchall()


def _values(part: Part, name: str) -> Iterator[str]:
    yield from part.attributes.get(name, ())
    yield from (value for value, _ in part.made_of.get(name, ()))


def _told(
    rows: Sequence[_Row],
    onset: datetime,
    hosts: set[str],
    addresses: set[str],
) -> Iterator[Change]:
    seen: dict[tuple[str | None, str], list[Change]] = {}
    for received, host, peer, code, position, original, program, vendor in rows:
        if (told := said(original, program, vendor)) is None:
            continue
        words, who = told
        time = received.replace(tzinfo=UTC)
        near = host in hosts or host in addresses or peer in addresses
        near = near or any(_holds(original, address) for address in addresses)
        if code and code.endswith("UPDOWN") and not near:
            continue
        change = Change(time, host, words, onset - time, near, position, original, who)
        # Every host starts its timers; what is done to a configuration is one host's matter.
        whose = None if words.startswith(UNITS) else host
        alike = seen.setdefault((whose, _NUMBERS.sub("#", words)), [])
        # A service and the one who starts it both log it.
        if any(_is_again(change, other) for other in reversed(alike[-REPEATED:])):
            continue
        alike.append(change)
    for alike in seen.values():
        for _, day in groupby(alike, lambda change: max(change.before, timedelta()) // BEFORE):
            yield from _unless_routine([*day])


def _unless_routine(alike: Sequence[Change]) -> Sequence[Change]:
    """Leave out what happens several times a day; who changes much in one hour does it once."""
    if len(alike) < ROUTINE:
        return alike
    if not alike[0].who:
        return ()
    last = [
        one
        for one, after in pairwise((*alike, None))
        if one and (after is None or after.time - one.time > SPELL)
    ]
    return last if len(last) < ROUTINE else ()


def _is_again(change: Change, other: Change) -> bool:
    return (change.host, change.words) == (other.host, other.words) and (
        change.time - other.time <= AFTER
    )


def _once(found: Sequence[Change]) -> Iterator[Change]:
    """Tell once what a device logs in two messages, by the one that says more."""
    for change in found:
        what = change.words.partition("“")[2]
        if not what or not any(
            other is not change
            and other.host == change.host
            and abs(other.time - change.time) <= AFTER
            and other.words.partition("“")[2] == what
            and len(other.words) > len(change.words)
            for other in found
        ):
            yield change


def _holds(text: str, address: str) -> bool:
    return address in text and bool(
        re.search(rf"(?<![\w.:]){re.escape(address)}(?![\w:]|\.\d)", text)
    )
