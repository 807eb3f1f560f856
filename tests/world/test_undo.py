from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from whence.model import CannotAsk, CannotStore
from whence.world.undo import Left, Undo


@pytest.fixture
def undo(tmp_path: Path) -> Undo:
    return Undo(tmp_path / "undo/test.jsonl")


def run(command: Sequence[str]) -> None:
    raise AssertionError(f"nothing was to be run: {command}")


def fails(command: Sequence[str]) -> None:
    raise CannotAsk(f"could not run {command[0]}", because="it is not there")


def test_a_new_file_is_removed(undo: Undo, tmp_path: Path) -> None:
    undo.write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [*undo.undo_all(run)] == [f"removed {tmp_path / 'a'}"]
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_was_there_is_put_back(undo: Undo, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old\xff")
    file.chmod(0o640)
    undo.write(file, b"new")
    undo.write(file, b"newer")
    assert undo.wrote(file)
    assert len([*undo.undo_all(run)]) == 2
    assert file.read_bytes() == b"old\xff"
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_that_somebody_changed_since_is_left(undo: Undo, tmp_path: Path) -> None:
    undo.write(tmp_path / "a", b"new")
    (tmp_path / "a").write_bytes(b"theirs")
    assert not undo.wrote(tmp_path / "a")
    assert "somebody changed it" in "".join(undo.undo_all(run))
    assert (tmp_path / "a").read_bytes() == b"theirs"
    (tmp_path / "a").unlink()
    assert [*undo.undo_all(run)] == []
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_became_a_link_is_left(undo: Undo, tmp_path: Path) -> None:
    undo.write(tmp_path / "a", b"new")
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    assert "not a plain file" in "".join(undo.undo_all(run))
    assert (tmp_path / "b").exists()


def test_nothing_is_written_through_a_link(undo: Undo, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    with pytest.raises(Left):
        undo.write(tmp_path / "a", b"new")


def test_the_newest_change_is_undone_first(undo: Undo, tmp_path: Path) -> None:
    ran: list[Sequence[str]] = []
    for name in ("first", "second", "first"):
        undo.will_run(name)
    assert [*undo.undo_all(ran.append)] == ["ran second", "ran first"]
    assert ran == [("second",), ("first",)]


def test_what_could_not_be_undone_is_tried_again(undo: Undo, tmp_path: Path) -> None:
    ran: list[Sequence[str]] = []
    undo.will_run("systemctl", "stop")
    undo.write(tmp_path / "a", b"new")
    said = [*undo.undo_all(fails)]
    assert said == [f"removed {tmp_path / 'a'}", "could not run systemctl: it is not there"]
    assert [*undo.undo_all(ran.append)] == ["ran systemctl stop"]


def test_a_folder_is_closed_again(undo: Undo, tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir(0o700)
    undo.open(folder, 0o011)
    undo.open(folder, 0o011)
    assert folder.stat().st_mode & 0o777 == 0o711
    assert len([*undo.undo_all(run)]) == 1
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_change_is_in_the_journal_before_it_is_made(undo: Undo, tmp_path: Path) -> None:
    with pytest.raises(CannotStore):
        undo.write(tmp_path / "absent/a", b"new")
    assert len(undo.pending()) == 1
    assert [*undo.undo_all(run)] == []


def test_every_beginning_of_a_journal_is_a_journal(undo: Undo, tmp_path: Path) -> None:
    undo.write(tmp_path / "a", b"new")
    undo.will_run("systemctl", "stop")
    journal = tmp_path / "undo/test.jsonl"
    whole = journal.read_bytes()
    for length in range(len(whole)):
        journal.write_bytes(whole[:length])
        assert len(undo.pending()) == whole[:length].count(b"\n")
        undo.will_run("another")
        assert len(undo.pending()) == whole[:length].count(b"\n") + 1


def test_a_damaged_journal_is_not_obeyed(undo: Undo, tmp_path: Path) -> None:
    undo.write(tmp_path / "a", b"new")
    (tmp_path / "undo/test.jsonl").write_bytes(b"{}\n")
    with pytest.raises(CannotStore, match="damaged"):
        [*undo.undo_all(run)]
    assert (tmp_path / "a").exists()


def test_a_journal_that_others_could_write_is_not_obeyed(undo: Undo, tmp_path: Path) -> None:
    undo.will_run("rm", "-r", "/")
    (tmp_path / "undo/test.jsonl").chmod(0o622)
    with pytest.raises(CannotStore, match="not believed"):
        [*undo.undo_all(run)]


def test_a_journal_that_is_a_link_is_not_obeyed(undo: Undo, tmp_path: Path) -> None:
    undo.will_run("true")
    journal = tmp_path / "undo/test.jsonl"
    journal.rename(tmp_path / "elsewhere")
    journal.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStore):
        undo.pending()
