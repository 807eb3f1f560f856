from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sensors.log_receiver import everything, texts
from whence.model.log_receiving import SpoolLimits
from whence.sensors import log_keeper
from whence.sensors.log_keeper import FULL, Keeper, severity
from whence.world.log_spool import Kind, mark
from whence.world.log_spool_writer import SpoolWriter

ONE, OTHER = mark(Kind.UDP, "192.0.2.1", 514), mark(Kind.UDP, "192.0.2.2", 514)
BLOCK = 4096


class Disk:
    """A disk with so many free bytes of a gigabyte."""

    free = 1 << 30

    def look(self) -> os.statvfs_result:
        blocks = (1 << 30) // BLOCK
        return os.statvfs_result(
            (BLOCK, BLOCK, blocks, blocks, self.free // BLOCK, 9, 9, 9, 0, 255)
        )


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def keeper(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    monkeypatch.setattr(log_keeper, "LOOK", 0)
    spool = SpoolWriter(tmp_path, 1 << 20, 60)
    return Keeper(spool, SpoolLimits(floor=100 << 20, floor_share=0.05), disk.look)


def test_the_floor_is_kept_and_storing_begins_again_some_way_above_it(
    tmp_path: Path, disk: Disk, keeper: Keeper
) -> None:
    keeper.put([b"<11>stored"], [ONE])
    disk.free = 100 << 20
    keeper.put([b"<11>counted", b"<12>counted"], [ONE, OTHER])
    assert keeper.problem == FULL
    disk.free = 101 << 20  # a little more: it would be used up at once
    keeper.put([b"<11>counted"], [ONE])
    keeper.tick()
    disk.free = 120 << 20
    keeper.put([b"<11>again"], [ONE])
    assert texts(tmp_path) == ["<11>stored", "<11>again"]
    assert (keeper.received, keeper.stored, keeper.unstored) == (5, 2, 3)
    (gap,) = [record for record in everything(tmp_path) if record.kind is Kind.GAP]
    told = json.loads(gap.payload)
    assert (told["lost"], told["why"]) == (3, FULL)
    assert told["peers"] == {"192.0.2.1": 2, "192.0.2.2": 1}
    assert told["severities"] == {"error": 2, "warning": 1}


def test_the_share_of_a_large_disk_counts_where_it_is_more(tmp_path: Path, disk: Disk) -> None:
    keeper = Keeper(SpoolWriter(tmp_path, 1 << 20, 60), SpoolLimits(0, 0, 1, 0.5), disk.look)
    disk.free = (1 << 29) - BLOCK
    assert not keeper.has_room()


def test_what_can_be_had_again_is_not_counted_while_there_is_no_room(
    disk: Disk, keeper: Keeper
) -> None:
    disk.free = 0
    assert not keeper.put_if_room([b"line"], [ONE])
    assert (keeper.received, keeper.unstored) == (0, 0)


def test_what_cannot_even_be_written_down_is_not_forgotten(
    tmp_path: Path, disk: Disk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: SpoolWriter, _batch: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(SpoolWriter, "append", full)
        keeper.put([b"<11>one"], [ONE])
        keeper.lose(5, "too fast")
        keeper.tick()
        assert keeper.problem == "No space left on device"
        assert keeper.severities == {"error": 1}
    keeper.tick()
    assert sorted(json.loads(record.payload)["lost"] for record in everything(tmp_path)) == [1, 5]
    assert not keeper.problem


def test_senders_beyond_number_are_counted_together(
    disk: Disk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_keeper, "PEERS", 10)
    marks = [mark(Kind.UDP, f"2001:db8::{number:x}", 514) for number in range(1, 200)]
    keeper.put([b"<11>x"] * len(marks), marks)
    disk.free = 0
    keeper.put([b"<11>x"] * len(marks), marks)
    assert keeper.top[0] == ("others", 2 * (len(marks) - 10))
    assert keeper.unstored == sum(keeper.severities.values()) == len(marks)


@given(st.binary(max_size=8))
def test_any_bytes_have_a_severity(message: bytes) -> None:
    assert 0 <= severity(message) <= 8
    assert severity(b"<191>" + message) == 7
    assert severity(b"<192>" + message) == severity(b"x" + message) == 8
