from typing import Any

from tests.analysis.world import Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis.flapping_macs import flapping_macs

MAC = "02:00:00:00:00:09"


def heard(place: str, seconds: float, **more: Any) -> Row:
    return flow(
        interface=place, seconds=seconds, source_port=int(seconds) + 1000, source_mac=MAC, **more
    )


def test_a_station_that_alternates_between_interfaces() -> None:
    flows = [heard("eth0" if n % 2 else "eth1", 60 * n) for n in range(6)]
    [finding] = flapping_macs(tables(*flows), Context())
    assert finding.sentence == f"{MAC} (192.0.2.9) alternates between eth0 and eth1: 5 moves."


def test_a_station_that_was_moved_once() -> None:
    flows = [heard("eth0" if n < 3 else "eth1", 60 * n) for n in range(6)]
    assert not [*flapping_macs(tables(*flows), Context())]


def test_what_passes_through_a_bridge_is_on_both_of_its_sides() -> None:
    flows = [heard(place, 60 * n) for n in range(6) for place in ("eth0", "eth1")]
    assert not [*flapping_macs(tables(*flows), Context())]
