"""The resolver, asked for real on loopback."""

from __future__ import annotations

import pytest

from tests.world.outside_servers import resolver
from whence.model import CannotAsk
from whence.world.dns_client import ask, origin, reverse_name
from whence.world.online_settings import OnlineSettings

REVERSE = "7.113.0.203.in-addr.arpa."
RECORDS = {
    (REVERSE, "PTR"): ("host.example.org.",),
    ("host.example.org.", "A"): ("203.0.113.7", "203.0.113.8"),
    ("host.example.org.", "TXT"): ('"one" "two"',),
    ("7.113.0.203.origin.asn.cymru.com.", "TXT"): (
        '"64500 | 203.0.113.0/24 | AU | apnic | 2010-01-01"',
    ),
    ("AS64500.asn.cymru.com.", "TXT"): (
        '"64500 | AU | apnic | 2010-01-01 | FORTIFIED Fortified Example Networks, AU"',
    ),
    ("9.113.0.203.in-addr.arpa.", "PTR"): ("\\027[31mred.example.org.",),
}


def settings(server: str) -> OnlineSettings:
    return OnlineSettings(dns_server=server, patience=2)


def test_records_are_given_one_a_line() -> None:
    with resolver(RECORDS) as server:
        assert ask(REVERSE, "PTR", settings(server)) == ["host.example.org."]
        assert ask("host.example.org", "A", settings(server)) == ["203.0.113.7", "203.0.113.8"]
        assert ask("host.example.org", "AAAA", settings(server)) == []


def test_a_name_that_does_not_exist_has_no_records() -> None:
    with resolver(RECORDS) as server:
        assert ask("nobody.example.org", "A", settings(server)) == []


def test_control_characters_in_a_name_are_escaped() -> None:
    with resolver(RECORDS) as server:
        [name] = ask("9.113.0.203.in-addr.arpa.", "PTR", settings(server))
    assert "\x1b" not in name
    assert "\\027" in name


def test_who_announces_an_address_is_told_with_its_name() -> None:
    with resolver(RECORDS) as server:
        told = origin("203.0.113.7", settings(server))
    assert len(told) == 2
    assert "FORTIFIED" in told[1]


def test_no_resolver_is_said_so() -> None:
    with resolver(RECORDS) as server:
        pass
    with pytest.raises(CannotAsk, match="no name server told of"):
        ask("host.example.org", "A", OnlineSettings(dns_server=server, patience=0.3))


def test_the_reverse_name_of_ipv6_is_in_nibbles() -> None:
    assert reverse_name("2001:db8::7").startswith("7.0.0.0.")
    assert reverse_name("2001:db8::7").endswith("8.b.d.0.1.0.0.2.ip6.arpa.")
