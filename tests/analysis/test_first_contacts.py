from tests.analysis.world import NOON, flow, tables
from whence.analysis._declare import Context
from whence.analysis.first_contacts import FirstContact, first_contacts

OLD = flow("192.0.2.9", "198.51.100.7", seconds=-60)
NEW = flow("192.0.2.9", "203.0.113.62", 8443, seconds=60)


def test_a_known_machine_calls_a_new_one() -> None:
    [contact] = first_contacts(tables(OLD, NEW), Context(known_until=NOON))
    assert isinstance(contact, FirstContact)
    assert contact.sentence == (
        "192.0.2.9 talks to 203.0.113.62 port 8443/tcp for the first time at "
        "2026-11-17 12:01:00 UTC (1 flow, 2 packets)."
    )
    assert (contact.known_source, contact.known_destination) == (True, False)


def test_what_goes_on_is_not_new() -> None:
    again = OLD | {"first": NEW["first"]}
    assert not [*first_contacts(tables(OLD, again), Context(known_until=NOON))]


def test_without_a_moment_nothing_is_new() -> None:
    assert not [*first_contacts(tables(OLD, NEW), Context())]
