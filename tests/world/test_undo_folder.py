from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whence.model import CannotStore
from whence.world.undo_folder import UndoFolder

UNTIL = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> UndoFolder:
    return UndoFolder(tmp_path / "undo/passing")


def run(command: Sequence[str]) -> None:
    raise AssertionError(f"nothing was to be run: {command}")


def test_without_a_folder_there_are_no_journals(folder: UndoFolder) -> None:
    assert [*folder.journals()] == []


def test_what_is_held_is_shown_and_left_alone(folder: UndoFolder, tmp_path: Path) -> None:
    with folder.hold("trap", "/usr/bin/true") as undo:
        undo.write(tmp_path / "a", b"ours")
        [journal] = folder.journals()
        assert (journal.kind, journal.name, journal.changes) == ("trap", "/usr/bin/true", 1)
        assert journal.held
        assert [*folder.take_back(journal, run)] == []
        assert (tmp_path / "a").exists()
        with (
            pytest.raises(CannotStore, match="another whence is changing"),
            folder.hold("trap", "/usr/bin/true"),
        ):
            pass
        with folder.hold("trap", "/usr/bin/false"):
            pass


def test_what_nobody_holds_is_taken_back(folder: UndoFolder, tmp_path: Path) -> None:
    with folder.hold("trap", "true", UNTIL) as undo:
        undo.write(tmp_path / "a", b"ours")
    [journal] = folder.journals()
    assert not journal.held
    assert journal.until == UNTIL
    assert [*folder.take_back(journal, run)] == [f"removed {tmp_path / 'a'}"]
    assert [*folder.journals()] == []
    assert [*folder.take_back(journal, run)] == []


def test_a_journal_ends_with_its_changes(folder: UndoFolder, tmp_path: Path) -> None:
    with folder.hold("trap", "true") as undo:
        undo.write(tmp_path / "a", b"ours")
        list(undo.undo_all(run))
    assert [*folder.journals()] == []
    with folder.hold("trap", "true"):
        pass
    assert [*folder.journals()] == []


def test_changes_that_follow_others_have_a_later_end(folder: UndoFolder, tmp_path: Path) -> None:
    with folder.hold("trap", "true") as undo:
        undo.write(tmp_path / "a", b"ours")
    with folder.hold("trap", "true", UNTIL) as undo:
        undo.write(tmp_path / "b", b"ours")
    [journal] = folder.journals()
    assert (journal.until, journal.changes) == (UNTIL, 2)
    assert len([*folder.take_back(journal, run)]) == 2


def test_a_journal_that_others_could_write_is_not_obeyed(
    folder: UndoFolder, tmp_path: Path
) -> None:
    with folder.hold("trap", "true") as undo:
        undo.will_run("rm", "-r", "/")
    [journal] = folder.journals()
    journal.path.chmod(0o666)
    with pytest.raises(CannotStore, match="not believed"):
        [*folder.journals()]
    with pytest.raises(CannotStore, match="not believed"):
        [*folder.take_back(journal, run)]
