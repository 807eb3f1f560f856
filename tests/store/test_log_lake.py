from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.log_rows import FIRST, rows
from whence.model import BadInput, CannotStore
from whence.store.log_lake import FILES, LogLake, in_file
from whence.store.log_upkeep import Upkeep

NOW = FIRST + timedelta(days=1)
EVERYTHING = Upkeep(keep=None, keep_sums=None, most=None, fewest=2)


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[LogLake]:
    with LogLake(tmp_path / "lake") as made:
        yield made


def ask(relation: duckdb.DuckDBPyRelation, what: str) -> list[tuple[Any, ...]]:
    found = relation.query("asked", f"SELECT {what} FROM asked")
    assert found is not None
    return found.fetchall()


def positions(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> list[int]:
    return [row[0] for row in ask(lake.relation(tables).order("position"), "position")]


def test_what_was_appended_is_there(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    done = lake.append(rows(tables, 0, 1000), 0, 1000)
    assert (done.rows, done.cut, lake.reached()) == (1000, 0, 1000)
    found = ask(lake.relation(tables), "count(*), min(original), sum(weight), min(received)")
    assert found == [(1000, "line 0", 2000, FIRST.replace(tzinfo=None))]
    modes = {path.stat().st_mode & 0o777 for path in lake.folder.iterdir()}
    assert (modes, lake.folder.stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_an_arrow_stream_is_taken_as_it_is(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return rows(tables, 0, 5000).__arrow_c_stream__()

    assert lake.append(Stream(), 0, 5000).rows == 5000
    assert positions(lake, duckdb.connect()) == [*range(5000)]


def test_the_same_lines_are_kept_once(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    lake.append(rows(tables, 0, 100), 0, 100)
    again = lake.append(rows(tables, 0, 100), 0, 100)
    assert (again.rows, again.bytes, again.cut) == (0, 0, 100)
    longer = lake.append(rows(tables, 50, 150), 50, 150)
    assert (longer.rows, longer.cut) == (50, 50)
    assert positions(lake, tables) == [*range(150)]


def test_where_rows_end_may_be_known_only_when_they_were_read(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    assert lake.append(rows(tables, 0, 100), 0, lambda: 120).rows == 100
    assert lake.append(rows(tables, 0, 0), 120, lambda: 120).rows == 0
    assert (lake.reached(), len([*lake.folder.iterdir()])) == (120, 1)
    again = lake.append(rows(tables, 50, 200), 50, lambda: 200)
    assert (again.rows, again.cut, lake.reached()) == (80, 70, 200)


def test_a_hole_is_not_filled_from_around_it(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    lake.append(rows(tables, 50, 60), 50, 60)
    with pytest.raises(BadInput, match="cannot be kept"):
        lake.append(rows(tables, 0, 100), 0, 100)
    lake.append(rows(tables, 0, 50), 0, 50)
    assert positions(lake, tables) == [*range(60)]


def test_rows_outside_their_range_are_refused(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(BadInput, match="10 rows"):
        lake.append(rows(tables, 0, 60), 0, 50)
    assert not [*lake.folder.iterdir()]


def test_no_lines_are_an_answer_too(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    lake.append(rows(tables, 0, 0), 0, 70)
    assert (lake.reached(), positions(lake, tables)) == (70, [])
    assert ask(lake.sums(tables), "count(*)") == [(0,)]


def test_a_lake_that_was_never_written(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    assert (positions(lake, tables), lake.reached(), lake.size()) == ([], 0, 0)
    assert not lake.folder.exists()


def test_a_span_is_read_without_the_rest(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    for begin in range(0, 10_000, 1000):
        lake.append(rows(tables, begin, begin + 1000), begin, begin + 1000)
    start, end = FIRST + timedelta(seconds=1500), FIRST + timedelta(seconds=3500)
    found = ask(lake.relation(tables, start, end), "count(*), min(position), max(position)")
    assert found == [(2000, 1500, 3499)]


def test_the_largest_positions(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    base = in_file(5, 0)
    lake.append(rows(tables, base, base + 10, base=base), base, base + 10)
    lake.append(rows(tables, 0, 10), 0, 10)
    assert positions(lake, tables) == [*range(10), *range(base, base + 10)]
    assert (lake.reached(), lake.reached(base, in_file(6))) == (10, base + 10)
    assert lake.reached(in_file(6), in_file(7)) == in_file(6) > FILES


def test_one_writes_and_many_read(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    lake.append(rows(tables, 0, 10), 0, 10)
    with LogLake(lake.folder) as other:
        with pytest.raises(CannotStore, match="could not write") as refusal:
            other.append(rows(tables, 10, 20), 10, 20)
        assert refusal.value.try_
        assert positions(other, tables) == [*range(10)]
    lake.close()
    with LogLake(lake.folder) as other:
        other.append(rows(tables, 10, 20), 10, 20)


def test_what_a_killed_writer_left_is_swept(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    lake.append(rows(tables, 0, 10), 0, 10)
    lake.close()
    draft = lake.folder / ".rows-1-2.draft"
    draft.write_bytes(b"PAR1 half of it")
    lake.append(rows(tables, 10, 20), 10, 20)
    assert not draft.exists()
    assert positions(lake, tables) == [*range(20)]


def test_joining_changes_nothing_for_readers(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    for begin in range(0, 500, 50):
        lake.append(rows(tables, begin, begin + 50), begin, begin + 50)
    before = lake.relation(tables)
    sums = sorted(ask(lake.sums(tables), "*"), key=str)
    kept = lake.tidy(EVERYTHING, NOW)
    assert (kept.joined, kept.summed, kept.dropped) == (10, 1, 0)
    assert len([*lake.folder.iterdir()]) == 3
    assert ask(before, "count(*)") == [(500,)]  # what was removed stays open
    assert positions(lake, tables) == [*range(500)]
    assert sorted(ask(lake.sums(tables), "*"), key=str) == sums


def test_joined_files_hold_positions_as_differences(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    for begin in range(0, 40_000, 4_000):
        lake.append(rows(tables, begin, begin + 4_000), begin, begin + 4_000)
    lake.tidy(EVERYTHING, NOW)
    [file] = lake.folder.glob("rows-*")
    found = tables.execute(
        "SELECT encodings FROM parquet_metadata($1) WHERE path_in_schema = 'position'", [str(file)]
    ).fetchall()
    assert found == [("DELTA_BINARY_PACKED",)]


def test_a_joining_that_was_killed_before_it_removed(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    for begin in range(0, 100, 10):
        lake.append(rows(tables, begin, begin + 10), begin, begin + 10)
    parts = {path.name: path.read_bytes() for path in lake.folder.iterdir()}
    lake.tidy(EVERYTHING, NOW)
    for name, content in parts.items():
        (lake.folder / name).write_bytes(content)
    assert positions(lake, tables) == [*range(100)]
    assert ask(lake.sums(tables), "sum(lines)") == [(100,)]
    assert lake.append(rows(tables, 0, 100), 0, 100).rows == 0
    lake.tidy(EVERYTHING, NOW)
    assert not {path.name for path in lake.folder.iterdir()} & {*parts}


def test_sums_outlive_the_lines(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    day = 86_400
    for number in range(6):
        first = FIRST + timedelta(days=number)
        begin = number * day
        made = rows(tables, begin, begin + 500, first=first, base=begin)
        lake.append(made, begin, begin + day)
    before = sorted(ask(lake.sums(tables), "*"), key=str)
    loudest = sorted(ask(lake.loudest(tables), "*"), key=str)
    kept = lake.tidy(Upkeep(keep=timedelta(days=1), fewest=99), FIRST + timedelta(days=6))
    assert kept.dropped == 3
    assert len(positions(lake, tables)) == 3 * 500
    assert sorted(ask(lake.sums(tables), "*"), key=str) == before
    assert sorted(ask(lake.loudest(tables), "*"), key=str) == loudest
    assert lake.append(rows(tables, 0, 500), 0, day).rows == 0, "what was dropped is not new"


def test_the_oldest_go_when_there_is_too_much(
    lake: LogLake, tables: duckdb.DuckDBPyConnection
) -> None:
    for begin in range(0, 50_000, 10_000):
        lake.append(rows(tables, begin, begin + 10_000), begin, begin + 10_000)
    most = lake.size() // 2
    kept = lake.tidy(Upkeep(most=most, fewest=99), NOW)
    assert 0 < kept.dropped < 5
    assert lake.size() <= most
    assert ask(lake.relation(tables), "max(position)") == [(49_999,)]
    assert ask(lake.sums(tables), "sum(lines)") == [(50_000,)]
    lake.tidy(Upkeep(most=0, fewest=99), NOW)
    assert ask(lake.relation(tables), "count(*)") == [(10_000,)], "the newest always stays"


def test_a_damaged_file_is_named_and_left(lake: LogLake, tables: duckdb.DuckDBPyConnection) -> None:
    for begin in range(0, 40, 10):
        lake.append(rows(tables, begin, begin + 10), begin, begin + 10)
    cut, empty = sorted(lake.folder.iterdir())[1:3]
    cut.write_bytes(cut.read_bytes()[:-3])
    empty.write_bytes(b"")
    foreign = lake.folder / "notes.parquet"
    foreign.write_text("not ours")
    before = {path.name: path.read_bytes() for path in lake.folder.iterdir()}
    assert positions(lake, tables) == [*range(10), *range(30, 40)]
    assert {*lake.unreadable} == {cut, empty}
    assert all(reason.because and reason.try_ for reason in lake.unreadable.values())
    assert lake.append(rows(tables, 10, 20), 10, 20).rows == 0, "not written over"
    lake.tidy(EVERYTHING, NOW)
    assert {name: (lake.folder / name).read_bytes() for name in (cut.name, empty.name)} == {
        name: before[name] for name in (cut.name, empty.name)
    }
    assert foreign.read_text() == "not ours"


def test_a_folder_that_is_a_file(tmp_path: Path, tables: duckdb.DuckDBPyConnection) -> None:
    (tmp_path / "lake").write_text("")
    with LogLake(tmp_path / "lake") as lake, pytest.raises(CannotStore) as refusal:
        lake.append(rows(tables, 0, 10), 0, 10)
    assert refusal.value.because


def test_times_do_not_depend_on_where_one_is(
    lake: LogLake, tables: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    lake.append(rows(tables, 0, 10), 0, 10)
    with duckdb.connect() as other:
        other.execute("SET TimeZone = 'Pacific/Auckland'")
        end: datetime = FIRST + timedelta(seconds=5)
        assert ask(lake.relation(other, FIRST, end), "count(*)") == [(5,)]


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans()), min_size=1, max_size=4
    )
)
def test_whatever_is_appended_each_line_counts_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, bool]]
) -> None:
    expected: set[int] = set()
    with (
        duckdb.connect() as tables,
        LogLake(tmp_path_factory.mktemp("lake") / "lake") as lake,
    ):
        for begin, length, tidied in steps:
            span = range(begin, begin + length)
            try:
                lake.append(rows(tables, span.start, span.stop), span.start, span.stop)
                expected |= {*span}
            except BadInput:
                assert span.stop - 1 in expected or {*span} & expected
            if tidied:
                lake.tidy(EVERYTHING, NOW)
            assert positions(lake, tables) == sorted(expected)
            assert ask(lake.sums(tables), "coalesce(sum(lines), 0)") == [(len(expected),)]
