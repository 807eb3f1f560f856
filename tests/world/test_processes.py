"""Processes as /proc tells of them, from trees that were written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import CannotAsk
from whence.world.processes import (
    LiveProcesses,
    Stat,
    arguments,
    control_group,
    mapped_file,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAT = b"%d (%b) S %d 1 1 0 -1 %d 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0 0\n"


def write(
    proc: Path,
    pid: int,
    *,
    name: bytes = b"cat",
    parent: int = 0,
    flags: int = 0x400000,
    started: int = 500,
    exe: str = "",
    **files: bytes,
) -> None:
    below = proc / str(pid)
    below.mkdir(parents=True)
    (below / "stat").write_bytes(STAT % (pid, name, parent, flags, started))
    for file, text in files.items():
        (below / file).write_bytes(text)
    if exe:
        (below / "exe").symlink_to(exe)


def processes(proc: Path) -> LiveProcesses:
    boot_id = proc / "sys/kernel/random/boot_id"
    boot_id.parent.mkdir(parents=True, exist_ok=True)
    boot_id.write_text("5f2a\n")
    return LiveProcesses(lambda: NOON, str(proc), "fw", lambda: 3600.0)


def test_a_process_is_named_by_host_boot_pid_and_start(tmp_path: Path) -> None:
    write(tmp_path, 42, started=777)
    process = processes(tmp_path).record(42).process
    assert (process.host, process.boot, process.pid, process.started) == ("fw", "5f2a", 42, 777)


def numbers(proc: Path, namespace: int) -> bool:
    (proc / "self/ns").mkdir(parents=True)
    (proc / "self/ns/pid").symlink_to(f"pid:[{namespace}]")
    return processes(proc).numbered_as_kernel


def test_in_the_first_pid_namespace_numbers_are_the_kernel_s(tmp_path: Path) -> None:
    assert numbers(tmp_path, 0xEFFFFFFC)  # PROC_PID_INIT_INO
    assert not processes(tmp_path).unseen


def test_in_another_they_are_not(tmp_path: Path) -> None:
    write(tmp_path, 2, name=b"sh")
    assert not numbers(tmp_path, 4026532200)
    assert "--pid=host" in processes(tmp_path).unseen[0]


def test_the_proc_of_the_host_has_the_kernel_s_threads(tmp_path: Path) -> None:
    write(tmp_path, 2, name=b"kthreadd", flags=0x208040)
    assert numbers(tmp_path, 4026532200)


def test_it_started_so_many_ticks_after_boot(tmp_path: Path) -> None:
    write(tmp_path, 42, started=250)
    record = processes(tmp_path).record(42)
    assert record.started_at == NOON - timedelta(hours=1) + timedelta(seconds=2.5)


def test_a_name_with_blanks_and_parentheses(tmp_path: Path) -> None:
    write(tmp_path, 42, name=b"a) S 1 (b", started=9)
    record = processes(tmp_path).record(42)
    assert (record.name, record.process.started) == ("a) S 1 (b", 9)


def test_a_process_that_is_gone_cannot_be_asked_about(tmp_path: Path) -> None:
    with pytest.raises(CannotAsk, match="pid 7"):
        processes(tmp_path).record(7)


def test_what_may_not_be_read_is_left_empty(tmp_path: Path) -> None:
    write(tmp_path, 42)
    record = processes(tmp_path).record(42)
    assert (record.execution, record.user_id, record.cgroup, record.network_namespace) == (
        None,
        None,
        "",
        None,
    )


def test_a_process_in_full(tmp_path: Path) -> None:
    program = tmp_path / "prog"
    program.write_text("")
    write(
        tmp_path / "proc",
        42,
        exe=str(program),
        cmdline=b"prog\0--password\0geheim\0",
        status=b"Name:\tcat\nUid:\t33\t0\t0\t0\n",
        loginuid=b"1000",
        sessionid=b"4294967295",
        cgroup=b"0::/system.slice/cron.service\n",
    )
    record = processes(tmp_path / "proc").record(42)
    assert (record.user_id, record.login_id, record.audit_session) == (33, 1000, None)
    assert record.cgroup == "/system.slice/cron.service"
    assert record.execution is not None
    assert record.execution.executable == str(program)
    assert record.execution.args == ("prog", "--password", "[redacted]")
    assert record.execution.inode == program.stat().st_ino
    assert not record.execution.args_cut


def test_the_lineage_goes_back_to_the_first_process(tmp_path: Path) -> None:
    write(tmp_path, 1, started=1)
    write(tmp_path, 20, parent=1, started=2)
    write(tmp_path, 42, parent=20, started=3)
    lineage = processes(tmp_path).lineage(42)
    assert [record.process.pid for record in lineage] == [42, 20, 1]
    assert lineage[0].parent == lineage[1].process


def test_a_parent_that_vanished_ends_the_lineage(tmp_path: Path) -> None:
    write(tmp_path, 42, parent=20)
    assert len(processes(tmp_path).lineage(42)) == 1


def test_a_younger_process_with_the_parents_pid_is_not_the_parent(tmp_path: Path) -> None:
    write(tmp_path, 20, started=900)
    write(tmp_path, 42, parent=20, started=800)
    assert processes(tmp_path).record(42).parent is None


def test_a_kernel_thread_runs_no_program(tmp_path: Path) -> None:
    write(tmp_path, 2, name=b"kthreadd", flags=0x208040, cmdline=b"")
    record = processes(tmp_path).record(2)
    assert (record.kernel_thread, record.executions) == (True, ())


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/usr/bin/cat", ("/usr/bin/cat", 1)),
        ("/opt/old (deleted)", ("/opt/old", 0)),
        ("/memfd:sneaky (deleted)", ("memfd:sneaky", 0)),
    ],
)
def test_how_the_kernel_names_an_executable(
    tmp_path: Path, target: str, expected: tuple[str, int]
) -> None:
    (tmp_path / "exe").symlink_to(target)
    assert mapped_file(str(tmp_path / "exe")) == expected


def test_a_file_whose_own_name_says_deleted(tmp_path: Path) -> None:
    odd = tmp_path / "odd (deleted)"
    odd.write_text("")
    (tmp_path / "exe").symlink_to(odd)
    assert mapped_file(str(tmp_path / "exe")) == (str(odd), 1)


def test_an_empty_last_argument_is_an_argument_but_padding_is_not() -> None:
    assert arguments(b"sh\0-c\0\0") == ("sh", "-c", "")
    assert arguments(b"sshd: root@pts/0\0\0\0\0\0") == ("sshd: root@pts/0",)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        (b"0::/system.slice/cron.service\n", "/system.slice/cron.service"),
        (b"9:name=systemd:/user.slice\n4:memory:/x\n0::/\n", "/user.slice"),
        (b"4:memory:/x\n0::/\n", "/"),
        (b"0::/a:b\n", "/a:b"),
        (b"", ""),
    ],
)
def test_which_cgroup_counts(text: bytes, group: str) -> None:
    assert control_group(text) == group


@given(name=st.binary(max_size=15).filter(lambda name: b"\0" not in name))
def test_no_name_hides_when_a_process_started(name: bytes) -> None:
    assert Stat.parse(STAT % (42, name, 7, 0, 123)).started == 123


@given(st.binary(max_size=300))
def test_hostile_bytes_are_harmless(hostile: bytes) -> None:
    arguments(hostile)
    control_group(hostile)
    try:
        Stat.parse(hostile)
    except ValueError:
        return
