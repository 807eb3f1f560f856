"""The log server: rsyslog where it is there, else a program that writes as rsyslog does."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from whence.lab.building import SYSTEM_PATH, CannotBuild
from whence.lab.machines import Machine
from whence.lab.root_view import write

STAND_IN = (sys.executable, "-I", str(Path(__file__).with_name("syslog_server.py")))
# Unpacked beside this Python, see the Makefile: its package would take the place of the syslog
# server that a machine has.
UNPACKED = Path(sys.prefix, "senders")
MODULES = ("usr/lib/*/rsyslog", "lib/*/rsyslog")
SETTINGS = "/etc/rsyslog-lab.conf"
PATIENCE = 15.0  # seconds
PORT = 514
# Of Debian's rsyslog.conf: RSYSLOG_FileFormat is what it has, and Traditional… what it offers.
CONF = """\
global(workDirectory="/run/rsyslog-lab")
module(load="imudp")
module(load="builtin:omfile" template="RSYSLOG_{style}FileFormat")
input(type="imudp" port="{port}")
*.* action(type="omfile" file="{log}")
"""


@dataclass(frozen=True, slots=True)
class Rsyslog:
    """A program that is installed, or only unpacked."""

    program: str
    modules: str


def rsyslog() -> Rsyslog | None:
    """Find Debian's rsyslogd and its modules; None where it is not there."""
    unpacked = UNPACKED / "usr/sbin/rsyslogd"
    program = str(unpacked) if unpacked.exists() else shutil.which("rsyslogd", path=SYSTEM_PATH)
    root = UNPACKED if unpacked.exists() else Path("/")
    modules = [str(folder) for pattern in MODULES for folder in root.glob(pattern)]
    return Rsyslog(program, modules[0]) if program and modules else None


def serve(machine: Machine, log: str, *, traditional: bool) -> None:
    """Have a machine write what it is sent by UDP into a file; return when it listens.

    Raises
    ------
    CannotBuild
        If nothing listens in the end.

    """
    server = rsyslog()
    if server is None:
        machine.start(*STAND_IN, log)
    else:
        machine.run("mkdir", "-p", "/run/rsyslog-lab")
        style = "Traditional" if traditional else ""
        write(machine, SETTINGS, CONF.format(style=style, port=PORT, log=log))
        machine.start("env", "TZ=UTC", server.program, "-n", "-f", SETTINGS, "-M", server.modules,
                      "-i", "/run/rsyslog-lab/pid")  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    while not _listens(machine):
        if time.monotonic() > deadline:
            raise CannotBuild("the lab's log server does not come up", try_="whence lab down")
        time.sleep(0.02)


def _listens(machine: Machine) -> bool:
    sockets = Path(f"/proc/{machine.first.pid}/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{PORT:04X}") for line in sockets)
