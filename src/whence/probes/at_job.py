"""A job of at(1) is a shell that reads its script from atd."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, islice

from whence.model import (
    CannotAsk,
    Confidence,
    Evidence,
    Fact,
    Job,
    Line,
    NotPermitted,
    Process,
    ProcessRecord,
    Reading,
    Service,
    probe,
)
from whence.probes._accounts import user_name
from whence.probes._lineage import is_called
from whence.probes._records import lineage
from whence.probes._roots import root_of
from whence.world import Host, Witness

ATDS = frozenset({"atd"})
SPOOLS = ("/var/spool/cron/atjobs", "/var/spool/at")  # Debian, and the others
LATE = timedelta(minutes=2)
_FILE = re.compile(r"[=a-zA-Z][0-9a-f]{5}(?P<minutes>0[0-9a-f]{7})")  # the 0 lasts until 2480
_OWNER = re.compile(r"# atrun uid=(?P<uid>\d{1,10})")
_SET_UP = "Execution directory inaccessible"  # at(1) writes it before the user's own lines


@dataclass(frozen=True, slots=True)
class AtJob:
    """A job that at(1) keeps until it has run."""

    job: Job
    due: datetime
    uid: int | None
    evidence: Evidence


@probe(answers="started-by")
def at_job(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Which job of at or batch started this process?

    The shell of a job reads its script from its standard input, so its arguments tell nothing.
    The file of the job, which atd removes at the job's end, has the owner's uid in its text and
    the time in its name, atd(8).
    """
    told = lineage(process, witness)
    if len(told) < 2 or not is_called(told[1].record, ATDS) or is_called(told[0].record, ATDS):
        return
    child, daemon = told[:2]
    cited = (child.evidence, daemon.evidence)
    try:
        root = root_of([line.record for line in told[1:]], host)
        found = [job for job in _jobs(host, root) if _may_have_started(job, child.record)]
        reason = "atd removes the file of a job when it has run, and keeps no history"
    except CannotAsk as e:
        found, reason = [], f"{e}; {e.try_ or e.because}"
    for job in found:
        how_sure = Confidence.LIKELY if len(found) == 1 else Confidence.POSSIBLE
        yield process.fact("started-by", job.job, *cited, job.evidence, confidence=how_sure)
    if not found:
        service = Service(process.host, "at", "atd")
        yield process.fact("started-by", service, *cited, confidence=Confidence.LIKELY)
        yield process.fact("job-unknown", reason, *cited, confidence=Confidence.UNKNOWN)


def _may_have_started(job: AtJob, child: ProcessRecord) -> bool:
    after = child.started_at - job.due
    return job.uid in (None, child.user_id) and timedelta(0) <= after <= LATE


def _jobs(host: Host, root: str) -> Iterator[AtJob]:
    for folder in SPOOLS:
        try:
            names = host.list(root + folder).text.split("\n")
        except NotPermitted:
            raise
        except CannotAsk:
            continue
        for named in filter(None, map(_FILE.fullmatch, names)):
            due = datetime.fromtimestamp(int(named["minutes"], 16) * 60, UTC)
            yield _job(host, host.read(f"{root}{folder}/{named[0]}"), f"{folder}/{named[0]}", due)


def _job(host: Host, reading: Reading, path: str, due: datetime) -> AtJob:
    owner = _OWNER.search(reading.text)
    uid = int(owner["uid"]) if owner else None
    own = _first_line(reading)
    evidence = own.evidence if own is not None else reading.whole()
    job = Job(
        reading.observer,
        "at",
        path,
        evidence.line,
        f"once at {due:%Y-%m-%d %H:%M} UTC",
        own or "",
        (uid is not None and user_name(host, uid)) or "",
    )
    return AtJob(job, due, uid, evidence)


def _first_line(reading: Reading) -> Line | None:
    """Give the first line that the user wrote: those of at(1) end with a change of folder."""
    lines = dropwhile(lambda line: _SET_UP not in line, reading.lines())
    own = (line for line in islice(lines, 3, None) if not line.startswith("${SHELL"))
    return next(own, None)
