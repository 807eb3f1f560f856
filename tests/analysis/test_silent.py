from tests.analysis.world import arp, flow, tables
from whence.analysis.silent import silent_addresses


def test_those_that_are_called_and_say_nothing_the_most_called_first() -> None:
    flows = [
        flow(destination="203.0.113.5", received=0),
        flow(destination="203.0.113.62", received=0, sent=9),
        flow(),
    ]
    there = tables(*flows, arps=[arp("192.0.2.9", "02:00:00:00:00:09", "192.0.2.77", count=5)])
    assert silent_addresses(there) == ["203.0.113.62", "192.0.2.77", "203.0.113.5"]
    assert silent_addresses(there, 1) == ["203.0.113.62"]


def test_whoever_calls_is_not_silent() -> None:
    flows = [flow(destination="192.0.2.20", received=0), flow(source="192.0.2.20")]
    assert not silent_addresses(tables(*flows))


def test_groups_and_everybody_are_nobody() -> None:
    nobody = ("224.0.0.251", "192.0.2.255", "255.255.255.255", "ff02::fb")
    assert not silent_addresses(tables(*(flow(destination=one, received=0) for one in nobody)))
