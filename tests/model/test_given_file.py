"""Files that are not there, that are folders, or that cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from whence.model.errors import BadInput, CannotStore, NotPermitted, WhenceError
from whence.model.given_file import must_be_readable, reading


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"x")
    must_be_readable(file, "give a log")
    assert file.read_bytes() == b"x"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"there is no file {tmp_path}/log") as told:
        must_be_readable(tmp_path / "log", "give a log")
    assert told.value.try_ == "give a log"


def test_what_is_no_folder_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    with pytest.raises(BadInput, match="there is no file"):
        must_be_readable(tmp_path / "log" / "log", "give a log")


def test_of_a_folder_its_files_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder") as told:
        must_be_readable(tmp_path, "give a log")
    assert told.value.try_ == f"give the files in it: {tmp_path}/*"


def test_a_pipe_is_not_opened_before_it_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    must_be_readable(pipe, "give a log")  # it would wait for a writer


@pytest.mark.parametrize(
    ("number", "kind", "status"),
    [
        (errno.EACCES, NotPermitted, 77),
        (errno.EPERM, NotPermitted, 77),
        (errno.EIO, CannotStore, 74),
    ],
)
def test_what_the_system_refuses(number: int, kind: type[WhenceError], status: int) -> None:
    with pytest.raises(kind) as told, reading(Path("/logs/fw.log")):
        raise OSError(number, os.strerror(number))
    assert "/logs/fw.log" in str(told.value)
    assert told.value.exit_code == status
