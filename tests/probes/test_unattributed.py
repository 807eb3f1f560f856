from tests.probes.telling import FLOW, record, saw, sighting, values
from whence.model import ACCEPTED
from whence.probes.unattributed import unattributed


def test_connections_without_a_process_beside_those_with_one() -> None:
    host = saw(sighting(record(12)), sighting(), sighting())
    assert values(unattributed(FLOW, host)) == ["2 connections"]


def test_where_all_are_attributed_or_none_is_there_is_nothing_to_tell_apart() -> None:
    assert not [*unattributed(FLOW, saw(sighting(record(12))))]
    assert not [*unattributed(FLOW, saw(sighting(), sighting()))]
    heard = sighting(action=ACCEPTED)  # the other end of the same
    assert not [*unattributed(FLOW, saw(sighting(record(12)), heard))]
