from dataclasses import replace

from tests.probes.telling import FLOW, record, saw, sighting, values
from whence.model import Flow
from whence.probes.contacts import contacts
from whence.world import RecordedHost

OWN = Flow("192.0.2.9")


def test_an_address_that_calls_and_is_not_called() -> None:
    seen = replace(sighting(record(12)), flow=replace(FLOW, source="192.0.2.9", source_port=4000))
    text = saw(seen).read(f"connections {FLOW}").text
    assert values(contacts(OWN, RecordedHost({f"connections {OWN}": text}))) == ["203.0.113.7:443"]


def test_whoever_is_called_is_not_said_to_call() -> None:
    assert not [*contacts(FLOW, saw(sighting(record(12)), sighting()))]
