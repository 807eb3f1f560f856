"""What is remembered of processes, also when they are gone."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.world.test_processes import write
from whence.world.process_history import ProcessHistory
from whence.world.processes import LiveProcesses

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UP = 3600.0
SECOND = 1_000_000_000


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(tmp_path: Path, clock: Clock) -> ProcessHistory:
    write(tmp_path, 1, name=b"init", started=1, cmdline=b"init\0")
    write(tmp_path, 20, name=b"cron", parent=1, started=100, cmdline=b"cron\0-f\0", exe="/bin/cron")
    return ProcessHistory(LiveProcesses(clock, str(tmp_path), "fw", lambda: UP), kept=4)


def names(history: ProcessHistory, pid: int) -> list[str]:
    return [record.name for record in history.lineage(pid)]


def end(proc: Path, pid: int) -> None:
    shutil.rmtree(proc / str(pid))


def test_a_process_that_was_there_before_is_read_when_asked_for(history: ProcessHistory) -> None:
    assert names(history, 20) == ["cron", "init"]


def test_a_dead_parent_stays_the_parent(history: ProcessHistory, tmp_path: Path) -> None:
    history.forked(30, 20, 10 * SECOND)
    history.forked(31, 30, 11 * SECOND)
    write(tmp_path, 31, name=b"orphan", parent=1, started=1100, cmdline=b"orphan\0")
    history.executed(31, NOON)
    pids = [record.process.pid for record in history.lineage(31)]
    assert pids == [31, 30, 20, 1]


def test_a_fork_that_ran_nothing_new_inherits_its_program(history: ProcessHistory) -> None:
    history.forked(30, 20, 10 * SECOND)
    child = history.lineage(30)[0]
    assert child.inherited
    assert child.execution is not None
    assert child.execution.args == ("cron", "-f")
    assert child.process.started == 1000


def test_what_one_process_ran_one_after_the_other(
    history: ProcessHistory, tmp_path: Path, clock: Clock
) -> None:
    history.forked(30, 20, 10 * SECOND)
    write(tmp_path, 30, parent=20, started=1000, cmdline=b"env\0python\0", exe="/bin/env")
    history.executed(30, NOON, "./s.py")
    end(tmp_path, 30)
    write(tmp_path, 30, parent=20, started=1000, cmdline=b"python\0./s.py\0", exe="/bin/python")
    clock.time += timedelta(milliseconds=5)
    history.executed(30, clock.time, "/bin/python")
    runs = history.lineage(30)[0].executions
    assert [(run.file, run.executable) for run in runs] == [
        ("./s.py", "/bin/env"),
        ("/bin/python", "/bin/python"),
    ]


def test_a_process_that_was_faster_than_its_reader(history: ProcessHistory, tmp_path: Path) -> None:
    write(tmp_path, 30, parent=20, started=1000, cmdline=b"python\0./s.py\0", exe="/bin/python")
    history.executed(30, NOON - timedelta(milliseconds=5), "./s.py")
    history.executed(30, NOON - timedelta(milliseconds=3), "/bin/python")
    runs = history.lineage(30)[0].executions
    assert [(run.file, run.executable) for run in runs] == [
        ("./s.py", ""),
        ("/bin/python", "/bin/python"),
    ]


def test_a_program_that_was_gone_before_it_could_be_read(history: ProcessHistory) -> None:
    history.forked(30, 20, 10 * SECOND)
    history.executed(30, NOON, "/opt/quick")
    record = history.lineage(30)[0]
    assert record.execution is not None
    assert (record.execution.file, record.execution.args, record.inherited) == (
        "/opt/quick",
        (),
        False,
    )
    assert record.parent == history.identity(20)


def test_a_quick_program_is_known_by_its_file_and_a_quick_script_is_not(
    history: ProcessHistory, tmp_path: Path
) -> None:
    program, script = tmp_path / "quick", tmp_path / "quick.sh"
    program.write_bytes(b"\x7fELF\2\1\1")
    script.write_text("#!/bin/sh\n")
    history.executed(30, NOON, str(program))
    history.executed(31, NOON, str(script))
    ran, guessed = (history.lineage(pid)[0].execution for pid in (30, 31))
    assert ran is not None
    assert guessed is not None
    assert (ran.executable, ran.inode) == (str(program), program.stat().st_ino)
    assert (guessed.executable, guessed.file) == ("", str(script))


def test_the_next_process_with_the_same_pid_is_another(history: ProcessHistory) -> None:
    history.forked(30, 20, 10 * SECOND)
    first = history.identity(30)
    history.forked(30, 1, 20 * SECOND)
    assert history.identity(30) != first
    assert names(history, 30) == ["init", "init"]


def test_a_thread_belongs_to_the_process_that_its_creator_belongs_to(
    history: ProcessHistory,
) -> None:
    history.forked(30, 20, 10 * SECOND)
    history.started_thread(31, 30)
    history.started_thread(32, 31)
    assert history.leader(32) == 30


def test_a_pid_that_once_was_a_thread(history: ProcessHistory) -> None:
    history.started_thread(31, 20)
    history.forked(31, 20, 10 * SECOND)
    assert history.leader(31) == 31


def test_memory_is_bounded_and_what_lives_is_read_again(history: ProcessHistory) -> None:
    for pid in range(100, 120):
        history.forked(pid, 20, 10 * SECOND)
    assert history.identity(100) is None
    assert not history.lineage(100)
    assert names(history, 20) == ["cron", "init"]


def test_the_user_of_a_living_process_is_the_one_it_has_by_now(
    history: ProcessHistory, tmp_path: Path, clock: Clock
) -> None:
    assert history.lineage(20)[0].user_id is None
    (tmp_path / "20/status").write_text("Name:\tcron\nUid:\t7\t7\t7\t7\n")
    assert history.lineage(20)[0].user_id is None
    clock.time += timedelta(seconds=5)
    assert history.lineage(20)[0].user_id == 7
