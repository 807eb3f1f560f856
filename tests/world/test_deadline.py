import os
import signal
import subprocess
import sys

HANGS = """\
import sys, time
from whence.world.deadline import Deadline
deadline = Deadline(1)
print(flush=True)
if sys.argv[1:]:
    deadline.cancel()
time.sleep({seconds})
"""


def test_a_process_that_is_stopped_is_killed_by_the_kernel() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGS.format(seconds=60)], stdout=subprocess.PIPE
    ) as hanging:
        assert hanging.stdout
        hanging.stdout.readline()
        os.kill(hanging.pid, signal.SIGSTOP)
        assert hanging.wait(20) == -signal.SIGKILL


def test_a_process_that_nobody_waits_for_any_more_may_hang() -> None:
    code = HANGS.format(seconds=1.2)
    assert subprocess.run([sys.executable, "-c", code, "cancel"], check=False).returncode == 0
