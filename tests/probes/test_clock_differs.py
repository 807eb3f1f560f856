"""How far the clock of who wrote a file is off, by connections that were seen here, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.probes.telling import FLOW, record, saw, sighting
from whence.model import ACCEPTED, ATTEMPTED, Flow, Sighting
from whence.model.reported import Report
from whence.probes.clock_differs import clock_differs
from whence.probes.explains_times import explains_times
from whence.probes.seen import seen
from whence.world import EPOCH

REPORT = Report("0a", "conn.log", 1, "…", "zeek_conn")
MINUTE = timedelta(minutes=1)


def ours(number: int, minute: float, port: int = 0) -> Sighting:
    flow = Flow("203.0.113.7", 443, "192.0.2.5", port or 50000 + number, "tcp")
    return replace(sighting(record(number), at=EPOCH + minute * MINUTE), flow=flow)


def theirs(number: int, minute: float, line: int = 0) -> Sighting:
    at = EPOCH + minute * MINUTE
    flow = Flow("203.0.113.7", 443, "192.0.2.5", 50000 + number, "tcp")
    report = replace(REPORT, line=line or number)
    return Sighting(flow, ATTEMPTED, at, at, (), "zeek_conn", "provider", report=report)


def said(*sightings: Sighting) -> list[str]:
    return [str(fact.value) for fact in clock_differs.ask(FLOW, saw(*sightings))]


def test_a_clock_that_is_ahead_and_one_that_is_behind() -> None:
    hours = range(1, 5)
    own = [ours(n, 60 * n) for n in hours]
    assert said(*own, *(theirs(n, 60 * n + 7.2) for n in hours)) == [
        "the clock of conn.log is 7 min 12 s ahead of this machine's, "
        "by 4 connections that both saw"
    ]
    both = (replace(one, action=ACCEPTED, lineage=(record(99),)) for one in own)
    (told,) = said(*own, *both, *(theirs(n, 60 * n + 7.2) for n in hours))
    assert told.endswith("by 4 connections that both saw")
    (behind,) = said(*own, *(theirs(n, 60 * n - 90) for n in hours))
    assert "is 1 h 30 min behind this machine's" in behind


def test_a_right_clock_is_not_worth_a_word() -> None:
    assert not said(ours(1, 0), ours(2, 60), theirs(1, 0.1), theirs(2, 60.1))


def test_one_connection_may_have_the_ports_of_another_by_chance() -> None:
    assert not said(ours(1, 0), theirs(1, 7))
    assert not said(ours(1, 0), ours(2, 60), theirs(1, 7), theirs(2, 99))
    reused = [ours(1, 60 * n, port=50001) for n in (1, 5, 9)]
    told = said(*reused, ours(2, 120), ours(3, 180), theirs(1, 307), theirs(2, 127), theirs(3, 187))
    assert ["is 7 min ahead" in one for one in told] == [True]


def test_times_by_another_clock_are_not_counted_where_there_are_others() -> None:
    witness = saw(ours(1, 0), theirs(1, 7), theirs(9, 1000))
    (fact,) = seen.ask(FLOW, witness)
    assert str(fact.value).startswith("once, first 2026-01-01 00:00:00, last 2026-01-01 00:00:00")
    (fact,) = seen.ask(FLOW, saw(theirs(1, 7), theirs(9, 1000)))
    assert str(fact.value).startswith("2 times")
    assert not [*explains_times.ask(FLOW, witness, witness)]  # once is no schedule
