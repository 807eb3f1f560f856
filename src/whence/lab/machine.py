"""The first process of a machine of the lab: starts what it is asked to, reaps what ends.

Run as a script, with nothing but the standard library, as process 1 of a pid namespace: when it
is killed, the kernel ends everything on that machine. Requests come as lines of JSON through a
named pipe: ``{"argv": [...], "cgroup": "/sys/fs/cgroup/..."}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

# What runs on a machine does not inherit the mark by which the lab finds its machines.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


def main(door: str) -> None:
    """Serve requests from the named pipe ``door`` until killed."""
    os.chdir("/")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps, orphans too
    # Open for writing too: so the pipe never ends when a requester goes away.
    with open(os.open(door, os.O_RDWR), encoding="utf-8") as requests:  # noqa: PTH123
        for line in requests:
            request = json.loads(line)
            start(request["argv"], request["cgroup"])


def start(argv: list[str], cgroup: str) -> None:
    """Start a program in a session and, unless empty, a control group of its own."""
    if os.fork():
        return
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # cron waits for its children
        os.setsid()
        if cgroup:
            Path(cgroup, "cgroup.procs").write_text("0")
        os.execvpe(argv[0], argv, ENVIRONMENT)
    finally:
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1])
