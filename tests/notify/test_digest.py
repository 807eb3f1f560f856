from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.notify.seen import NOON, after, sighting
from whence.model import Flow
from whence.notify.declare import Message
from whence.notify.digest import Digest, Limits


def told(digest: Digest, minutes: float) -> Message:
    message = digest.take(after(minutes))
    assert message
    return message


def test_the_first_is_told_at_once() -> None:
    digest = Digest()
    assert digest.wait(NOON) is None
    digest.add(sighting())
    assert digest.wait(NOON) == timedelta(0)
    assert told(digest, 0).sightings == 1
    assert digest.wait(NOON) is None


def test_what_follows_is_told_together_after_the_quiet_time() -> None:
    digest = Digest()
    digest.add(sighting())
    told(digest, 0)
    for minute in (1, 3, 5):
        digest.add(sighting(at=after(minute)))
        assert digest.take(after(minute)) is None
    assert digest.wait(after(5)) == timedelta(minutes=5)
    message = told(digest, 10)
    assert message.subject == "whence: vendor-check → 203.0.113.7:443/tcp, 3 times on fw1"
    assert "(pid 4711 first, uid 0)" in message.text
    assert "3 times from 2026-01-01 12:01:00 UTC to 2026-01-01 12:05:00 UTC" in message.text
    assert message.documents[0]["whence"]["count"] == 3


def test_one_after_a_long_silence_is_told_at_once() -> None:
    digest = Digest()
    digest.add(sighting())
    told(digest, 0)
    digest.add(sighting(at=after(60)))
    assert told(digest, 60)


def test_programs_and_peers_have_a_line_each() -> None:
    digest = Digest()
    other = Flow("198.51.100.9", 53, "192.0.2.1", 5353, "udp")
    for seen in (sighting(), sighting(flow=other), sighting("/usr/bin/curl"), sighting()):
        digest.add(seen)
    message = told(digest, 0)
    assert len(message.text.splitlines()) == len(message.documents) == 3
    assert message.subject == "whence: 2 programs → 2 peers, 4 times on fw1"


def test_the_port_that_a_caller_draws_makes_no_difference() -> None:
    digest = Digest()
    for port in (40000, 40001):
        digest.add(sighting(flow=Flow("203.0.113.7", 443, "192.0.2.1", port, "tcp")))
    assert len(told(digest, 0).documents) == 1


def test_no_more_than_so_many_an_hour() -> None:
    digest = Digest(Limits(quiet=timedelta(minutes=1), an_hour=3))
    moments = [minute for minute in range(120) if _tells(digest, after(minute))]
    assert moments == [0, 1, 2, 60, 61, 62]


def _tells(digest: Digest, at: datetime) -> bool:
    digest.add(sighting(at=at))
    return digest.take(at) is not None


def test_too_many_kinds_are_counted() -> None:
    digest = Digest(Limits(lines=2))
    for number in range(5):
        digest.add(sighting(f"/tmp/{number}", count=10))
    message = told(digest, 0)
    assert len(message.documents) == 2
    assert message.notes == ("And 30 more, of programs and peers too many to name.",)
    assert message.sightings == 50


def test_more_bytes_of_what_was_told_are_no_news() -> None:
    digest = Digest()
    digest.add(sighting())
    told(digest, 0)
    digest.add(sighting(count=0))
    assert digest.wait(after(60)) is None


def test_the_rest_is_told_at_the_end() -> None:
    digest = Digest()
    digest.add(sighting())
    told(digest, 0)
    digest.add(sighting())
    assert digest.take(after(1)) is None
    assert digest.finish(after(1))
    assert digest.finish(after(1)) is None


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    digest = Digest()
    digest.add(sighting())
    told(digest, 60 * 24 * 365)
    digest.add(sighting())
    assert told(digest, 0)


def test_passwords_stay_home() -> None:
    digest = Digest()
    digest.add(sighting("/usr/bin/mysql", "--password", "hunter2", "--token=hunter2"))
    assert "hunter2" not in repr(told(digest, 0))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(1, 50))))
def test_every_sighting_is_told_once(events: list[tuple[int, int, int]]) -> None:
    digest = Digest(Limits(lines=3, an_hour=4))
    at, messages = NOON, []
    for minutes, name, count in events:
        at += timedelta(minutes=minutes)
        digest.add(sighting(f"/bin/{name}", at=at, count=count))
        messages.append(digest.take(at))
    messages.append(digest.finish(at))
    assert sum(m.sightings for m in messages if m) == sum(count for *_, count in events)
