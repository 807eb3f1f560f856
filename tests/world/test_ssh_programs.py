"""What a program on another machine is, beside what the same file is here. Nobody logs in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.world.test_ssh_host import shell
from whence.model import CannotAsk
from whence.world import ssh_programs
from whence.world.ssh_host import SshHost
from whence.world.ssh_programs import SshPrograms
from whence.world.ssh_shell import SshShell
from whence.world.these_programs import ThesePrograms

__all__ = ["shell"]  # a fixture
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = ThesePrograms("here", lambda: NOON)


@pytest.fixture
def there(shell: SshShell) -> Iterator[SshPrograms]:
    """Look into files through a shell."""
    programs = SshPrograms(shell, SshHost(shell))
    yield programs
    programs.close()


@pytest.fixture
def script(tmp_path: Path) -> str:
    """Write a program whose name is hard to quote."""
    file = tmp_path / "a 'b' $(touch x) é.py"
    file.write_text('#!/usr/bin/python3\nPEER = "198.51.100.7"\n' + "# x\n" * 9)
    return str(file)


def test_sums_and_names_are_those_of_the_file(there: SshPrograms, script: str) -> None:
    for path in (script, "/bin/true"):
        assert there.sums(path).json() == HERE.sums(path).json()
        assert there.contents_of(path).text == HERE.contents_of(path).text
    assert there.names_in(script).text == HERE.names_in(script).text
    assert there.names_in(script).source == f"names in {script}"
    assert "198.51.100.7" in there.names_in(script).text


def test_what_is_too_large_is_fetched_in_part_and_that_is_said(
    there: SshPrograms, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_programs, "MOST", 50)
    monkeypatch.setattr(ssh_programs, "QUICK", 40)
    said = there.contents_of(script).text
    assert "198.51.100.7" in said
    assert "which were fetched" in said
    with pytest.raises(CannotAsk, match="was not looked into"):
        there.names_in(script)
    with pytest.raises(CannotAsk, match="is not scanned"):
        there.scanned(script)


def test_what_is_no_file_is_not_read(there: SshPrograms, script: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (str(tmp_path / "pipe"), "no ordinary file"),
        (str(tmp_path), "no ordinary file"),
        (f"{tmp_path}/none", "is not there"),
        (f"{tmp_path}/../{tmp_path.name}/{Path(script).name}", "shortest path"),
    ):
        for ask in (there.sums, there.contents_of, there.names_in):
            with pytest.raises(CannotAsk, match=said):
                ask(path)
    with pytest.raises(CannotAsk, match="was not run"):
        there.help(script, is_sound=True)


def test_what_was_fetched_is_deleted(shell: SshShell, script: str) -> None:
    programs = SshPrograms(shell, SshHost(shell))
    programs.contents_of(script)
    ((folder, _),) = programs._fetched.values()
    assert Path(folder.name).is_dir()
    assert not Path(folder.name).stat().st_mode & 0o077
    programs.close()
    assert not Path(folder.name).exists()
