from dataclasses import replace
from datetime import timedelta

import pytest

from tests.probes.telling import FLOW, pid, ran, record, saw, sighting, values
from whence.model import ACCEPTED, CannotAsk, Confidence
from whence.probes.made_by import made_by
from whence.world import EPOCH, RecordedHost


def test_the_process_that_was_seen_connecting() -> None:
    (fact,) = made_by(FLOW, saw(sighting(record(12))))
    assert (fact.value, fact.confidence) == (pid(12), Confidence.CERTAIN)


def test_a_process_that_connects_again_and_again_is_named_once_with_newest_and_oldest_line() -> (
    None
):
    (fact,) = made_by(FLOW, saw(*[sighting(record(12))] * 5))
    assert {evidence.line for evidence in fact.evidence} == {1, 5}


def test_the_surest_sighting_of_a_process_counts() -> None:
    likely, certain = (
        sighting(record(12), confidence=sure) for sure in (Confidence.LIKELY, Confidence.CERTAIN)
    )
    (fact,) = made_by(FLOW, saw(likely, certain, likely))
    assert fact.confidence is Confidence.CERTAIN


def test_each_of_several_processes() -> None:
    host = saw(sighting(record(12)), sighting(record(13)), sighting())
    assert values(made_by(FLOW, host)) == ["pid 12", "pid 13"]


def test_runs_of_one_command_are_named_once_by_the_newest() -> None:
    agent = ran("/usr/lib/acme/agent", "agent", "--poll")
    runs = [sighting(record(n, agent), at=EPOCH + timedelta(hours=n)) for n in (12, 13)]
    fact, often = made_by(FLOW, saw(*runs))
    assert fact.value == pid(13)
    assert (often.subject, often.relation) == (pid(13), "stands-for")
    assert str(often.value).startswith("2 runs of this command, the first at 2026-01-01 12:00:00")


def test_a_command_on_two_machines_is_named_for_each() -> None:
    agent = ran("/usr/lib/acme/agent", "agent", "--poll")
    one, other = record(12, agent), record(13, agent)
    other = replace(other, process=replace(other.process, host="there"))
    assert values(made_by(FLOW, saw(sighting(one), sighting(other)))) == ["pid 12", "pid 13"]


def test_who_answers_on_this_machine_did_not_make_it() -> None:
    heard = sighting(record(20), action=ACCEPTED)
    assert values(made_by(FLOW, saw(heard, sighting(record(12))))) == ["pid 12"]


def test_the_kernel_itself() -> None:
    host = saw(sighting(record(12, name="kworker/u4:1", kernel_thread=True)))
    assert values(made_by(FLOW, host)) == ["the kernel itself, in its thread kworker/u4:1"]


def test_a_connection_that_was_seen_without_its_maker() -> None:
    with pytest.raises(CannotAsk, match=r"not who made it \(2× by recorded\)"):
        [*made_by(FLOW, saw(sighting(), sighting()))]


def test_nothing_was_seen() -> None:
    assert not [*made_by(FLOW, RecordedHost({f"connections {FLOW}": ""}))]
