import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from whence.world.callers import Callers
from whence.world.processes import LiveProcesses


def test_a_process_and_its_ancestors() -> None:
    callers = Callers(LiveProcesses())
    own, parent, *_ = callers.of(os.getpid()).lineage
    assert (own.process.pid, parent.process.pid) == (os.getpid(), os.getppid())
    assert callers.of(os.getpid()).lineage[1] is parent  # not read once more


def test_an_ancestor_that_became_another_program_is_read_again() -> None:
    """A shell runs one program, then replaces itself by another; its child is the same."""
    code = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'input(); input()'])"
    callers = Callers(LiveProcesses())
    with subprocess.Popen(
        ["sh", "-c", f'sleep 30 & echo $!; read line; exec "{sys.executable}" -c "{code}"'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as shell:  # fmt: skip
        assert shell.stdin
        assert shell.stdout
        child = int(shell.stdout.readline())
        before = callers.of(child).lineage[1]
        shell.stdin.write("\n")
        shell.stdin.flush()
        for _ in range(1000):
            after = callers.of(child).lineage[1]
            if after.executions != before.executions:
                break
        os.kill(child, 9)
        shell.kill()
    assert before.execution
    assert after.execution
    assert before.execution.executable != after.execution.executable


def test_a_process_that_is_gone() -> None:
    assert not Callers(LiveProcesses()).of(0x7FFFFFFF).lineage


def test_it_is_told_as_one_process_after_the_other_would_be_read() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    live = LiveProcesses(lambda: moment, redacts=False)
    slowly = live.lineage(os.getpid())
    callers = Callers(live)
    assert callers.of(os.getpid()).lineage == slowly
    assert callers.of(os.getpid()).lineage == slowly  # from what is known by now
    with subprocess.Popen(["sleep", "30"]) as child:
        assert callers.of(child.pid).lineage == live.lineage(child.pid)
        child.kill()


def test_what_was_read_is_told_when_the_process_is_gone() -> None:
    callers = Callers(LiveProcesses())
    with subprocess.Popen(["sleep", "30"], cwd="/") as child:
        while b"sleep" not in Path(f"/proc/{child.pid}/cmdline").read_bytes():
            time.sleep(0.001)
        chain = callers.take(child.pid)
        callers.take_the_rest(chain)
        child.kill()
    own, parent, *_ = callers.told(chain).lineage
    assert own.execution
    assert (own.execution.args, own.execution.working_directory) == (("sleep", "30"), "/")
    assert (own.user_id, own.network_namespace) == (os.getuid(), parent.network_namespace)
    assert parent.process.pid == os.getpid()


def test_a_process_that_ends_before_all_of_it_is_read() -> None:
    callers = Callers(LiveProcesses())
    with subprocess.Popen(["sleep", "30"]) as child:
        chain = callers.take(child.pid)
        child.kill()
    callers.take_the_rest(chain)
    own, parent, *_ = callers.told(chain).lineage
    assert (own.process.pid, own.user_id) == (child.pid, None)
    assert parent.process.pid == os.getpid()


def test_one_that_has_just_executed_a_program_is_told_with_its_arguments() -> None:
    """Whoever starts it is told so by the kernel a moment before /proc shows the arguments."""
    live = LiveProcesses(redacts=False)
    callers = Callers(live)
    told = []
    for _ in range(50):
        with subprocess.Popen(["sleep", "30"]) as child:
            told += [callers.of(child.pid).lineage[0], live.record(child.pid)]
            child.kill()
    assert {r.execution and r.execution.args for r in told} == {("sleep", "30")}


def test_a_thread_is_told_as_its_process() -> None:
    callers = Callers(LiveProcesses())
    with ThreadPoolExecutor(1) as pool:
        thread = pool.submit(threading.get_native_id).result()
        assert thread != os.getpid()
        assert callers.of(thread).lineage[0].process.pid == os.getpid()


def test_of_an_ancestor_with_a_long_command_line_the_beginning_is_told() -> None:
    """It is told anew of each run: 100 kB each would be more than a reader keeps up with."""
    words = ["sh", "-c", "sleep 20; exit", "--password=geheim", *["x" * 99] * 600]
    with subprocess.Popen(words, start_new_session=True) as shell:
        try:
            children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children")
            while not (pid := children.read_text().strip()):
                time.sleep(0.01)
            caller = Callers(LiveProcesses.open()).of(int(pid)).redacted()
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
    told = caller.lineage[1].executions[-1]
    assert told.args[:4] == ("sh", "-c", "sleep 20; exit", "--password=[redacted]")
    assert sum(map(len, told.args)) < 5000
    assert told.args_bytes > 60_000
