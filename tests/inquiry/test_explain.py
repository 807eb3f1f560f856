"""A case that is gone on with, in worlds that change between two looks."""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from whence.inquiry.explain import Answer, answer_of, explain, replay
from whence.inquiry.means import Means
from whence.inquiry.witnesses import Seen
from whence.model import (
    ATTEMPTED,
    CannotAsk,
    Execution,
    Flow,
    Process,
    ProcessRecord,
    Reach,
    Reading,
    SensorStatus,
    Sighting,
)
from whence.store.case_file import CaseFile
from whence.world import EPOCH, RecordedHost

ASKED = Flow("203.0.113.7", 443)
AGENT = ProcessRecord(
    Process("fw", "boot", 4242, 900), EPOCH, "agent", executions=(Execution(EPOCH, "/opt/agent"),)
)
CALL = Sighting(Flow("203.0.113.7", 443, "192.0.2.5", 51514, "tcp"), ATTEMPTED,
                EPOCH, EPOCH, (AGENT,), "test", "fw", cookie=1)  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[CaseFile]:
    with closing(CaseFile.create(tmp_path, ASKED, lambda: EPOCH)) as case:
        yield case


def ask(case: CaseFile, *seen: Sighting, wait: timedelta | None = None) -> Answer:
    """Ask in a world where just these were seen; the sensor named here cannot even start."""
    witness = Seen("fw", lambda: EPOCH, seen)
    means = Means(RecordedHost({}, "fw"), (witness,), lambda: EPOCH)
    return explain(case, means, Reach.SILENT, wait, lambda event: None, "no such sensor")


def go_on(case: CaseFile, *seen: Sighting) -> Answer:
    case.note_resumed()
    return ask(case, *seen)


def test_what_nobody_had_seen_is_asked_again(case: CaseFile) -> None:
    assert "no process was seen" in ask(case).story.sentence
    assert "/opt/agent" in go_on(case, CALL).story.sentence
    assert "/opt/agent" in answer_of(case).story.sentence


def test_what_is_answered_stays_answered(case: CaseFile) -> None:
    told = ask(case, CALL).story
    assert go_on(case).story == told


def test_a_case_that_was_gone_on_with_replays_to_the_same_facts(case: CaseFile) -> None:
    ask(case)
    told = go_on(case, CALL)
    replayed, differences = replay(case)
    assert (replayed.story, replayed.maker, differences) == (told.story, (AGENT,), [])


def test_what_was_refused_once_and_answered_later_is_not_left_out(case: CaseFile) -> None:
    ask(case, CALL)
    then = {entry.question for entry in answer_of(case).not_checked}
    go_on(case, CALL)
    assert {entry.question for entry in answer_of(case).not_checked} == then


class Shortly(Seen):
    """Sees a connection at the first look, and at none later."""

    def connections(self, flow: Flow) -> Reading:
        answer = super().connections(flow)
        if answer.text:
            self.sightings.clear()
        return answer

    def process(self, process: Process) -> Reading:
        raise CannotAsk(f"{process} is gone")


def test_what_was_gone_at_the_second_look_is_told_by_the_first(case: CaseFile) -> None:
    """Neither waited for, since it was there, nor told, since it was gone: that must not be."""
    witness = Shortly("fw", lambda: EPOCH, [CALL])
    means = Means(RecordedHost({}, "fw"), (witness,), lambda: EPOCH,
                  waits=lambda flows, level: nullcontext(NoSensor()))  # fmt: skip
    told = explain(case, means, Reach.SILENT, timedelta(hours=1), lambda event: None, "auto")
    assert "/opt/agent" in told.story.sentence


class NoSensor:
    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        return iter(())


def test_nobody_waits_for_what_the_case_already_tells(case: CaseFile) -> None:
    ask(case, CALL)
    answer = ask(case, wait=timedelta(hours=1))
    assert ("Did it happen again?", "whence 203.0.113.7:443 --wait 2h") in {
        (entry.question, entry.try_) for entry in answer.not_checked
    }


def test_what_nothing_was_found_for_is_not_asked_of_a_process_that_is_gone(case: CaseFile) -> None:
    ask(case, CALL)
    silent = {step.probe for step in case.steps() if step.outcome == "nothing"}
    go_on(case)
    again = [step.probe for step in case.steps() if step.about == AGENT.process]
    assert silent
    assert all(again.count(probe) <= 1 for probe in silent)
