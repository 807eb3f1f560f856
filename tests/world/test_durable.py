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


def test_what_cannot_be_put_in_place_is_not_left(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    with pytest.raises(CannotStore):
        durable.replace(tmp_path / "settings", b"as it will be", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings"]
