"""Lines of /proc/net/nf_conntrack, as a kernel wrote them."""

from __future__ import annotations

from whence.model import Flow
from whence.model.tracked import tracked, written_in_table

TRANSLATED = (
    "ipv4     2 tcp      6 118 TIME_WAIT src=10.167.14.42 dst=203.0.113.7 sport=52330 dport=443 "
    "src=203.0.113.7 dst=198.51.100.65 sport=443 dport=52330 [ASSURED] mark=0 zone=0 use=2"
)
SHARED = (  # the destination is translated: a server inside is called from outside
    "ipv4     2 tcp      6 431999 ESTABLISHED src=203.0.113.9 dst=198.51.100.65 sport=4000 "
    "dport=443 src=10.167.14.5 dst=203.0.113.9 sport=8443 dport=4000 [ASSURED] mark=0 use=1"
)
IGMP = (
    "ipv4     2 unknown  2 591 src=10.167.14.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 "
    "dst=10.167.14.1 mark=0 zone=0 use=2"
)


def test_a_source_that_is_translated() -> None:
    connection = tracked(TRANSLATED)
    assert connection
    assert (connection.source, connection.leaves_as) == ("10.167.14.42", "198.51.100.65")
    assert connection.goes_to(Flow("203.0.113.7", 443))
    assert connection.goes_to(Flow("203.0.113.7", transport="tcp"))
    assert connection.goes_to(Flow("203.0.113.7", 443, "198.51.100.65"))
    assert not connection.goes_to(Flow("203.0.113.7", 80))
    assert not connection.goes_to(Flow("203.0.113.7", 443, "10.167.14.43"))
    assert not connection.goes_to(Flow("203.0.113.7", 443, transport="udp"))
    assert not connection.goes_to(Flow("10.167.14.42"))


def test_a_server_is_known_by_both_of_its_addresses() -> None:
    connection = tracked(SHARED)
    assert connection
    assert connection.source == connection.leaves_as
    assert connection.goes_to(Flow("198.51.100.65", 443))
    assert connection.goes_to(Flow("10.167.14.5", 8443))
    assert not connection.goes_to(Flow("10.167.14.5", 443))


def test_a_protocol_without_ports() -> None:
    connection = tracked(IGMP)
    assert connection
    assert connection.called_port is None
    assert connection.goes_to(Flow("224.0.0.22"))
    assert not connection.goes_to(Flow("224.0.0.22", 443))


def test_what_is_no_line_of_the_table() -> None:
    for line in ("", "ipv4 2 tcp 6 1 src=x dst=y src=z dst=w", TRANSLATED[:60], "src=1 dst=2"):
        assert tracked(line) is None


def test_ipv6_is_written_in_full() -> None:
    assert written_in_table("2001:db8::7") == "2001:0db8:0000:0000:0000:0000:0000:0007"
