from dataclasses import replace
from datetime import timedelta

from tests.probes.telling import FLOW, record, saw, sighting, values
from whence.model import ACCEPTED, LISTENING, Confidence
from whence.probes.seen import seen
from whence.world import EPOCH, RecordedHost

LATER = EPOCH + timedelta(hours=1)


def test_traffic_that_was_seen_once() -> None:
    (text,) = values(seen(FLOW, saw(sighting(record(5)))))
    assert text == "once, first 2026-01-01 00:00:00, last 2026-01-01 00:00:00 UTC"


def test_traffic_that_was_counted_and_measured() -> None:
    later = sighting(record(5), at=LATER)
    counted = replace(later, count=3, bytes_sent=100, bytes_received=20)
    (text,) = values(seen(FLOW, saw(sighting(record(5)), counted)))
    assert text == "4 times, first 2026-01-01 00:00:00, last 2026-01-01 01:00:00 UTC, 120 bytes"


def test_a_call_inside_the_machine_is_counted_at_the_end_that_called() -> None:
    (text,) = values(seen(FLOW, saw(sighting(record(9), action=ACCEPTED), sighting(record(5)))))
    assert text.startswith("once")


def test_it_is_as_sure_as_the_surest_sighting() -> None:
    likely = sighting(record(5), confidence=Confidence.LIKELY)
    (fact,) = seen(FLOW, saw(likely, sighting(record(5))))
    assert fact.confidence is Confidence.CERTAIN


def test_listening_is_no_traffic() -> None:
    assert not [*seen(FLOW, saw(sighting(record(5), action=LISTENING)))]


def test_nothing_was_seen() -> None:
    assert not [*seen(FLOW, RecordedHost({f"connections {FLOW}": ""}))]


def test_a_connection_that_was_open_before_the_watching() -> None:
    (text,) = values(seen(FLOW, saw(replace(sighting(record(5)), count=0, bytes_sent=9))))
    assert text.startswith("in a connection begun earlier, first 2026")
