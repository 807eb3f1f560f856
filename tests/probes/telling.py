"""Short words for what a witness tells: processes, and the hosts that saw them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from whence.model import (
    ATTEMPTED,
    Confidence,
    Execution,
    Fact,
    Flow,
    Process,
    ProcessRecord,
    Sighting,
)
from whence.model.ecs import encode, from_sighting, record_line
from whence.world import EPOCH, RecordedHost

FLOW = Flow("203.0.113.7", 443)


def pid(number: int) -> Process:
    return Process("here", "recorded", number, 100)


def ran(executable: str, *args: str, file: str = "", cwd: str = "/srv", **rest: int) -> Execution:
    return Execution(EPOCH, executable, file, args, working_directory=cwd, **rest)


def record(number: int, *executions: Execution, **rest: object) -> ProcessRecord:
    return ProcessRecord(pid(number), EPOCH, executions=executions, **rest)  # type: ignore[arg-type]


def story(*records: ProcessRecord) -> dict[str, str]:
    """Record what a witness tells of the first of these, the others being its ancestors."""
    first = records[0].process
    text = "".join(record_line(told) + "\n" for told in records)
    return {f"process {first.pid}@{first.started}": text}


def told(*records: ProcessRecord, **texts: str) -> RecordedHost:
    return RecordedHost(story(*records) | texts)


def sighting(
    *lineage: ProcessRecord,
    confidence: Confidence = Confidence.CERTAIN,
    action: str = ATTEMPTED,
    at: datetime = EPOCH,
) -> Sighting:
    return Sighting(FLOW, action, at, at, lineage, "recorded", "here", confidence=confidence)


def saw(*sightings: Sighting) -> RecordedHost:
    text = "".join(encode(from_sighting(seen)) + "\n" for seen in sightings)
    return RecordedHost({f"connections {FLOW}": text})


def values(facts: Iterable[Fact]) -> list[str]:
    return [str(fact.value) for fact in facts]


STATUS = (
    '{{"kind":"{kind}","mode":"{mode}","uid":0,"gid":0,"size":1,"inode":{inode},"device":1,'
    '"links":1,"modified":0,"changed":0}}'
)


def status(kind: str = "file", mode: str = "0755", inode: int = 7) -> str:
    return STATUS.format(kind=kind, mode=mode, inode=inode)
