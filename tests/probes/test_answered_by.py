import pytest

from tests.probes.telling import FLOW, pid, record, saw, sighting
from whence.model import ACCEPTED, LISTENING
from whence.probes.answered_by import answered_by
from whence.world import RecordedHost


@pytest.mark.parametrize("action", [LISTENING, ACCEPTED])
def test_a_call_from_elsewhere_is_the_business_of_who_listens(action: str) -> None:
    (fact,) = answered_by(FLOW, saw(sighting(record(20), action=action)))
    assert (fact.relation, fact.value) == ("answered-by", pid(20))


def test_that_somebody_listens_is_told_also_where_nobody_may_see_who() -> None:
    (fact,) = answered_by(FLOW, saw(sighting(action=LISTENING)))
    assert fact.relation == "is-listened-on"
    assert not [*answered_by(FLOW, saw(sighting(action=ACCEPTED)))]


def test_where_the_caller_is_here_too_it_is_the_one_to_explain() -> None:
    heard = sighting(record(20), action=ACCEPTED)
    assert not [*answered_by(FLOW, saw(heard, sighting(record(12))))]


def test_nothing_was_heard() -> None:
    assert not [*answered_by(FLOW, RecordedHost({f"connections {FLOW}": ""}))]
