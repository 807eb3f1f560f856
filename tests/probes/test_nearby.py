"""What is near a program, as far as anybody can tell it."""

from __future__ import annotations

from whence.model import Execution, Process, ProcessRecord
from whence.probes._nearby import nearby
from whence.world import EPOCH, RecordedHost

RUN = Execution(EPOCH, "/usr/sbin/agent", "/usr/sbin/agent", ("agent", "/srv/agent.conf"),
                working_directory="/srv/work")  # fmt: skip
AGENT = ProcessRecord(Process("here", "boot", 42, 42), EPOCH, "agent", executions=(RUN,),
                      cgroup="/system.slice/agent.service")  # fmt: skip


def test_what_cannot_be_asked_hides_no_other_place() -> None:
    """Nobody can say which files the program names: its folder is known all the same."""
    nobody = RecordedHost({"/proc/42/root": ""})
    near = nearby([AGENT], nobody, nobody)
    assert near["/srv/agent.conf"] == "on the command line"
    assert near["/var/lib/agent/"] == "named as the program"
    assert near["/srv/work/"] == "its working directory"
