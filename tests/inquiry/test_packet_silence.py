"""Before a change and after it, as packets of an interface tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tests.inquiry.test_passing import ANSWERED, FLOW, GHOST, HOST, NOON
from whence.inquiry.packet_silence import PacketSilence, figures, sent, watch
from whence.model import Flow, Ip
from whence.model.counted_flows import Counted

LOOK, GRACE, QUIET = (timedelta(seconds=length) for length in (5, 4, 10))
CHANGE = NOON + timedelta(seconds=6)  # the person took a second


def counts(*totals: int) -> Iterator[Counted]:
    """Give the packets of the host so far, each second."""
    for second, total in enumerate(totals):
        flow = replace(FLOW, source_packets=total)
        yield Counted((flow,) if total else (), NOON + timedelta(seconds=second), lost=3)


def watched(
    *totals: int, change: datetime = CHANGE, made_before: datetime | None = None
) -> PacketSilence:
    made = made_before or (lambda: change)
    return watch(Ip(HOST), ("lan0",), counts(*totals), QUIET, GRACE, made, LOOK, lambda *_: None)


def test_what_fell_silent_after_the_change() -> None:
    found = watched(0, 200, 400, 600, 800, 1000, 1200, 1300, *[1300] * 40)
    assert found.sentence == (
        "192.0.2.9 fell silent at 2026-11-18 12:00:07 UTC: none in 10 s watched on lan0, where "
        "2,000 packets were to be expected at the 200 a second before."
    )
    assert (found.before, found.after, found.is_silent) == (1000, 0, True)
    assert dict(figures(found)) == {
        "before": "1,000 packets in 5 s counted, 200 a second",
        "after": "silent 10 s, the last 2026-11-18 12:00:07 UTC; 3 packets not counted",
    }


def test_it_fell_silent_with_its_last_packet_which_came_before_the_change_was_done() -> None:
    found = watched(0, 200, 400, 600, 800, 800, *[800] * 30)
    assert found.sentence.startswith("192.0.2.9 fell silent at 2026-11-18 12:00:04 UTC: none in ")
    assert found.last == NOON + timedelta(seconds=4)


def test_what_goes_on_after_the_change_and_how_fast() -> None:
    found = watched(*range(0, 6000, 200))
    assert found.sentence == (
        "192.0.2.9 goes on after the change of 2026-11-18 12:00:06 UTC: 2,000 packets in 10 s "
        "watched on lan0, 200 a second, where it was 200 a second before."
    )
    assert not found.is_silent


def test_a_single_packet_after_the_time_to_end_is_no_silence() -> None:
    """Nothing comes for 9 s, then one packet: ten silent seconds have not passed."""
    found = watched(*[0, 200, 400, 600, 800, 1000], *[1000] * 9, *[1001] * 30)
    assert found.goes_on
    assert found.after == 1


def test_where_little_comes_it_is_looked_longer_before_the_change() -> None:
    """Bursts of 6 packets each 8 s: in five seconds there may be none."""
    found = watched(*[0] * 8, *[6] * 40, change=NOON + timedelta(seconds=9))
    assert (found.before, found.before_span) == (6, 8.0)
    assert found.is_silent


def test_a_machine_that_nobody_heard_before_says_nothing_by_its_silence() -> None:
    found = watched(*[0] * 40)
    assert not found.is_silent
    assert "too little was counted before" in found.sentence


def test_a_change_that_was_made_before_anybody_counted() -> None:
    found = watched(*[0] * 40, made_before=NOON - timedelta(hours=1))
    assert found.sentence.startswith("192.0.2.9 is silent since 2026-11-18 11:00:00 UTC: none in")
    assert "none in 10 s watched" in found.sentence
    assert dict(figures(found))["before"] == "nobody counted"


def test_what_goes_on_long_after_a_change() -> None:
    found = watched(*range(0, 6000, 200), made_before=NOON - timedelta(hours=1))
    assert "goes on after the change of 2026-11-18 11:00:00 UTC: 2,000 packets" in found.sentence


def test_an_interruption_is_no_silence() -> None:
    def interrupted() -> Iterator[Counted]:
        yield from counts(0, 200, 400, 600, 800, 1000, 1000, 1000, 1000)
        raise KeyboardInterrupt

    found = watch(Ip(HOST), ("lan0",), interrupted(), QUIET, GRACE, lambda: CHANGE, LOOK,
                  lambda *_: None)  # fmt: skip
    assert (found.done, found.is_silent) == (False, False)


def test_of_a_place_what_is_sent_to_it_counts() -> None:
    counted = Counted((FLOW, ANSWERED), NOON)
    assert sent(counted, Ip(HOST)) == 4
    assert sent(counted, Flow(HOST)) == 4
    assert sent(counted, Flow(GHOST, 514)) == 2
    assert sent(counted, Flow(GHOST, 515)) == 0
    assert sent(counted, Flow(GHOST, 514, "192.0.2.1")) == 0
