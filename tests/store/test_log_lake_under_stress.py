"""The lake while it is killed, its disk is full, and others read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.store.log_rows import FIRST, rows
from tests.store.test_full_disk import no_file_larger_than
from whence.model import CannotStore
from whence.store.log_lake import LogLake, in_file
from whence.store.log_upkeep import Upkeep
from whence.world.log_file_rows import LogRows

SCRIPT = Path(__file__).parents[2] / "bench" / "logs" / "durability.py"
BATCH = 400
NOW = FIRST + timedelta(days=1)
OFTEN = Upkeep(keep=None, keep_sums=None, most=None, fewest=2)


def counts(lake: LogLake) -> tuple[int, int, int]:
    with duckdb.connect() as tables:
        lake.relation(tables)
        [(count, different, end)] = tables.execute(
            "SELECT count(*), count(DISTINCT position), coalesce(max(position) + 1, 0) FROM logs"
        ).fetchall()
        lake.sums(tables)
        [(lines,)] = tables.execute("SELECT coalesce(sum(lines), 0)::BIGINT FROM sums").fetchall()
    assert lines >= count  # more may have come in between
    return count, different, end


def test_what_was_acknowledged_is_there_once_after_kill_9() -> None:
    command = [sys.executable, str(SCRIPT), "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["acknowledged"] > 0
    assert (result["kills"], result["problems"]) == (20, [])


def test_readers_see_each_line_once_while_it_is_written_and_joined(tmp_path: Path) -> None:
    over = threading.Event()
    failures: list[BaseException] = []
    reads = [0, 0]

    def read(number: int) -> None:
        seen = 0
        try:
            while not over.is_set():
                with LogLake(tmp_path) as lake:
                    count, different, end = counts(lake)
                    assert count == different == end >= seen
                    assert not lake.unreadable
                    seen = count
                reads[number] += 1
        except BaseException as failure:  # noqa: BLE001  (told below)
            failures.append(failure)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    with duckdb.connect() as tables, LogLake(tmp_path) as lake:
        for begin in range(0, 24 * BATCH, BATCH):
            lake.append(rows(tables, begin, begin + BATCH), begin, begin + BATCH)
            if begin % (3 * BATCH) == 0:
                lake.tidy(OFTEN, NOW)
    over.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert all(reads)


def counts_by_another(folder: Path) -> tuple[int, int, int]:
    """Count, and let go of the files: of one that is open, the room is not free."""
    with LogLake(folder) as lake:
        return counts(lake)


def fill(lake: LogLake) -> tuple[int, CannotStore]:
    """Append until there is no room; give what was acknowledged, and what was said."""
    with duckdb.connect() as tables:
        for begin in range(0, 1000 * BATCH * 20, BATCH * 20):
            try:
                lake.append(rows(tables, begin, begin + BATCH * 20), begin, begin + BATCH * 20)
            except CannotStore as refusal:
                return begin, refusal
    raise AssertionError("there was always room")


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    with LogLake(tmp_path) as lake:
        with duckdb.connect() as tables, no_file_larger_than(3000):
            with pytest.raises(CannotStore) as refusal:
                lake.append(rows(tables, 0, 20_000), 0, 20_000)
            assert refusal.value.because == "the disk is full"
            assert refusal.value.try_
        assert not [*tmp_path.iterdir()]
        with duckdb.connect() as tables:
            lake.append(rows(tables, 0, 20_000), 0, 20_000)
        assert counts(lake) == (20_000, 20_000, 20_000)


def test_a_full_disk_is_told_also_where_the_native_part_writes(tmp_path: Path) -> None:
    log, folder = tmp_path / "some.log", tmp_path / "lake"
    log.write_text("".join(f"Mar  3 03:17:00 a-1 b: {n * n} {n}\n" for n in range(20_000)))
    with LogLake(folder) as lake:
        rows_ = LogRows([log], FIRST)
        with no_file_larger_than(3000), pytest.raises(CannotStore) as refusal:
            lake.append_file(rows_.rows, 1, 0, rows_.reached)
        assert refusal.value.because == "the disk is full"
        assert refusal.value.try_
        assert not [*folder.iterdir()]
        rows_ = LogRows([log], FIRST)
        assert lake.append_file(rows_.rows, 1, 0, rows_.reached).rows == 20_000
        [name] = [path.name for path in folder.iterdir()]
        assert name.startswith(f"rows-{in_file(1):020}-{in_file(1, log.stat().st_size):020}-")
        with duckdb.connect() as tables:
            lake.relation(tables)
            found = tables.execute(
                "SELECT count(*), min(position), count(original) FROM logs"
            ).fetchall()
        assert found == [(20_000, in_file(1), 20_000)]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "whence", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.lab
def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path, "700k"):
        with LogLake(tmp_path / "lake") as lake:
            acknowledged, refusal = fill(lake)
            assert acknowledged
            assert refusal.because == "the disk is full"
            assert counts_by_another(lake.folder) == (acknowledged, acknowledged, acknowledged)
            assert not [*lake.folder.glob(".*")]
            with pytest.raises(CannotStore):
                lake.tidy(Upkeep(fewest=2, keep=None), NOW)  # there is no room to join either
            assert counts_by_another(lake.folder) == (acknowledged, acknowledged, acknowledged)
            oldest = min(lake.folder.iterdir())
            oldest.unlink()  # somebody makes room
            with duckdb.connect() as tables:
                more = rows(tables, acknowledged, acknowledged + BATCH)
                lake.append(more, acknowledged, acknowledged + BATCH)
            assert lake.reached() == acknowledged + BATCH
        with LogLake(tmp_path / "lake") as lake:
            assert counts(lake)[2] == acknowledged + BATCH
