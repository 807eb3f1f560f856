"""A file of the desktop's autostart folders that starts a program when its user logs in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import Confidence, Fact, Job, Line, Process, ProcessRecord, Reading, probe
from whence.model.secrets import redact
from whence.probes._accounts import home
from whence.probes._cgroups import session_of, unit_of
from whence.probes._files import names_in, read_if_there
from whence.probes._launches import split
from whence.probes._records import lineage
from whence.world import Host, Witness

SYSTEM = "/etc/xdg/autostart"
_CODE = re.compile(r"%[a-zA-Z]")  # field codes, which stand for files that one opens
SCHEDULE = "at the login of its user"


@probe(answers="started-by")
def autostart(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which file of the desktop starts this program when its user logs in?

    The Desktop Application Autostart Specification: files below /etc/xdg/autostart, and those of
    the user, which win by their name. Their command is compared with what the process was given.
    """
    told = lineage(process, witness)
    if not told or not _is_a_users(told[0].record):
        return
    record = told[0].record
    if record.user_id is None or _ran_by_the_same(told[1].record if told[1:] else None, record):
        return
    for reading in _files(host, record.user_id):
        line = _exec(reading)
        if line is not None and _runs(record, line):
            command = redact(line.partition("=")[2].strip())
            job = Job(process.host, "autostart", reading.source, line.evidence.line, SCHEDULE,
                      command)  # fmt: skip
            cited = (told[0].evidence, line.evidence)
            yield process.fact("started-by", job, *cited, confidence=Confidence.LIKELY)


def _is_a_users(record: ProcessRecord) -> bool:
    unit = unit_of(record.cgroup)
    return session_of(record.cgroup) is not None or (
        unit is not None and unit.manager_of is not None
    )


def _ran_by_the_same(parent: ProcessRecord | None, record: ProcessRecord) -> bool:
    """Say whether it is a part of its parent: many programs run copies of themselves."""
    run, above = record.execution, parent.execution if parent else None
    return run is not None and above is not None and run.executable == above.executable


def _files(host: Host, uid: int) -> Iterator[Reading]:
    own = f"{home(host, uid) or f'/home/{uid}'}/.config/autostart"
    seen: set[str] = set()
    for folder in (own, SYSTEM):
        for name in names_in(host, folder):
            if name.endswith(".desktop") and name not in seen:
                seen.add(name)
                if reading := read_if_there(host, f"{folder}/{name}"):
                    yield reading


def _exec(reading: Reading) -> Line | None:
    lines = [*reading.lines()]
    if any(re.fullmatch(r"Hidden\s*=\s*true", line.strip()) for line in lines):
        return None
    return next((line for line in lines if re.match(r"Exec\s*=", line)), None)


def _runs(record: ProcessRecord, line: Line) -> bool:
    words = split(_CODE.sub("", redact(line.partition("=")[2].strip())))
    if not words:
        return False
    for run in record.executions:
        args = [*map(redact, run.args)]
        program = posixpath.basename(words[0])
        before = args[: len(args) - len(words) + 1]
        names = {
            posixpath.basename(name) for name in (run.file, run.executable, *before[-1:]) if name
        }
        if program in names and args[len(args) - len(words) + 1 :] == words[1:]:
            return True
    return False
