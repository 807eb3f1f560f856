"""Files are as they were or as they will be, and nothing else is left behind."""

import errno
import os
from pathlib import Path

import pytest

from whence.model import CannotStore
from whence.world import durable


def test_a_full_disk_leaves_the_file_as_it_was_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings"
    durable.replace(file, b"as it was", 0o600)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotStore, match="could not change"):
        durable.replace(file, b"as it will be", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings"]
    assert file.read_bytes() == b"as it was"


def test_a_folder_that_is_not_there_is_to_be_made_first(tmp_path: Path) -> None:
    with pytest.raises(CannotStore) as refused:
        durable.replace(tmp_path / "none" / "x.html", b"as it will be", 0o600)
    assert "make its folder first" in refused.value.try_


def test_what_cannot_be_put_in_place_is_not_left(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    with pytest.raises(CannotStore):
        durable.replace(tmp_path / "settings", b"as it will be", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings"]


def test_a_folder_that_another_made_at_the_same_moment_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def late(self: Path, mode: int) -> None:
        make(self, mode)  # the other one
        make(self, mode)

    monkeypatch.setattr(Path, "mkdir", late)
    durable.make_folder(tmp_path / "state/undo", 0o700)
    assert (tmp_path / "state/undo").is_dir()


def test_a_file_where_a_folder_is_to_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(CannotStore) as told:
        durable.make_folder(tmp_path / "state/undo", 0o700)
    assert (str(told.value), told.value.because) == (
        f"could not make the folder {tmp_path}/state", "a file has that name")  # fmt: skip


def test_what_to_do_about_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotStore) as told, durable.changing(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert told.value.try_ == "free some space"
