import errno
import os
from pathlib import Path

import pytest

from whence.model.whole_files import replacing


def test_a_file_is_replaced_at_once_with_the_mode_that_was_asked_for(tmp_path: Path) -> None:
    file, draft = tmp_path / "told", tmp_path / ".told.draft"
    file.write_bytes(b"as it was")
    draft.write_bytes(b"of one that was killed")
    before = os.umask(0o777)
    try:
        with replacing(file, draft, 0o640) as writing:
            writing.write(b"as it will be")
            assert file.read_bytes() == b"as it was"
    finally:
        os.umask(before)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"as it will be", 0o640)
    assert [*tmp_path.iterdir()] == [file]


def test_where_it_cannot_be_put_on_the_disk_nothing_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "told"
    file.write_bytes(b"as it was")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), replacing(file, tmp_path / "new", 0o600) as one:
        one.write(b"as it will be")
    assert (file.read_bytes(), [*tmp_path.iterdir()]) == (b"as it was", [file])
