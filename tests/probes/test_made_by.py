import pytest

from tests.probes.telling import FLOW, pid, record, saw, sighting, values
from whence.model import ACCEPTED, LISTENING, CannotAsk, Confidence
from whence.probes.made_by import made_by
from whence.world import RecordedHost


def test_the_process_that_was_seen_connecting() -> None:
    (fact,) = made_by(FLOW, saw(sighting(record(12))))
    assert (fact.value, fact.confidence) == (pid(12), Confidence.CERTAIN)


def test_a_process_that_connects_again_and_again_is_named_once_with_first_and_last_line() -> None:
    (fact,) = made_by(FLOW, saw(*[sighting(record(12))] * 5))
    assert [evidence.line for evidence in fact.evidence] == [1, 5]


def test_the_surest_sighting_of_a_process_counts() -> None:
    likely, certain = (
        sighting(record(12), confidence=sure) for sure in (Confidence.LIKELY, Confidence.CERTAIN)
    )
    (fact,) = made_by(FLOW, saw(likely, certain, likely))
    assert fact.confidence is Confidence.CERTAIN


def test_each_of_several_processes() -> None:
    host = saw(sighting(record(12)), sighting(record(13)), sighting())
    assert values(made_by(FLOW, host)) == ["pid 12", "pid 13"]


def test_who_called_made_it_and_who_listened_answered_it() -> None:
    heard = (sighting(record(20), action=action) for action in (LISTENING, ACCEPTED))
    facts = made_by(FLOW, saw(*heard, sighting(record(12))))
    assert [(f.relation, str(f.value)) for f in facts] == [
        ("made-by", "pid 12"),
        ("answered-by", "pid 20"),
    ]


@pytest.mark.parametrize("action", [LISTENING, ACCEPTED])
def test_a_call_from_elsewhere_is_the_business_of_who_listens(action: str) -> None:
    (fact,) = made_by(FLOW, saw(sighting(record(20), action=action)))
    assert (fact.relation, fact.value) == ("made-by", pid(20))


def test_the_kernel_itself() -> None:
    host = saw(sighting(record(12, name="kworker/u4:1", kernel_thread=True)))
    assert values(made_by(FLOW, host)) == ["the kernel itself, in its thread kworker/u4:1"]


def test_a_connection_that_was_seen_without_its_maker() -> None:
    with pytest.raises(CannotAsk, match=r"not who made it \(2× by recorded\)"):
        [*made_by(FLOW, saw(sighting(), sighting()))]


def test_nothing_was_seen() -> None:
    assert not [*made_by(FLOW, RecordedHost({f"connections {FLOW}": ""}))]
