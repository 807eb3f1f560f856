from tests.analysis.world import Row, arp, flow, tables
from whence.analysis._declare import Context
from whence.analysis.spoofed_sources import SpoofedSource, spoofed_sources
from whence.model import Confidence

MAC, OTHER = "02:00:00:00:00:09", "02:00:00:00:00:66"
KNOWN = arp("192.0.2.9", MAC, "192.0.2.1")


def found(*flows: Row, arps: tuple[Row, ...] = ()) -> list[SpoofedSource]:
    seen = spoofed_sources(tables(*flows, arps=arps), Context())
    return [finding for finding in seen if isinstance(finding, SpoofedSource)]


def test_loopback_on_a_wire() -> None:
    [finding] = found(flow("127.0.0.1", source_mac=MAC))
    assert finding.sentence == (
        f"1 packet came from 127.0.0.1, which is never a source: loopback, sent by {MAC}."
    )
    assert finding.confidence is Confidence.CERTAIN


def test_loopback_on_the_loopback_interface() -> None:
    assert not found(flow("127.0.0.1", "127.0.0.1", interface="lo"))


def test_a_loopback_interface_without_a_name() -> None:
    zeros = "00:00:00:00:00:00"  # as tcpdump -i lo writes it
    assert not found(flow("127.0.0.1", "127.0.0.1", source_mac=zeros))
    assert not found(flow("::1", "::1", source_mac=zeros, interface="ifindex:1"))
    assert not found(flow("127.0.0.1", "127.0.1.1", source_mac=None))
    assert found(flow("127.0.0.1", "192.0.2.9", source_mac=None))
    assert found(flow("224.0.0.9", "192.0.2.9", source_mac=zeros))


def test_a_machine_without_address_yet() -> None:
    assert not found(flow("0.0.0.0", "255.255.255.255", 67, transport="udp"))


def test_a_neighbour_that_also_sends_as_somebody_elsewhere() -> None:
    [finding] = found(flow("203.0.113.80", source_mac=MAC), arps=(KNOWN,))
    assert (finding.because, finding.source) == ("foreign", "203.0.113.80")
    assert f"{MAC} says in ARP that it is 192.0.2.9" in finding.evidence


def test_a_neighbour_that_was_given_another_address_of_its_network() -> None:
    assert not found(flow("192.0.2.99", source_mac=MAC), arps=(KNOWN,))


def test_a_gateway_sends_for_everybody() -> None:
    flows = [flow(f"203.0.113.{n}", source_mac=MAC) for n in range(1, 9)]
    assert not found(*flows, arps=(KNOWN,))


def test_one_address_from_two_machines_at_two_distances() -> None:
    flows = [
        flow(source_mac=mac, seconds=seconds, source_ttl_min=ttl, source_ttl_max=ttl)
        for mac, ttl, seconds in ((MAC, 64, 0), (OTHER, 57, 30), (MAC, 64, 60))
    ]
    [finding] = found(*flows)
    assert (finding.because, finding.mac) == ("two-senders", OTHER)


VICTIM = arp("192.0.2.77", OTHER, "192.0.2.1", lasts=60)


def test_a_neighbour_that_sends_as_another() -> None:
    [finding] = found(
        flow("192.0.2.77", source_mac=OTHER, seconds=5, source_ttl_max=64),
        flow("192.0.2.77", source_mac=MAC, seconds=9, sent=4, source_ttl_max=64),
        arps=(KNOWN, VICTIM),
    )
    assert finding.sentence == (
        f"{MAC}, which is 192.0.2.9, also sends as 192.0.2.77, which is {OTHER}: 4 packets."
    )
    assert (finding.because, finding.confidence) == ("neighbour", Confidence.POSSIBLE)


def test_a_neighbour_that_passes_on_what_another_sent() -> None:
    forwarded = flow("192.0.2.77", source_mac=MAC, seconds=9, source_ttl_max=63)
    assert not found(forwarded, arps=(KNOWN, VICTIM))


def test_an_address_that_was_the_others_before() -> None:
    later = flow("192.0.2.77", source_mac=MAC, seconds=900, source_ttl_max=64)
    assert not found(later, arps=(KNOWN, VICTIM))


def test_a_machine_that_claims_both_addresses() -> None:
    both = arp("192.0.2.77", MAC, "192.0.2.1", seconds=5)
    own = flow("192.0.2.77", source_mac=MAC, seconds=9, source_ttl_max=64)
    assert not found(own, arps=(KNOWN, VICTIM, both))
