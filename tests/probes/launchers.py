"""Lineages as a sensor tells them, as short as a test can say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from whence.model import Execution, Process, ProcessRecord
from whence.model.ecs import record_line
from whence.world import EPOCH, RecordedHost

CRON = "/usr/sbin/cron"
DASH = "/usr/bin/dash"


def ran(executable: str, *args: str, file: str = "", directory: str = "/") -> Execution:
    size = sum(len(argument.encode()) + 1 for argument in args)
    return Execution(EPOCH, executable, file or executable, args, size, directory)


def member(*executions: Execution, at: datetime = EPOCH, uid: int | None = 0) -> ProcessRecord:
    """Give a process that ran these programs, the last one when it was seen."""
    name = executions[-1].executable.rpartition("/")[2][:15] if executions else ""
    return ProcessRecord(
        Process("here", "recorded", 0, 0), at, name=name, executions=executions, user_id=uid
    )


def forked(parent: ProcessRecord) -> ProcessRecord:
    """Give a child that runs what its parent ran."""
    return replace(parent, inherited=True)


def shell(command: str, *, at: datetime = EPOCH, uid: int | None = 0) -> ProcessRecord:
    return member(ran(DASH, "/bin/sh", "-c", command, file="/bin/sh"), at=at, uid=uid)


CROND = member(ran(CRON, CRON, "-f"))
CRON_CHILD = forked(CROND)


def world(
    *lineage: ProcessRecord, files: Mapping[str, str] | None = None
) -> tuple[Process, RecordedHost]:
    """Give the first process of a lineage, and a host that remembers it and holds the files."""
    records = [
        replace(record, process=Process("here", "recorded", 100 - place, 1000 - place))
        for place, record in enumerate(lineage)
    ]
    maker = records[0].process
    story = "".join(record_line(record) + "\n" for record in records)
    return maker, RecordedHost({f"process {maker.pid}@{maker.started}": story} | dict(files or {}))
