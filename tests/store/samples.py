"""Things that the tests of the store keep: readings, facts, sightings; a clock that ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from whence.model import (
    ATTEMPTED,
    CannotAsk,
    Execution,
    Fact,
    Flow,
    NotPermitted,
    Process,
    ProcessRecord,
    Program,
    Reading,
    Sighting,
)
from whence.store.case_file import CaseFile

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FLOW = Flow("203.0.113.7", 443)
MAKER = Process("fw", "boot-1", 4711, 1000)
PROGRAM = Program("fw", "/opt/vendor/agent.py")
CRONTAB = Reading("/etc/crontab", "# comment\n17 * * * * root agent\n", NOON, "fw")


def ticking(start: datetime = NOON) -> Callable[[], datetime]:
    """Make a clock on which a second passes each time someone looks at it."""
    seconds = count()
    return lambda: start + timedelta(seconds=next(seconds))


def letters() -> Callable[[], str]:
    """Draw the letters of case ids in a fixed order."""
    numbers = count()
    return lambda: f"k7f{next(numbers)}"


def some_facts(reading: Reading = CRONTAB) -> list[Fact]:
    """State two facts; the second rests on two pieces of evidence."""
    lines = [*reading.lines()]
    return [
        FLOW.fact("made-by", MAKER, lines[0].evidence),
        MAKER.fact("runs", PROGRAM, lines[0].evidence, reading.whole()),
    ]


def fill(case: CaseFile) -> CaseFile:
    """Go through an inquiry of four steps."""
    case.keep_reading(CRONTAB.source, CRONTAB)
    case.keep_reading("/root/.netrc", NotPermitted("may not read it", because="root only"))
    case.note_step("made_by", FLOW, some_facts())
    case.note_step("container", MAKER, [])
    case.note_step("package", PROGRAM, CannotAsk("no dpkg", because="not Debian", try_="rpm"))
    case.note_verdict("explained", "The vendor's agent does it.")
    case.note("called the vendor", author="kim")
    return case


def a_case(directory: Path, title: str = "why?") -> CaseFile:
    """Begin a case, and go through an inquiry."""
    return fill(CaseFile.create(directory, FLOW, ticking(), title, letters()))


def lineage(pid: int = 4711, parents: int = 2) -> tuple[ProcessRecord, ...]:
    """Give a process with its ancestors."""
    pids = [pid, *range(parents + 1, 1, -1)]
    processes = [Process("fw", "boot-1", number, number * 10) for number in pids]
    return tuple(
        ProcessRecord(
            process,
            NOON - timedelta(hours=1),
            "agent",
            parent,
            (Execution(NOON, "/usr/bin/python3.11", "/opt/agent.py", ("agent.py", "--hourly")),),
            user_id=0,
            cgroup="/system.slice/cron.service",
        )
        for process, parent in zip(processes, [*processes[1:], None], strict=True)
    )


def sighting(number: int = 0, flow: Flow | None = None, at: datetime | None = None) -> Sighting:
    """Give a connection; those with other numbers are others, one a minute."""
    when = at or NOON + timedelta(minutes=number)
    called = flow or Flow("203.0.113.7", 443, "192.0.2.1", 1024 + number, "tcp")
    return Sighting(
        called, ATTEMPTED, when, when, lineage(), "ebpf", "fw", cookie=number + 1, bytes_sent=60
    )


def sightings(first: int, number: int) -> Iterator[Sighting]:
    """Give connections to as many peers."""
    for peer in range(first, first + number):
        address = f"198.18.{peer // 250 % 250}.{peer % 250}"
        flow = Flow(address, 443, "192.0.2.1", 1024 + peer % 60000, "tcp")
        yield sighting(peer, flow, NOON + timedelta(milliseconds=peer))
