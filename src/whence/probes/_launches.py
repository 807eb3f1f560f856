"""Which line of a crontab or an anacrontab a process was started from, and how sure that is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

from whence.model import BadInput, Confidence, ProcessRecord
from whence.model.schedule import CronSchedule
from whence.model.secrets import redact
from whence.probes._accounts import user_number
from whence.probes._anacrontabs import AnacrontabJob
from whence.probes._crontabs import CrontabJob, Crontabs
from whence.probes._lineage import shell_commands
from whence.probes._zones import time_zone, zone_called

CRONS = frozenset({"cron", "crond", "fcron", "dcron"})
ANACRONS = frozenset({"anacron"})
LATE = timedelta(seconds=90)  # cron wakes at the minute, and may be busy

T = TypeVar("T")


def cron_lines(
    record: ProcessRecord, crontabs: Crontabs
) -> Iterator[tuple[CrontabJob, Confidence]]:
    """Give the crontab lines that this process may have been started from."""
    commands = ((job, (job.entry.command, job.entry.written)) for job in crontabs.jobs())
    said = dict(likeness(record, commands))
    best = [job for job, how in said.items() if how is Confidence.CERTAIN] or [*said]
    fitting = [job for job in best if _runs_as(job, record, crontabs)]
    timely = [job for job in fitting if _fires(job, record, crontabs)]
    if len(fitting) == 1:
        yield fitting[0], said[fitting[0]]
    elif len(timely) == 1 or len(best) == 1:  # one: its user has become another since
        yield (timely or best)[0], Confidence.LIKELY
    else:
        yield from ((job, Confidence.POSSIBLE) for job in timely or fitting or best)


def anacron_lines(
    record: ProcessRecord, jobs: Iterable[AnacrontabJob]
) -> Iterator[tuple[AnacrontabJob, Confidence]]:
    """Give the anacrontab lines that this process may have been started from."""
    said = [*likeness(record, ((job, (job.entry.command,)) for job in jobs))]
    for job, how_sure in said:
        yield job, how_sure if len(said) == 1 else Confidence.POSSIBLE


def without_a_line(record: ProcessRecord, where: str) -> str:
    """Say why no line is known."""
    if not record.command_is_known:
        return "it was over before its command could be read"
    return f"no line of {where} holds its command any more"


def likeness(
    record: ProcessRecord, commands: Iterable[tuple[T, tuple[str, ...]]]
) -> Iterator[tuple[T, Confidence]]:
    """Compare what the process was given with the commands that things stand for.

    Certain: the shell was given exactly this. Likely: as far as the sensor kept it, or the
    shell's own start was not seen and the process has the same words.
    """
    asked = [(redact(text), run.args_cut) for run, text in shell_commands(record)]
    words = [*map(redact, record.execution.args)] if record.execution and not asked else None
    for thing, texts in commands:
        texts = tuple(map(redact, texts))
        if any(given in texts for given, _ in asked):
            yield thing, Confidence.CERTAIN
        elif any(
            given and text.startswith(given) for given, is_cut in asked if is_cut for text in texts
        ) or (words and any(split(text) == words for text in texts)):
            yield thing, Confidence.LIKELY


def split(command: str) -> list[str]:
    """Split a command into words as a shell does; none where its quotes do not match."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _runs_as(job: CrontabJob, record: ProcessRecord, crontabs: Crontabs) -> bool:
    number = user_number(crontabs.host, job.entry.user, crontabs.root)
    return number is None or record.user_id in (None, number)


def _fires(job: CrontabJob, record: ProcessRecord, crontabs: Crontabs) -> bool:
    zone = zone_called(job.zone) if job.zone else time_zone(crontabs.host, crontabs.root)
    try:
        fired = CronSchedule(job.entry.schedule, zone).last_before(record.started_at)
    except BadInput:
        return True  # @reboot, or fields that only some other cron understands
    return fired is not None and record.started_at - fired <= LATE
