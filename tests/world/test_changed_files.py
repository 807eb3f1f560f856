"""Which files changed is told by ctime: nobody can set it back."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.world.changed_files import ThisMachinesFiles


def changed(folder: Path, minutes: int = 5) -> tuple[list[str], dict[str, int]]:
    now = datetime.now(UTC)
    reading = ThisMachinesFiles().changed_files(
        [str(folder)], now - timedelta(minutes=minutes), now + timedelta(minutes=1)
    )
    *entries, last = [json.loads(line) for line in reading.text.splitlines()]
    return [entry["path"] for entry in entries], last["not_read"]


def test_a_file_with_an_old_mtime_is_new(tmp_path: Path) -> None:
    file = tmp_path / "old.conf"
    file.write_text("x")
    os.utime(file, (0, 0))
    assert changed(tmp_path) == ([str(tmp_path), str(file)], {})


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    paths, _ = changed(tmp_path)
    assert sorted(paths)[1:] == [str(tmp_path / "fifo"), str(tmp_path / "loop")]


def test_any_name_can_be_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\n\x1b")).write_text("x")
    [_, path], _ = changed(tmp_path)
    assert path.endswith("\ufffd\n\x1b")


def test_what_did_not_change_in_the_span_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    now = datetime.now(UTC)
    span = (now - timedelta(days=2), now - timedelta(days=1))
    assert len(ThisMachinesFiles().changed_files([str(tmp_path)], *span).text.splitlines()) == 1


def test_a_folder_that_is_not_there() -> None:
    assert changed(Path("/no/such/folder")) == ([], {})
