from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import duckdb
import pytest

from whence.analysis._log_interval import Interval
from whence.analysis.log_clock_steps import ClockStep, clock_steps, corrected

BEGIN = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY = Interval(BEGIN - timedelta(hours=12), BEGIN + timedelta(hours=12))
Line = tuple[str, int, int]  # host, file, minute


def _steps(lines: Iterable[Line], window: Interval = DAY) -> tuple[ClockStep, ...]:
    return clock_steps(_tables(lines), window)


def _tables(lines: Iterable[Line]) -> duckdb.DuckDBPyConnection:
    tables = duckdb.connect()
    tables.execute('CREATE TABLE logs (host VARCHAR, "position" UBIGINT, received TIMESTAMP)')
    rows = [
        (host, (file << 48) + number, (BEGIN + timedelta(minutes=minute)).replace(tzinfo=None))
        for number, (host, file, minute) in enumerate(lines)
    ]
    tables.executemany("INSERT INTO logs VALUES ($1, $2, $3)", rows)
    return tables


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


def _interleaved(off: Callable[[str, int], int], hosts: Iterable[str]) -> list[Line]:
    """Give a line of each host each minute, in the order in which they came."""
    known = [*hosts]
    return [(host, 0, minute + off(host, minute)) for minute in range(240) for host in known]


def _put_right(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """Give hosts and minutes, in the order of the file, as they are when corrected."""
    tables = _tables(lines)
    rows = tables.execute(
        f"""SELECT host, {corrected(clock_steps(tables))} FROM logs ORDER BY "position\""""
    ).fetchall()
    begin = BEGIN.replace(tzinfo=None)
    return [(host, (moment - begin) // timedelta(minutes=1)) for host, moment in rows]


HOSTS = ("db1", "web1", "web2", "web3")


@pytest.mark.parametrize("by", [-30, -60, 60, 180])
@pytest.mark.parametrize("until", [200, 240])
def test_others_show_when_a_clock_was_set_and_by_how_much(by: int, until: int) -> None:
    def off(host: str, minute: int) -> int:
        return by if host == "db1" and 100 <= minute < until else 0

    lines = _interleaved(off, HOSTS)
    [step] = _steps(lines)
    assert (step.host, step.off) == ("db1", timedelta(minutes=by))
    assert _put_right(lines) == [(host, minute) for host, _, minute in _interleaved(_none, HOSTS)]


def test_a_silence_beside_others_that_go_on_is_no_clock() -> None:
    lines = _interleaved(_none, HOSTS)
    assert not _steps(line for line in lines if line[0] != "db1" or not 100 <= line[2] < 160)


def test_hosts_that_all_jump_have_their_times_from_one_clock() -> None:
    [step] = _steps(_interleaved(lambda _, minute: -60 if minute >= 150 else 0, HOSTS))
    assert (step.host, step.off) == (None, timedelta(hours=1))

    [step] = _steps(_interleaved(lambda _, minute: 60 if 90 <= minute < 150 else 0, HOSTS))
    assert (step.host, step.corrects_what_follows) == (None, False)
    assert step.said.begin == BEGIN + timedelta(minutes=150)


def test_the_end_of_summer_time_that_was_read_as_its_zone_is_put_right() -> None:
    lines = _of("db1", range(120), range(60, 120), range(180, 240))  # of two moments, the first
    [step] = _steps(lines)
    assert step.corrects_what_follows
    told = [minute for _, minute in _put_right(lines)]
    assert told == sorted(told)
    assert max(later - earlier for earlier, later in pairwise(told)) <= 2


def _none(host: str, minute: int) -> int:
    return 0
