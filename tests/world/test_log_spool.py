from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import CannotStore
from whence.world.log_spool import (
    HEAD,
    MAGIC,
    Kind,
    Record,
    SpoolReader,
    gap,
    mark,
    position,
    prune,
    records,
    segments,
)
from whence.world.log_spool_writer import SpoolWriter

FROM = mark(Kind.UDP, "192.0.2.1", 514)
ROOMY = 1 << 20


def batch(*messages: bytes) -> bytes:
    return records(7, messages, [FROM] * len(messages))


def spooled(folder: Path, *messages: bytes, size: int = ROOMY) -> None:
    writer = SpoolWriter(folder, size, 60)
    for message in messages:
        writer.append(batch(message))
    writer.close()


def payloads(folder: Path) -> list[bytes]:
    return [record.payload for record in SpoolReader(folder).records()]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    spooled(tmp_path / "spool", b"one", b"", b"three")
    (number, path), = segments(tmp_path / "spool")  # fmt: skip
    first, *others = SpoolReader(tmp_path / "spool").records()
    assert first == Record(position(number, HEAD.size), 7, Kind.UDP, "192.0.2.1", 514, b"one")
    assert [record.payload for record in others] == [b"", b"three"]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_gap_says_what_was_lost(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, ROOMY, 60)
    writer.append(gap(9, 3, "no room", peers={"192.0.2.1": 3}))
    writer.close()
    (record,) = SpoolReader(tmp_path).records()
    assert (record.kind, record.peer) == (Kind.GAP, "")
    assert record.payload == b'{"lost":3,"why":"no room","peers":{"192.0.2.1":3}}'


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, 100, 60)
    reader = SpoolReader(tmp_path)
    seen = []
    for number in range(20):
        writer.append(batch(b"%d" % number))
        seen += [record.payload for record in reader.records()]
        assert reader.position == writer.position
    assert seen == [b"%d" % number for number in range(20)]
    assert len(segments(tmp_path)) > 3
    again = SpoolReader(tmp_path, reader.position)
    writer.append(batch(b"more"))
    assert [record.payload for record in again.records()] == [b"more"]
    writer.close()


@given(cut=st.integers(0, 200))
def test_a_record_that_is_not_whole_is_not_read(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spooled(folder, b"one", b"two", b"three")
    ((_, path),) = segments(folder)
    whole = path.read_bytes()
    kept = max(HEAD.size, len(whole) - cut)
    os.truncate(path, kept)
    left = payloads(folder)
    assert left == [b"one", b"two", b"three"][: len(left)]
    writer = SpoolWriter(folder, ROOMY, 60)  # it cuts off what the other had not finished
    each = (len(whole) - HEAD.size - 11) // 3
    assert path.stat().st_size == HEAD.size + len(left) * each + sum(map(len, left))
    assert writer.cut == kept - path.stat().st_size
    writer.append(batch(b"next"))
    writer.close()
    assert payloads(folder) == [*left, b"next"]


@given(st.binary(max_size=100))
def test_hostile_bytes_are_damage_and_nothing_worse(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spooled(folder, b"one")
    ((number, path),) = segments(folder)
    with path.open("ab") as file:
        file.write(junk)
    (folder / f"{number + 1:020}.spool").write_bytes(HEAD.pack(MAGIC, number + 1) + batch(b"two"))
    reader = SpoolReader(folder)
    found = [record.payload for record in reader.records()]
    assert (found[0], found[-1]) == (b"one", b"two")


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    spooled(tmp_path, b"one")
    ((_, path),) = segments(tmp_path)
    end = path.stat().st_size
    with path.open("ab") as file:
        file.write(batch(b"two").replace(b"\x01", b"\x63", 1))
    reader = SpoolReader(tmp_path)
    assert [record.payload for record in reader.records()] == [b"one"]
    assert [(damage.file, damage.offset) for damage in reader.damage] == [(path, end)]


def test_segments_that_are_done_with_are_removed_but_not_the_newest(tmp_path: Path) -> None:
    spooled(tmp_path, *(b"%d" % n for n in range(9)), size=60)
    numbers = [number for number, _ in segments(tmp_path)]
    assert prune(tmp_path, position(numbers[2], 50)) == 2
    assert prune(tmp_path, position(numbers[-1] + 5, 0)) == len(numbers) - 3
    assert [number for number, _ in segments(tmp_path)] == numbers[-1:]


def test_a_number_is_not_used_twice(tmp_path: Path) -> None:
    spooled(tmp_path, b"one", b"two", size=30)
    last = segments(tmp_path)[-1][0]
    spooled(tmp_path, b"three")
    assert segments(tmp_path)[-1][0] == last + 1


def test_each_segment_begins_with_what_has_to_be_known(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, 200, 60, lambda: gap(1, 0, "known"))
    for number in range(9):
        writer.append(batch(b"%d" % number))
    writer.close()
    for number, _ in segments(tmp_path):
        first = next(SpoolReader(tmp_path, position(number, 0)).records())
        assert first.kind is Kind.GAP


def test_one_process_writes(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, ROOMY, 60)
    with pytest.raises(CannotStore, match="could not write"):
        SpoolWriter(tmp_path, ROOMY, 60)
    writer.close()
    SpoolWriter(tmp_path, ROOMY, 60).close()


def test_a_long_path_keeps_its_end() -> None:
    assert mark(Kind.FILE, "/x" * 200 + "/app.log").endswith(b"/app.log")
