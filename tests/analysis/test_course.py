from datetime import datetime, timedelta

import pytest

from tests.analysis.world import NOON, Row, flow, tables
from whence.analysis.course import course
from whence.world.capture_times import CaptureTimes, SetBack

SHOUTER = "192.0.2.9"


def moment(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def captured(packet: int, **more: float) -> Row:
    return flow(SHOUTER, flow=packet << 4, **more)  # type: ignore[arg-type]


def test_a_course_puts_what_was_sent_where_it_was_sent() -> None:
    seen = course(tables(flow(sent=10, lasts=10), flow(sent=5, seconds=30)), ["192.0.2.9"])
    assert seen
    sent = seen.sent["192.0.2.9"]
    assert seen.width.total_seconds() == 1
    assert len(sent) == 31
    assert sum(sent) == pytest.approx(15)
    assert sent[5] == pytest.approx(1)
    assert sent[30] == 5


def test_time_behind_a_clock_that_was_set_back_is_not_laid_over_the_time_before() -> None:
    back = SetBack("office.pcapng", 21, moment(10), moment(0))
    times = CaptureTimes(
        "office.pcapng", moment(0), moment(20), timedelta(seconds=30), (back,), 0, None
    )
    rows = [
        captured(1, sent=20, received=0, seconds=0, lasts=10),
        captured(21, sent=7, received=0, seconds=0),
        captured(28, sent=5, received=0, seconds=20),
    ]
    seen = course(tables(*rows), [SHOUTER], times=[times])
    assert seen
    assert [(each.begin, each.buckets) for each in seen.stretches] == [
        (moment(0), 11),
        (moment(0), 21),
    ]
    sent = seen.sent[SHOUTER]
    assert sum(sent[:11]) == pytest.approx(20)
    assert (sent[11], sent[31], sum(sent[12:31])) == (7, 5, 0)


def test_a_flow_that_goes_on_behind_a_set_back_is_drawn_where_it_began() -> None:
    back = SetBack("office.pcapng", 21, moment(10), moment(5))
    times = CaptureTimes(
        "office.pcapng", moment(0), moment(40), timedelta(seconds=45), (back,), 0, None
    )
    rows = [
        captured(1, sent=20, received=0, seconds=0, lasts=40),
        captured(22, sent=1, received=0, seconds=5),
    ]
    seen = course(tables(*rows), [SHOUTER], times=[times])
    assert seen
    assert [each.buckets for each in seen.stretches] == [11, 1]
    assert sum(seen.sent[SHOUTER][:11]) == pytest.approx(20)


def test_single_packets_dated_too_early_do_not_stretch_a_course() -> None:
    early = SetBack("office.pcapng", 2, moment(1), moment(-1e9))
    times = CaptureTimes(
        "office.pcapng", moment(0), moment(10), timedelta(seconds=10), (), 1, early
    )
    rows = [captured(1, sent=3, lasts=10), captured(2, sent=1, seconds=-1e9)]
    seen = course(tables(*rows), [SHOUTER], times=[times])
    assert seen
    assert (seen.begin, seen.width) == (moment(0), timedelta(seconds=1))
    assert sum(seen.sent[SHOUTER]) == pytest.approx(3)
