from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.store.samples import FLOW, MAKER, NOON, ticking
from whence.inquiry.reporting.timeline import timeline
from whence.model import Execution, ProcessRecord
from whence.model.sightings import UNKNOWN_START
from whence.store.case_file import CaseFile

BEGAN = NOON - timedelta(days=3)
RUNS = Execution(NOON, "/usr/bin/agent", args=("agent", "--hourly"))


def told(folder: Path, record: ProcessRecord) -> list[tuple[object, str]]:
    with closing(CaseFile.create(folder, FLOW, ticking())) as case:
        events, _ = timeline(case, (record,), (), (), {})
    return [(event.at, event.what) for event in events if event.kind == "process"]


def test_a_process_that_was_looked_at_did_not_begin_then(tmp_path: Path) -> None:
    assert told(tmp_path, ProcessRecord(MAKER, BEGAN, executions=(RUNS,))) == [
        (BEGAN, "pid 4711 began"),
        (NOON, "pid 4711 was seen running: agent --hourly"),
    ]


def test_a_program_whose_start_a_sensor_saw(tmp_path: Path) -> None:
    run = Execution(NOON, "/usr/bin/agent", "/usr/bin/agent", ("agent", "--hourly"))
    assert told(tmp_path, ProcessRecord(MAKER, BEGAN, executions=(run,))) == [
        (NOON, "pid 4711 ran: agent --hourly")
    ]


def test_a_process_whose_start_a_log_told(tmp_path: Path) -> None:
    assert told(tmp_path, ProcessRecord(MAKER, NOON, executions=(RUNS,))) == [
        (NOON, "pid 4711 ran: agent --hourly")
    ]


def test_nobody_knows_when_it_began(tmp_path: Path) -> None:
    assert told(tmp_path, ProcessRecord(MAKER, UNKNOWN_START, executions=(RUNS,))) == [
        (NOON, "pid 4711 was seen running: agent --hourly")
    ]
    assert not told(tmp_path, ProcessRecord(MAKER, UNKNOWN_START))
