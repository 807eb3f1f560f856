from dataclasses import replace
from datetime import timedelta

import pytest

from whence.inquiry.witnesses import Seen, Witnesses
from whence.model import (
    ATTEMPTED,
    CannotAsk,
    Execution,
    Flow,
    Process,
    ProcessRecord,
    Sighting,
    ecs,
)
from whence.model.reported import Report
from whence.world import EPOCH, RecordedHost

ASKED = Flow("203.0.113.7", 443)
PARENT = ProcessRecord(Process("fw", "boot", 800, 10), EPOCH, "cron")
BARE = ProcessRecord(Process("fw", "boot", 4242, 900), EPOCH, "agent")
TOLD = ProcessRecord(BARE.process, EPOCH, "agent", PARENT.process,
                     (Execution(EPOCH, "/usr/bin/agent"),))  # fmt: skip


def sighting(*lineage: ProcessRecord, minute: int = 0, cookie: int = 1) -> Sighting:
    at = EPOCH + timedelta(minutes=minute)
    flow = Flow("203.0.113.7", 443, "192.0.2.5", 51514, "tcp")
    return Sighting(flow, ATTEMPTED, at, at, lineage, "test", "fw", cookie=cookie)


def heard(*witnesses: Seen | RecordedHost) -> Witnesses:
    return Witnesses(witnesses, "fw", lambda: EPOCH)


def seen(*sightings: Sighting) -> Seen:
    return Seen("fw", lambda: EPOCH, sightings)


def lines(witnesses: Witnesses, flow: Flow = ASKED) -> list[Sighting]:
    return [ecs.from_line(line) for line in witnesses.connections(flow).lines() if line]


def test_what_two_witnesses_saw_is_told_oldest_first() -> None:
    told = lines(heard(seen(sighting(BARE, minute=5, cookie=2)), seen(sighting(BARE))))
    assert [one.cookie for one in told] == [1, 2]


def test_of_two_accounts_of_one_socket_the_fuller_is_kept() -> None:
    [told] = lines(heard(seen(sighting(BARE)), seen(sighting(TOLD, PARENT))))
    assert told.lineage == (TOLD, PARENT)


def test_what_a_file_tells_of_a_connection_stays_beside_what_was_seen() -> None:
    report = Report("0a", "conn.log", 3, "…", "zeek_conn")
    bare = replace(sighting(cookie=0, minute=7), report=report)
    again = replace(bare, report=replace(report, line=4))
    told = lines(heard(seen(sighting(TOLD, PARENT)), seen(bare, again)))
    assert [one.report.line if one.report else 0 for one in told] == [0, 3, 4]


def test_traffic_is_found_whichever_end_called() -> None:
    back = Flow("192.0.2.5", 22, "203.0.113.7", 443, "tcp")
    called = Sighting(back, "connection-accepted", EPOCH, EPOCH, (BARE,), "test", "fw")
    assert lines(heard(seen(called))) == [called]


def test_a_witness_that_cannot_be_asked_does_not_silence_the_other() -> None:
    assert lines(heard(RecordedHost({}), seen(sighting(BARE))))


def test_when_nobody_can_be_asked_the_reason_is_told() -> None:
    with pytest.raises(CannotAsk):
        heard(RecordedHost({})).connections(ASKED)


def test_the_longest_line_of_ancestors_is_taken() -> None:
    witnesses = heard(seen(sighting(BARE)), seen(sighting(TOLD, PARENT)))
    records = [ecs.record_from_line(line) for line in witnesses.process(BARE.process).lines()]
    assert records == [TOLD, PARENT]


def test_an_ancestor_can_be_asked_about_too() -> None:
    witnesses = heard(seen(sighting(TOLD, PARENT)))
    [line] = witnesses.process(PARENT.process).lines()
    assert ecs.record_from_line(line) == PARENT


def test_a_process_that_nobody_saw() -> None:
    with pytest.raises(CannotAsk):
        heard(seen()).process(PARENT.process)


def test_all_probes_hear_the_same_story() -> None:
    source = seen(sighting(BARE))
    witnesses = heard(source)
    first = witnesses.connections(ASKED)
    source.sightings.append(sighting(BARE, minute=9, cookie=9))
    assert witnesses.connections(ASKED) is first
