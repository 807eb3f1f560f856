import subprocess
import time
from pathlib import Path

from whence.world.netlink import EXEC, EXIT, ProcessEvent
from whence.world.process_ends import FollowedEnds


def test_the_end_of_a_process_is_told_without_the_kernels_connector() -> None:
    ends = FollowedEnds()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as cat:
        ends.follow(cat.pid)
        (begun,) = ends.read()
        assert (begun.what, begun.pid) == (EXEC, cat.pid)
        assert not [*ends.read()]
        cat.communicate()
    told: list[ProcessEvent] = []
    until = time.monotonic() + 10
    while not told and time.monotonic() < until:
        told = [*ends.read()]
    (ended,) = told
    assert (ended.what, ended.pid, ended.status) == (EXIT, cat.pid, None)
    assert ended.nanoseconds > begun.nanoseconds
    ends.close()


def test_a_process_that_cannot_be_followed_is_counted() -> None:
    ends = FollowedEnds()
    with subprocess.Popen(["true"]) as gone:
        pass
    before = len([*Path("/proc/self/fd").iterdir()])
    ends.follow(gone.pid)
    assert (ends.lost, [*ends.read()]) == (1, [])
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    ends.close()
