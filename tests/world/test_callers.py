import os
import subprocess
import sys

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
