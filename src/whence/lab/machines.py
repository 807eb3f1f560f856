"""The machines of the lab: each a set of namespaces with a first process that holds them."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from whence.lab.building import CannotBuild, run, tool
from whence.lab.traces import MARK, Running, is_process_one, marked

PATIENCE = 20.0  # seconds for the first process of a machine to serve
ABSENT = 2.0  # seconds without a trace of it, after which it has ended
FIRST_PROCESS = Path(__file__).with_name("machine.py")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with a network, a file system view, a name and processes of its own."""

    name: str
    first: Running  # its process 1: it holds the namespaces, and all of the machine ends with it
    door: str  # the named pipe of its first process
    cgroup: str  # empty where there is no cgroup2

    @property
    def prefix(self) -> tuple[str, ...]:
        """The words that make a command run there; it keeps the process numbers of the host."""
        spaces = ("--mount", "--net", "--uts")
        return ("nsenter", "--target", str(self.first.pid), *spaces, "--")

    @property
    def inside(self) -> tuple[str, ...]:
        """The words that make a command run there and see no other machine's processes."""
        return ("nsenter", "--target", str(self.first.pid), "--all", "--")

    def run(self, *argv: str, text: str = "") -> str:
        """Run a command there and give what it printed."""
        return run((*self.prefix, *argv), text)

    def start(self, *argv: str) -> None:
        """Have its first process start a program."""
        request = json.dumps({"argv": argv, "cgroup": self.cgroup}) + "\n"
        door = _opened(self.door)
        try:
            os.write(door, request.encode())
        finally:
            os.close(door)


def boot(name: str, folder: Path, cgroup: Path | None) -> Machine:
    """Start a machine and wait until its first process serves.

    Raises
    ------
    CannotBuild
        If the kernel grants no namespaces.

    """
    door = folder / f"{name}.door"
    os.mkfifo(door, 0o600)
    group = cgroup / name if cgroup else None
    if group:
        group.mkdir(exist_ok=True)
    argv = (
        # setsid: a machine is no child of ours, so that no chain of parents leads to who built it.
        *(tool("setsid"), "--fork", tool("unshare"), "--net", "--uts", "--mount"),
        *("--propagation", "private", "--pid", "--fork", "--kill-child=KILL"),
        *(sys.executable, "-I", str(FIRST_PROCESS), str(door)),
    )
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), MARK: str(folder)}
    pid = os.posix_spawn(argv[0], argv, environment, file_actions=null, setsigmask=())
    os.waitpid(pid, 0)
    return Machine(name, _process_one(folder, str(door)), str(door), str(group or ""))


def _process_one(folder: Path, door: str) -> Running:
    """Wait until the first process of a machine serves at its door."""
    seen = time.monotonic()
    deadline = seen + PATIENCE
    while time.monotonic() < deadline:
        with suppress(CannotBuild, StopIteration):
            os.close(_opened(door))
            return next(filter(is_process_one, marked(str(folder), door)))
        # While a process becomes another program, execve(2), it has no environment for a moment.
        if marked(str(folder), door):
            seen = time.monotonic()
        elif time.monotonic() - seen > ABSENT:
            raise CannotBuild(
                "could not make namespaces",
                because="unshare(1) ended at once",
                try_="run it as root, outside of a container or in a privileged one",
            )
        time.sleep(0.01)
    raise CannotBuild("a machine of the lab does not come up", try_="whence lab down")


def _opened(door: str) -> int:
    try:
        return os.open(door, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as e:  # nobody reads it, or it is not there
        raise CannotBuild("the lab is not up", because=str(e), try_="whence lab up") from e
