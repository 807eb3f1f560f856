"""Sightings to tell of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from whence.model import ATTEMPTED, Execution, Flow, Process, ProcessRecord, Sighting
from whence.notify import describe
from whence.notify.declare import Message

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEER = Flow("203.0.113.7", 443, "192.0.2.1", 40000, "tcp")


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def process(pid: int, *args: str, name: str = "") -> ProcessRecord:
    run = Execution(NOON, args[0], args=args) if args else None
    return ProcessRecord(
        Process("fw1", "boot", pid, pid * 100),
        NOON,
        name=name or (args[0].rpartition("/")[2] if args else ""),
        executions=(run,) if run else (),
        user_id=0,
    )


def sighting(
    *args: str, flow: Flow = PEER, at: datetime = NOON, action: str = ATTEMPTED, count: int = 1
) -> Sighting:
    maker = process(4711, *(args or ("/usr/sbin/vendor-check", "--daily")))
    lineage = (maker, process(4710, "run-parts", "/etc/cron.daily"), process(1, "/sbin/init"))
    return Sighting(flow, action, at, at, lineage, "recorded", "fw1", count)


def message(*args: str) -> Message:
    return describe.message([sighting(*args)], NOON)
