from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import duckdb

from whence.analysis._log_interval import Interval
from whence.analysis.log_clock_steps import ClockStep, clock_steps

BEGIN = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY = Interval(BEGIN - timedelta(hours=12), BEGIN + timedelta(hours=12))
Line = tuple[str, int, int]  # host, file, minute


def _steps(lines: Iterable[Line], window: Interval = DAY) -> tuple[ClockStep, ...]:
    tables = duckdb.connect()
    tables.execute('CREATE TABLE logs (host VARCHAR, "position" UBIGINT, received TIMESTAMP)')
    rows = [
        (host, (file << 48) + number, (BEGIN + timedelta(minutes=minute)).replace(tzinfo=None))
        for number, (host, file, minute) in enumerate(lines)
    ]
    tables.executemany("INSERT INTO logs VALUES ($1, $2, $3)", rows)
    return clock_steps(tables, window)


def _of(host: str, *spans: range, file: int = 0) -> list[Line]:
    return [(host, file, minute) for minutes in spans for minute in minutes]


def test_a_clock_that_is_set_back_tells_an_hour_twice() -> None:
    [step] = _steps([*_of("db1", range(120), range(60, 200)), *_of("web1", range(200))])
    assert (step.host, step.back) == ("db1", timedelta(minutes=59))
    assert step.again.begin == BEGIN + timedelta(hours=1)
    assert (step.before, step.after) == (60, 60)


def test_a_clock_that_was_ahead_for_some_time_tells_twice_when_it_is_right_again() -> None:
    [step] = _steps(_of("db1", range(60), range(120, 180), range(120, 200)))
    assert step.again.begin == BEGIN + timedelta(hours=2)
    assert (step.before, step.after) == (60, 60)


def test_a_flood_in_order_is_no_clock() -> None:
    assert not _steps([("db1", 0, number // 50) for number in range(3_000)])


def test_files_in_another_order_are_no_clock() -> None:
    assert not _steps(_of("db1", range(60, 120), range(60)))  # cat app.log app.log.1
    assert not _steps([*_of("db1", range(60, 120)), *_of("db1", range(90), file=1)])


def test_lines_that_wait_or_are_of_two_zones_are_no_clock() -> None:
    assert not _steps(("db1", 0, minute - 4 * (minute % 2)) for minute in range(100))
    assert not _steps(("db1", 0, minute - 60 * (minute % 2)) for minute in range(100))
    assert not _steps([*_of("db1", range(60)), ("db1", 0, 5), *_of("db1", range(60, 90))])


def test_a_clock_that_was_set_at_another_time_does_not_matter() -> None:
    lines = _of("db1", range(120), range(60, 200))
    later = Interval(BEGIN + timedelta(minutes=150), BEGIN + timedelta(minutes=180))
    assert not _steps(lines, later)
