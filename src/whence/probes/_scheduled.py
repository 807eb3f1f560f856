"""Every job of a host that has a schedule, whoever runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from whence.model import BadInput, CannotAsk, Evidence, Job, ProcessRecord
from whence.model.crontab import setting
from whence.model.schedule import Clocked, CronSchedule, DailySchedule, OnTheClock, Schedule
from whence.probes._anacrontabs import ANACRONTAB, anacrontab_jobs
from whence.probes._cgroups import unit_of
from whence.probes._crontabs import Crontabs
from whence.probes._launches import likeness
from whence.probes._timers import timer_job, timer_schedules
from whence.probes._units import SYSTEM, units_of
from whence.probes._zones import time_zone, zone_called
from whence.world import Host

_HOURS = re.compile(r"[01]?\d-(?:1\d|2[0-3])")
_STARTS_ANACRON = re.compile(r"\banacron\b(?!.*run-parts)")


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job, where it is written, when it runs, and how one knows a process that it started."""

    job: Job
    written: Evidence
    schedules: tuple[Schedule, ...]  # it runs whenever one of them says so
    commands: tuple[str, ...] = ()  # that a shell is given
    unit: str = ""  # that systemd starts

    def started(self, record: ProcessRecord) -> bool:
        """Say whether a process bears the marks of this job."""
        unit = unit_of(record.cgroup)
        if self.unit:
            return unit is not None and unit.name == self.unit
        return any(likeness(record, [(self.job, self.commands)]))


def scheduled_jobs(host: Host) -> Iterator[Scheduled]:
    """Give each job whose times can be told beforehand."""
    zone = time_zone(host)
    jobs = [*_timers(host, zone), *_cron_jobs(host, zone)]
    yield from jobs
    yield from _anacron_jobs(host, jobs, zone)


def _cron_jobs(host: Host, zone: tzinfo) -> Iterator[Scheduled]:
    for line in Crontabs(host).jobs():
        try:
            schedule = CronSchedule(
                line.entry.schedule, zone_called(line.zone) if line.zone else zone
            )
        except BadInput:
            continue  # @reboot, or fields that only some other cron understands
        commands = (line.entry.command, line.entry.written)
        yield Scheduled(line.job, line.line.evidence, (OnTheClock(schedule),), commands)


def _timers(host: Host, zone: tzinfo) -> Iterator[Scheduled]:
    units = units_of(SYSTEM, host) if _systemd_runs(host) else None
    for timer in units.named(".timer") if units else ():
        started = timer.last("Unit") or f"{timer.stem}.service"
        job, written = timer_job(host.name, timer, units.unit(started) if units else None)
        yield Scheduled(job, written, tuple(timer_schedules(timer, zone)), unit=started)


def _systemd_runs(host: Host) -> bool:
    try:
        host.status("/run/systemd/system")  # as sd_booted(3) does
    except CannotAsk:
        return False
    return True


def _anacron_jobs(host: Host, others: list[Scheduled], zone: tzinfo) -> Iterator[Scheduled]:
    """Give the daily jobs of anacron; on which day a rarer one runs cannot be told."""
    try:
        told = dict(filter(None, map(setting, host.read(ANACRONTAB).lines())))
        daily = [line for line in anacrontab_jobs(host) if line.entry.days == 1]
    except CannotAsk:
        return
    late = timedelta(minutes=_number(told.get("RANDOM_DELAY", "")))
    trigger = _anacron_itself(others, told.get("START_HOURS_RANGE", ""), zone)
    if trigger is None:
        return
    for line in daily:
        delay = timedelta(minutes=line.entry.delay)
        schedule = OnTheClock(DailySchedule(trigger, delay, zone, late + trigger.slack))
        yield Scheduled(line.job, line.line.evidence, (schedule,), (line.entry.command,))


def _anacron_itself(others: list[Scheduled], hours: str, zone: tzinfo) -> Clocked | None:
    """Say when anacron is started: by a timer, by cron, or by cronie's hourly 0anacron."""
    for job in others:
        if job.unit == "anacron.service" or any(map(_STARTS_ANACRON.search, job.commands)):
            return next((s.schedule for s in job.schedules if isinstance(s, OnTheClock)), None)
    return CronSchedule(f"1 {hours} * * *", zone) if _HOURS.fullmatch(hours) else None


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,4}", text) else 0
