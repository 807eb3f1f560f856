from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import duckdb
import pytest

from tests.sensors.log_receiver import everything, texts
from whence import _native
from whence.model.log_receiving import SpoolLimits
from whence.sensors.log_keeper import Keeper
from whence.sensors.log_tails import Tails
from whence.world import log_files
from whence.world.log_spool import Kind, segments
from whence.world.log_spool_writer import SpoolWriter


class Follower:
    """Follows files in this process, with the clock of the looks taken out."""

    def __init__(self, folder: Path, *patterns: str, from_start: bool = True) -> None:
        self.folder = folder
        self.tails = Tails(patterns, from_start=from_start)
        self.spool = SpoolWriter(
            folder / "spool", 4000, 60, self.tails.notes_of_all, self.tails.replay
        )
        self.keeper = Keeper(self.spool, SpoolLimits(floor=0, floor_share=0), self._disk)
        self.full = False

    def look(self) -> list[str]:
        """Look at the files until there is no more to read; give all that is in the spool."""
        self.read()
        return texts(self.folder / "spool")

    def read(self) -> None:
        """Look at the files until there is no more to read."""
        more = True
        while more:
            self.tails._next_look = self.tails._next_search = 0
            more = self.tails.poll(self.keeper)

    def stop(self) -> None:
        """End without any farewell, as if killed."""
        self.tails.close()
        self.spool.close()

    def _disk(self) -> os.statvfs_result:
        found = os.statvfs(self.folder)
        if not self.full:
            return found
        return os.statvfs_result([0 if n == 4 else value for n, value in enumerate(found)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def add(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_lines_that_are_added_are_read_once(tmp_path: Path, log: Path) -> None:
    add(log, "one", "two")
    follower = Follower(tmp_path, str(log))
    assert follower.look() == ["one", "two"]
    add(log, "three")
    assert follower.look() == follower.look() == ["one", "two", "three"]
    record = next(one for one in everything(tmp_path / "spool") if one.kind is Kind.FILE)
    assert (record.peer, record.port) == (str(log), 1)
    follower.stop()


def test_what_was_there_at_the_very_first_start_is_passed_over(tmp_path: Path, log: Path) -> None:
    add(log, "old", "older")
    follower = Follower(tmp_path, str(tmp_path / "*.log"), from_start=False)
    assert follower.look() == []
    add(log, "new")
    add(tmp_path / "late.log", "all", "of it")
    assert follower.look() == ["new", "all", "of it"]
    follower.stop()


def test_what_was_there_when_a_pattern_was_new_is_passed_over(tmp_path: Path, log: Path) -> None:
    other = tmp_path / "other.log"
    add(log, "one")
    add(other, "old")
    follower = Follower(tmp_path, str(log))
    follower.look()
    follower.stop()
    follower = Follower(tmp_path, str(log), str(other), from_start=False)
    follower.look()
    add(other, "new")
    assert follower.look() == ["one", "new"]
    follower.stop()


def test_half_a_line_waits_for_its_end(tmp_path: Path, log: Path) -> None:
    log.write_text("one\nhal")
    follower = Follower(tmp_path, str(log))
    assert follower.look() == ["one"]
    with log.open("a") as file:
        file.write("f\n")
    assert follower.look() == ["one", "half"]
    follower.stop()


def test_a_restart_goes_on_where_the_spool_is(tmp_path: Path, log: Path) -> None:
    expected: list[str] = []
    for turn in range(12):
        lines = [f"{turn} {number}" + "\r" * (number % 3 == 0) for number in range(turn * 20)]
        add(log, *lines, "", "")
        expected += [line.strip("\r") for line in lines]
        follower = Follower(tmp_path, str(log))
        assert follower.look() == expected
        follower.stop()
    assert len(segments(tmp_path / "spool")) > 3


def test_a_record_that_was_cut_off_is_read_again(tmp_path: Path, log: Path) -> None:
    sent = [f"line {number} {'x' * (number % 90)}" for number in range(300)]
    add(log, *sent)
    for _ in range(15):
        follower = Follower(tmp_path, str(log))
        assert follower.look() == sent
        follower.stop()
        newest = segments(tmp_path / "spool")[-1][1]
        with newest.open("r+b") as file:  # as a writer leaves it that is killed within a record
            size = newest.stat().st_size
            file.truncate(size - random.Random(size).randrange(min(2000, size // 2)))


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_begin(
    tmp_path: Path, log: Path
) -> None:
    add(log, "one")
    follower = Follower(tmp_path, str(log))
    follower.look()
    log.rename(tmp_path / "app.log.1")
    add(tmp_path / "app.log.1", "two")
    add(log, "three")
    assert follower.look() == ["one", "two", "three"]
    add(tmp_path / "app.log.1", "late")
    assert follower.look()[-1] == "late"
    follower.stop()


def test_a_file_that_was_renamed_while_nobody_read_is_read_to_its_end(
    tmp_path: Path, log: Path
) -> None:
    add(log, "one")
    follower = Follower(tmp_path, str(log))
    follower.look()
    follower.stop()
    add(log, "two")
    log.rename(tmp_path / "app.log.1")
    add(log, "three")
    follower = Follower(tmp_path, str(log))
    assert follower.look() == ["one", "two", "three"]
    follower.stop()
    follower = Follower(tmp_path, str(log))
    assert follower.look() == ["one", "two", "three"]
    follower.stop()


def copy_and_truncate(path: Path, copy: Path) -> None:
    copy.write_bytes(path.read_bytes())
    os.truncate(path, 0)


def test_a_file_that_was_copied_and_emptied_is_read_on_in_the_copy(
    tmp_path: Path, log: Path
) -> None:
    for pattern in (str(log), str(tmp_path / "app.log*")):
        folder = tmp_path / pattern[-1]
        folder.mkdir()
        log.write_text("")
        follower = Follower(folder, pattern)
        add(log, "one")
        follower.look()
        add(log, "two")
        copy_and_truncate(log, tmp_path / "app.log.1")
        add(log, "three", "four", "five and much longer than before")
        expected = ["one", "two", "three", "four", "five and much longer than before"]
        assert follower.look() == expected
        follower.stop()
        follower = Follower(folder, pattern)
        assert follower.look() == expected
        follower.stop()
        (tmp_path / "app.log.1").unlink()


def test_a_file_that_was_emptied_and_grew_again_at_once_is_noticed(
    tmp_path: Path, log: Path
) -> None:
    add(log, "one", "two")
    follower = Follower(tmp_path, str(log))
    follower.look()
    os.truncate(log, 0)
    add(log, "eins", "zwei", "drei")
    assert follower.look() == ["one", "two", "eins", "zwei", "drei"]
    follower.stop()


def test_packed_files_are_never_read(tmp_path: Path, log: Path) -> None:
    add(log, "one")
    (tmp_path / "app.log.2.gz").write_bytes(b"\x1f\x8b\n")
    follower = Follower(tmp_path, str(tmp_path / "app.log*"))
    assert follower.look() == ["one"]
    follower.stop()


def test_a_file_that_is_missing_may_come_later(tmp_path: Path, log: Path) -> None:
    follower = Follower(tmp_path, str(log), from_start=False)
    assert follower.look() == []
    add(log, "one")
    assert follower.look() == ["one"]
    log.unlink()
    add(log, "two")
    assert follower.look() == ["one", "two"]
    follower.stop()


def test_lines_that_are_too_long_or_no_lines_at_all_hold_nothing_up(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "LONGEST", 100)
    monkeypatch.setattr(log_files, "MOST_PASSED", 500)
    log.write_bytes(
        b"a" * 250 + b"\n" + b"\n" * 700 + b"\0" * 900 + b"b\n" + b"c" + b"\0" * 600 + b"\nd\n"
    )
    expected = ["a" * 100, "a" * 100, "a" * 50, "b", "c", "d"]
    for _ in range(2):
        follower = Follower(tmp_path, str(log))
        assert follower.look() == expected
        follower.stop()


def test_files_wait_while_there_is_no_room(tmp_path: Path, log: Path) -> None:
    follower = Follower(tmp_path, str(log))
    add(log, "one")
    follower.look()
    follower.full = True
    follower.keeper._looks_at = 0
    add(log, "two")
    assert follower.look() == ["one"]
    assert follower.tails.unread == 4
    follower.full = False
    follower.keeper._looks_at = 0
    assert follower.look() == ["one", "two"]
    assert follower.keeper.unstored == 0
    follower.stop()


def follow_until_killed(folder: Path, pattern: str) -> int:
    """Follow files in a child that never ends by itself; give its process."""
    child = os.fork()
    if child == 0:
        try:
            follower = Follower(folder, pattern)
            while True:
                follower.tails._next_look = follower.tails._next_search = 0
                follower.tails.poll(follower.keeper)
                time.sleep(0.001)
        finally:
            os._exit(1)  # it must never return into the code of its parent
    return child


def test_each_line_is_there_once_after_kills_and_rotations(tmp_path: Path, log: Path) -> None:
    chance = random.Random(7)
    sent: list[str] = []
    log.touch()
    for turn in range(30):
        child = follow_until_killed(tmp_path, str(tmp_path / "app.log*"))
        end = time.monotonic() + chance.uniform(0.0, 0.1)
        while time.monotonic() < end:
            lines = [f"{turn} {len(sent) + n} {'x' * chance.randrange(200)}" for n in range(40)]
            add(log, *lines)
            sent += lines
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it ended by itself"
        if turn % 4 == 1:
            log.rename(tmp_path / f"app.log.{turn}")
            log.touch()
        if turn % 4 == 3:
            copy_and_truncate(log, tmp_path / f"app.log.{turn}")
    follower = Follower(tmp_path, str(tmp_path / "app.log*"))
    assert sorted(follower.look()) == sorted(sent)
    follower.stop()


def test_a_file_that_is_not_there_is_told_once(tmp_path: Path, log: Path) -> None:
    follower = Follower(tmp_path, str(log))
    log.unlink(missing_ok=True)
    follower.look()
    follower.look()
    assert follower.tails.notes == [
        f"could not read {log}: no such file yet; it is followed once it is there"
    ]
    add(log, "first")
    assert follower.look() == ["first"]
    follower.stop()


def test_a_folder_is_told_with_how_its_files_are_followed(tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir()
    follower = Follower(tmp_path, f"{tmp_path}/remote")
    follower.look()
    assert follower.tails.notes == [
        f"could not read {tmp_path}/remote: "
        f"it is a folder; what is in it is followed with '{tmp_path}/remote/*'"
    ]
    follower.stop()


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\N{BOM}", ""])
def test_a_file_in_utf_16_is_read_as_text_once(order: str, mark: str, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    lines = [f"Mar  3 03:17:{n:02} ws-{n} app[7]: né \N{CJK UNIFIED IDEOGRAPH-4E2D} ł\u010a" * 3
             for n in range(10)]  # fmt: skip
    log.write_bytes((mark + "\r\n".join([*lines[:5], "", "half"])).encode(order))
    for begun in range(5):
        follower = Follower(tmp_path, str(log))
        follower.read()
        follower.stop()  # and begins anew, where it was
        with log.open("ab") as file:
            file.write(f"{'' if begun else ' of it'}\r\n{lines[5 + begun]}".encode(order))
    follower = Follower(tmp_path, str(log))
    follower.read()
    follower.stop()
    spool = [path for _, path in segments(tmp_path / "spool")]
    rows, _ = _native.parse_logs(spool, form="spool", now=0)
    engine = duckdb.connect()
    engine.register("logs", rows)
    found = engine.sql("SELECT original FROM logs").fetchall()
    assert [one for (one,) in found] == [*lines[:5], "half of it", *lines[5:9]]


def test_long_lines_in_utf_16_are_cut_and_nothing_of_them_is_lost(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    text = "".join(chr(0x4E00 + n % 5000) for n in range(300_000))
    nothing = "\0" * 70_000
    log.write_bytes(f"\N{BOM}{text}\nnext\n{nothing}behind\n".encode("utf-16-le"))
    follower = Follower(tmp_path, str(log))
    follower.read()
    pieces = [one.payload[2:].decode("utf-16-le") for one in everything(tmp_path / "spool")
              if one.kind is Kind.FILE]  # fmt: skip
    follower.stop()
    assert "".join(pieces) == f"{text}nextbehind"
    again = Follower(tmp_path, str(log))
    before = len(everything(tmp_path / "spool"))
    again.read()
    assert not [one for one in everything(tmp_path / "spool")[before:] if one.kind is Kind.FILE]
    again.stop()


def test_what_was_there_in_utf_16_at_the_first_start_is_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes("\N{BOM}old\n\u0a0a half".encode("utf-16-le"))
    follower = Follower(tmp_path, str(log), from_start=False)
    follower.read()
    with log.open("ab") as file:
        file.write(" of it\n".encode("utf-16-le"))
    follower.read()
    found = [one.payload for one in everything(tmp_path / "spool") if one.kind is Kind.FILE]
    follower.stop()
    assert [one[2:].decode("utf-16-le") for one in found] == ["\u0a0a half of it"]
