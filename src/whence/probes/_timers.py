"""Timers of systemd as jobs, and their schedules: systemd.timer(5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, tzinfo

from whence.model import BadInput, Evidence, Job
from whence.model.calendar_event import calendar_event, time_span
from whence.model.schedule import Every, OnTheClock, Schedule
from whence.probes._units import UnitFile

REPEATING = ("OnUnitActiveSec", "OnUnitInactiveSec")
TIMES = ("OnCalendar", *REPEATING, "OnBootSec", "OnStartupSec", "OnActiveSec")
ACCURACY = "1min"  # AccuracySec= where nothing is said
LONGEST = timedelta(days=30)  # a timer that may be later than this explains no time


def timer_job(host: str, timer: UnitFile, service: UnitFile | None) -> tuple[Job, Evidence]:
    """Give a timer as a job, and the line that says when it elapses."""
    times = timer.all(*TIMES)
    where = times[0] if times else None
    job = Job(
        host,
        "systemd",
        where.path if where else timer.path,
        where.evidence.line if where else 0,
        "; ".join(f"{time.key}={time.value}" for time in times),
        service.last("ExecStart") if service else "",
        service.last("User") if service else "",
    )
    return job, where.evidence if where else timer.whole


def timer_name(job: Job) -> str:
    """Name the timer that a job is: its file, or the folder of drop-ins that the file is in."""
    parts = job.source.split("/")
    for part in reversed(parts):
        name = part.removesuffix(".d")
        if name.endswith(".timer"):
            return name
    return parts[-1]


def timer_schedules(timer: UnitFile, zone: tzinfo) -> Iterator[Schedule]:
    """Give the schedules of a timer: it elapses whenever one of them says so."""
    slack = _span(timer.last("AccuracySec") or ACCURACY) + _span(timer.last("RandomizedDelaySec"))
    for time in timer.all(*TIMES):
        try:
            if time.key == "OnCalendar":
                yield OnTheClock(calendar_event(timer.resolved(time.value), zone, slack))
            elif time.key in REPEATING:
                yield Every(time_span(time.value), slack)
        except BadInput:
            continue  # systemd passes over what it does not understand, too


def _span(text: str) -> timedelta:
    try:
        return min(time_span(text), LONGEST)
    except BadInput:
        return timedelta(0)
