"""Rows that the native part writes to a file are those that the engine reads from it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from tests.world.log_rows import NOW
from tests.world.log_samples import ALL
from whence import _native
from whence.model.log_tables import LOGS


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of line, and of some columns more values than a dictionary has room for."""
    chance = Random(11)
    samples = [line for line, _ in ALL]
    stamps = [f"<166>Mar 0{1 + n % 3} 2026 0{n % 9}:17:0{n % 7} fw-{n % 5} : " for n in range(40)]
    file = tmp_path_factory.mktemp("lines") / "lines.log"
    with file.open("w") as out:
        for number in range(34_000):
            address = f"2001:db8:{chance.randrange(1 << 16):x}::{chance.randrange(1 << 16):x}"
            port, inside = chance.randrange(1 << 16), f"10.0.0.{number % 250}/443"
            out.write(
                f"{chance.choice(stamps)}%ASA-6-302014: Teardown TCP connection {number} for "
                f"outside:{address}/{port} to inside:{inside} "
                f"duration 0:00:{number % 60:02} bytes {chance.randrange(1 << 40)} TCP FINs\n"
                if number % 3
                else f"{chance.choice(samples)}\n"
            )
    return file


def _read(lines: Path, **options: Any) -> _native.Stream:
    stream, _reading = _native.parse_logs([lines], now=NOW, **options)
    return stream


def _written(stream: _native.Stream, to: Path, **options: int) -> int:
    count = stream.write_parquet(to, **options)
    assert to.stat().st_mode & 0o777 == 0o600
    return count


def test_what_is_written_is_what_is_read(lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    count = _written(_read(lines), file)
    engine = duckdb.connect()
    engine.execute(f"CREATE VIEW written AS FROM '{file}'")
    described = engine.execute("DESCRIBE written").fetchall()
    assert {name: type_ for name, type_, *_ in described} == LOGS
    engine.register("incoming", _read(lines))
    engine.execute("CREATE TABLE read AS FROM incoming")
    assert engine.execute("SELECT count(*) FROM read").fetchall() == [(count,)]
    for one, other in (("read", "written"), ("written", "read")):
        different = engine.execute(f"FROM {one} EXCEPT ALL FROM {other}").fetchall()
        assert different == []


def test_what_the_footer_says_of_columns_is_so(lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    _written(_read(lines), file)
    engine = duckdb.connect()
    told = engine.execute(
        "SELECT path_in_schema, row_group_id, row_group_num_rows, stats_null_count, "
        "stats_min_value, stats_max_value, encodings FROM parquet_metadata($1)",
        [str(file)],
    ).fetchall()
    groups = {group for _, group, *_ in told}
    assert len(groups) > 1
    begin = 0
    for group in sorted(groups):
        of_group = [row for row in told if row[1] == group]
        for name, _, rows, nulls, least, most, _ in of_group:
            [(none, low, high)] = engine.execute(
                f'SELECT count(*) - count("{name}"), min("{name}")::VARCHAR, '
                f'max("{name}")::VARCHAR FROM read_parquet($1, file_row_number = true) '
                "WHERE file_row_number >= $2 AND file_row_number < $3",
                [str(file), begin, begin + rows],
            ).fetchall()
            assert none == nulls, name
            if least is not None:
                assert (least, most) == (low, high), name
        begin += of_group[0][2]


@pytest.mark.parametrize("columns", [["position", "source"], ["original"], ["severity", "reason"]])
def test_some_columns_can_be_written_too(columns: list[str], lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    _written(_read(lines, columns=columns), file)
    found = duckdb.connect().execute(f"FROM '{file}'").fetchall()
    engine = duckdb.connect()
    engine.register("incoming", _read(lines, columns=columns))
    assert found == engine.sql("FROM incoming").fetchall()


def test_positions_are_moved_and_end_at_the_limit(lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    base = (1 << 63) + (7 << 40)
    positions = duckdb.connect()
    positions.register("incoming", _read(lines, columns=["position"]))
    all_ = [at + base for (at,) in positions.sql("FROM incoming").fetchall()]
    limit = all_[-5]
    assert _written(_read(lines), file, shift=base, limit=limit) == len(all_) - 5
    found = duckdb.connect().execute(f"SELECT position FROM '{file}'").fetchall()
    assert [at for (at,) in found] == all_[:-5]


def test_no_lines_are_a_file_too(tmp_path: Path) -> None:
    empty, file = tmp_path / "empty.log", tmp_path / "rows.parquet"
    empty.write_bytes(b"")
    assert _written(_read(empty), file) == 0
    assert duckdb.connect().execute(f"FROM '{file}'").fetchall() == []


def test_a_stream_that_was_read_writes_nothing_more(lines: Path, tmp_path: Path) -> None:
    stream = _read(lines)
    _written(stream, tmp_path / "rows.parquet")
    with pytest.raises(RuntimeError, match="read already"):
        stream.write_parquet(tmp_path / "again.parquet")


def test_a_file_that_cannot_be_written_says_why(lines: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _read(lines).write_parquet("/nonexistent/rows.parquet")
    with pytest.raises(OSError, match="No space left") as raised:
        _read(lines).write_parquet("/dev/full")
    assert raised.value.errno == 28
    assert os.access("/dev/full", os.W_OK)


def test_times_are_those_of_no_zone(tmp_path: Path) -> None:
    log, file = tmp_path / "one.log", tmp_path / "rows.parquet"
    log.write_text("<166>Mar 03 2026 03:17:00 fw-1 : %ASA-6-302010: 4 in use, 20 most used\n")
    _written(_read(log), file)
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'Asia/Kolkata'")
    [(time,)] = engine.execute(f"SELECT received FROM '{file}'").fetchall()
    assert time.replace(tzinfo=UTC) == datetime(2026, 3, 3, 3, 17, tzinfo=UTC)
