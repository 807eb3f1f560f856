"""Programs that are not what they seem, run for real and seen while they live."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from whence.model import Fact, Process, ProcessRecord
from whence.model.ecs import record_line
from whence.probes.executes import executes
from whence.probes.open_files import open_files
from whence.probes.other_connections import other_connections
from whence.probes.pretends_to_be import pretends_to_be
from whence.probes.runs import runs
from whence.probes.runs_without_a_file import runs_without_a_file
from whence.world import RecordedHost, ThisHost
from whence.world.processes import LiveProcesses

pytestmark = pytest.mark.lab

CAT = "/usr/bin/cat"  # lives until its standard input ends
IN_MEMORY = f"""
import os
program = os.memfd_create("sneaky", 0)
with open("{CAT}", "rb") as file, open(program, "wb", closefd=False) as memory:
    memory.write(file.read())
os.execve(program, ["[kworker/0:0]"], {{}})
"""
TALKING = """
import socket, sys
with open(sys.argv[1]) as file, socket.create_server(("127.0.0.1", 0)) as server:
    with socket.create_connection(server.getsockname()):
        print(server.getsockname()[1], flush=True)
        sys.stdin.read()
"""


@contextlib.contextmanager
def running(*argv: str, until: str) -> Iterator[ProcessRecord]:
    """Run a command until it has become the program that is called so; then give what is seen."""
    started = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        yield _become(started.pid, until)
    finally:
        started.kill()
        started.communicate()


def _become(pid: int, name: str) -> ProcessRecord:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        record = LiveProcesses().record(pid)
        run = record.execution
        if run and run.args and run.executable.endswith(name):  # the file comes first, then args
            return record
        time.sleep(0.02)
    raise AssertionError(f"pid {pid} did not become {name}")


def witness(record: ProcessRecord) -> RecordedHost:
    process = record.process
    return RecordedHost({f"process {process.pid}@{process.started}": record_line(record)})


def values(facts: Iterable[Fact]) -> list[str]:
    return [str(fact.value) for fact in facts]


def test_a_program_in_memory_that_calls_itself_a_thread_of_the_kernel() -> None:
    with running(sys.executable, "-c", IN_MEMORY, until="memfd:sneaky") as record:
        told = witness(record)
        (mask,) = values(pretends_to_be(record.process, told, ThisHost()))
        (fact,) = runs_without_a_file(record.process, told, ThisHost())
    assert mask.startswith("a thread of the kernel: it calls itself [kworker/0:0]")
    assert str(fact.value).startswith("in memory only")


def test_a_program_that_was_deleted_while_it_runs(tmp_path: Path) -> None:
    program = tmp_path / "gone"
    shutil.copy(CAT, program)
    with running(str(program), until="gone") as record:
        program.unlink()
        later = LiveProcesses().record(record.process.pid)
        (fact,) = runs_without_a_file(record.process, witness(later), ThisHost())
    assert (str(fact.subject), str(fact.value)[:20]) == (str(program), "deleted while it ran")


def test_a_script_whose_interpreter_env_finds(tmp_path: Path) -> None:
    script = tmp_path / "poll"
    script.write_text("#!/usr/bin/env -S sh -e\ncat\n")
    script.chmod(0o755)
    with running(str(script), until="sh") as record:
        assert values(executes(record.process, witness(record), ThisHost())) == [str(script)]


def test_a_mount_namespace_of_its_own_with_the_host_s_files() -> None:
    with running("unshare", "--mount", CAT, until="/cat") as record:
        (fact,) = runs(record.process, witness(record), ThisHost())
    assert getattr(fact.value, "host", "") == ThisHost().name


def test_a_mount_namespace_of_its_own_with_another_file_at_the_same_path() -> None:
    script = f"mount --bind {CAT} /usr/bin/env; exec /usr/bin/env"
    with running("unshare", "--mount", "sh", "-ec", script, until="/env") as record:
        (fact,) = runs(record.process, witness(record), ThisHost())
    assert getattr(fact.value, "host", "") == f"{ThisHost().name}/mnt:[{record.mount_namespace}]"


def test_what_a_process_has_open_and_talks_to(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    argv = [sys.executable, "-c", TALKING, str(tmp_path / "data")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout
        port = started.stdout.readline().decode().strip()
        process: Process = LiveProcesses().record(started.pid).process
        files = values(open_files(process, ThisHost()))
        ends = values(other_connections(process, ThisHost()))
        started.kill()
    assert str(tmp_path / "data") in files
    assert f"127.0.0.1:{port}/tcp" in ends
