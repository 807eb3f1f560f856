"""The anacrontab that an anacron worked through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.model import Job, Line
from whence.model.crontab import AnacrontabEntry, anacrontab_entries
from whence.world import Host

ANACRONTAB = "/etc/anacrontab"


@dataclass(frozen=True, slots=True)
class AnacrontabJob:
    """A line of an anacrontab that starts something."""

    job: Job
    entry: AnacrontabEntry
    line: Line


def anacrontab_jobs(host: Host, path: str = ANACRONTAB, root: str = "") -> Iterator[AnacrontabJob]:
    """Give each job of an anacrontab; CannotAsk where it may not be read."""
    reading = host.read(root + path)
    for entry, line in anacrontab_entries(reading.lines()):
        schedule = f"period {entry.period}, delay {entry.delay}"
        number = line.evidence.line
        job = Job(reading.observer, "anacron", path, number, schedule, entry.command)
        yield AnacrontabJob(job, entry, line)
