"""Machines in namespaces: one with real cron, anacron and atd, one with a real systemd."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from whence.model import CannotAsk, Fact, Process, ProcessRecord
from whence.model.ecs import record_line
from whence.probes.anacron import anacron
from whence.probes.at_job import at_job
from whence.probes.cron import cron
from whence.probes.run_parts import run_parts
from whence.world import RecordedHost, ThisHost
from whence.world.processes import LiveProcesses

PATIENCE = 90.0  # seconds: cron starts its jobs at the next full minute
CGROUP2 = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
LAUNCHERS = (cron, anacron, run_parts, at_job)
OURS = (
    *("/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/anacrontab"),
    *("/var/spool/cron", "/var/spool/anacron", "/run"),
)

T = TypeVar("T")
Lineage = tuple[ProcessRecord, ...]


def until(look: Callable[[], T | None], what: str) -> T:
    """Look again and again until something is seen."""
    deadline = time.monotonic() + PATIENCE
    while (seen := look()) is None:
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.2)
    return seen


@contextlib.contextmanager
def machine(script: str, *spaces: str, group: Path | None = None) -> Iterator[int]:
    """Run a script as the first process of new namespaces; give its pid. All ends with it, and
    it with the test, also where that is killed.
    """
    bound = ["setpriv", "--pdeathsig", "KILL"]
    apart = ["unshare", "--mount", "--pid", "--mount-proc", *spaces, "--fork", "--kill-child=KILL"]
    into = f"echo $$ > {group}/cgroup.procs\n" if group else ""
    command = into + 'exec "$@"'
    starter = subprocess.Popen(
        ["sh", "-ec", command, "sh", *bound, *apart, "bash", "-ec", script], start_new_session=True
    )
    try:
        yield until(lambda: _only_child(starter.pid), "the machine")
    finally:
        starter.kill()
        starter.wait()


@contextlib.contextmanager
def control_group() -> Iterator[Path]:
    """Make a control group, and remove it with all that was made in it."""
    root = next(Path(path) for path in CGROUP2 if Path(path, "cgroup.controllers").exists())
    group = root / f"whence-test-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        until(lambda: (not _members(group)) or None, "the end of all processes")
        for folder, _, _ in os.walk(group, topdown=False):
            Path(folder).rmdir()


def cron_machine(folder: Path, files: Mapping[str, str]) -> contextlib.AbstractContextManager[int]:
    """Start cron, anacron and atd with nothing but these files for crontabs."""
    for path in OURS:
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch() if path.endswith("tab") else place.mkdir(exist_ok=True)
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o755 if text.startswith("#!") else 0o600)
    for path in ("/var/spool/cron/atjobs", "/var/spool/cron/atspool"):
        place = folder / path.lstrip("/")
        place.mkdir(parents=True)
        shutil.chown(place, "daemon", "daemon")
    counter = folder / "var/spool/cron/atjobs/.SEQ"
    counter.write_text("0\n")
    shutil.chown(counter, "daemon", "daemon")
    mounts = "".join(f"mount --bind {folder}{path} {path}\n" for path in OURS)
    begin = f"ip link set lo up\n{mounts}"
    return machine(f"{begin}cron -f & atd -f & anacron -d -f & sleep 1; {AT}\nwait", "--net")


AT = "echo 'sleep 6107; true' | at now"


def lineage_of(*argv: str, below: int) -> Callable[[], Lineage | None]:
    """Look for a process with this command line on the machine whose first process is given."""
    live = LiveProcesses()
    wanted = "\0".join(argv).encode() + b"\0"

    def look() -> Lineage | None:
        for pid in live.pids():
            with contextlib.suppress(OSError, CannotAsk):
                if Path(f"/proc/{pid}/cmdline").read_bytes() == wanted:
                    lineage = live.lineage(pid)
                    if any(record.process.pid == below for record in lineage):
                        return lineage
        return None

    return look


def witness_of(lineage: Sequence[ProcessRecord]) -> RecordedHost:
    """Give a witness that remembers a lineage, whoever of it is asked about."""
    lines = [record_line(record) + "\n" for record in lineage]
    return RecordedHost(
        {
            f"process {record.process.pid}@{record.process.started}": "".join(lines[place:])
            for place, record in enumerate(lineage)
        }
    )


def launchers_of(lineage: Lineage) -> list[Fact]:
    """Ask each probe of each process what started it, as the planner does."""
    witness, host = witness_of(lineage), ThisHost()
    return [
        fact
        for record in lineage
        for probe in LAUNCHERS
        for fact in probe(record.process, host, witness)
    ]


def end(processes: Sequence[Process]) -> None:
    """End processes of ours, and wait until they are gone."""
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
    left = [Path(f"/proc/{process.pid}") for process in processes]
    until(lambda: not any(path.exists() for path in left) or None, "the end of the jobs")


def _only_child(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else None
    return None


def _members(group: Path) -> list[str]:
    return [
        pid
        for folder, _, _ in os.walk(group)
        for pid in Path(folder, "cgroup.procs").read_text().split()
    ]
