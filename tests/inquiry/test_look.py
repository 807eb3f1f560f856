"""Whether there is still something to wait for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.inquiry.test_witnesses import ASKED, BARE, TOLD, heard, seen, sighting
from whence.inquiry.look import UNREAD, seen_by, wait_for
from whence.model import ACCEPTED, Execution, Flow, ProcessRecord, SensorStatus, Sighting
from whence.world import RecordedHost


def test_who_answers_is_not_who_makes_it_where_both_ends_are_here() -> None:
    answered = replace(sighting(BARE), action=ACCEPTED)
    assert not seen_by([heard(seen(sighting(), answered))], ASKED)
    assert seen_by([heard(seen(sighting(BARE, minute=1), answered))], ASKED)


def test_a_caller_from_elsewhere_has_been_seen_by_who_answers() -> None:
    assert seen_by([heard(seen(replace(sighting(BARE), action=ACCEPTED)))], ASKED)


def test_nobody_and_nothing_was_seen() -> None:
    assert not seen_by([RecordedHost({}), seen(sighting(BARE))], Flow("203.0.113.9"))


def test_what_one_saw_without_its_maker_and_another_with_it_is_told_once() -> None:
    told = heard(seen(sighting(cookie=0)), seen(sighting(BARE))).connections(ASKED)
    assert len([line for line in told.lines() if line]) == 1


RUN = Execution(BARE.started_at, "/usr/bin/python3.11", args=("python3", "agent.py"))
READ = replace(BARE, executions=(RUN,))
KERNEL = replace(BARE, kernel_thread=True)


@dataclass(frozen=True)
class EachMinute:
    """A sensor that sees one of them each minute."""

    sightings: tuple[Sighting, ...]

    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        for minute, each in enumerate(self.sightings):
            yield timedelta(minutes=minute), each
            yield timedelta(minutes=minute, seconds=30), None
        yield most, None


@pytest.mark.parametrize(
    ("makers", "awaited"),
    [
        ((READ, READ), 1),
        ((TOLD, READ, READ), 2),  # who was over before its command could be read
        ((BARE, TOLD, READ, READ), 3),
        ((TOLD,) * (UNREAD + 1), UNREAD),  # there is none better
        ((TOLD,), 1),
        ((KERNEL, READ), 1),  # has no command
    ],
)
def test_who_could_not_be_read_is_waited_for_once_more(
    makers: tuple[ProcessRecord, ...], awaited: int
) -> None:
    assert waited_for(*map(sighting, makers)) == awaited


def waited_for(*sightings: Sighting, asked: Flow = ASKED) -> int:
    """Wait for an hour, and count what was seen."""
    told = seen()
    wait_for([asked], EachMinute(sightings), told, timedelta(hours=1), lambda _: None)
    return len(told.sightings)


def test_who_answers_here_is_not_waited_for() -> None:
    """As a server on the same machine, which was there before."""
    answers = replace(sighting(READ), action=ACCEPTED)
    assert waited_for(sighting(), answers, sighting(READ), sighting(READ)) == 3
    assert waited_for(answers, sighting(READ)) == 1  # a caller from elsewhere
    for here in (Flow("127.0.0.9", 443, "127.0.0.1", 9), Flow("192.0.2.5", 443, "192.0.2.5", 9)):
        calls = replace(sighting(READ), flow=here)
        assert waited_for(replace(answers, flow=here), calls, asked=here) == 2
