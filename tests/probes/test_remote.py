"""Questions about the other end, of a world that was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from whence.model import CannotAsk, Confidence, Fact, Flow, Hostname, Organisation, Remote
from whence.probes.announced_in_dns import announced_in_dns
from whence.probes.announced_in_table import announced_in_table
from whence.probes.called_with_tls_client import called_with_tls_client
from whence.probes.cloud import cloud
from whence.probes.country import country
from whence.probes.named_in_captures import named_in_captures
from whence.probes.named_in_dns import named_in_dns
from whence.probes.named_in_hosts import named_in_hosts
from whence.probes.named_while_recording import named_while_recording
from whence.probes.other_end import other_end
from whence.probes.registered_in_whois import registered_in_whois
from whence.probes.registered_to import registered_to
from whence.probes.says_of_itself import says_of_itself
from whence.probes.shows_certificate import shows_certificate
from whence.probes.special_purpose import special_purpose
from whence.probes.tor_exit import tor_exit
from whence.world import RecordedHost

REMOTE = Remote("203.0.113.7", 443)
INSIDE = Remote("10.0.0.7", 443)
TABLE = {"table": "cloud ranges", "date": "2026-01-01", "source": "test", "path": "/t"}


def texts(facts: Iterable[Fact]) -> list[tuple[str, str, str]]:
    return [(fact.relation, str(fact.value), str(fact.confidence)) for fact in facts]


def table(name: str, *rows: dict[str, str], taken: datetime | None = None) -> RecordedHost:
    lines = "".join(json.dumps(TABLE | row) + "\n" for row in rows or ({},))
    when = taken or datetime(2026, 2, 1, tzinfo=UTC)
    return RecordedHost({f"table {name} {REMOTE.address}": lines}, taken=when)


EC2 = {"network": "203.0.113.0/24", "provider": "Amazon", "service": "EC2", "region": "eu-west-1"}


def test_a_cloud_is_likely_and_has_its_date() -> None:
    assert texts(cloud(REMOTE, table("cloud", EC2, EC2 | {"service": "S3"}))) == [
        ("belongs-to-cloud", "Amazon EC2, S3 in eu-west-1 (cloud ranges of 2026-01-01)", "likely")
    ]


def test_a_table_older_than_180_days_is_said_to_be_old() -> None:
    late = datetime(2026, 7, 1, tzinfo=UTC)
    [fact] = cloud(REMOTE, table("cloud", EC2, taken=late))
    assert str(fact.value).endswith("(cloud ranges of 2026-01-01, old: 181 days)")


def test_what_no_table_has_is_not_told() -> None:
    assert not [*cloud(REMOTE, table("cloud"))]
    assert not [*special_purpose(REMOTE, table("special"))]


def test_the_other_tables_are_told_the_same_way() -> None:
    row = {"network": "n", "country": "AU", "number": "64500", "name": "FORTIFIED", "line": "x"}
    [where] = country(REMOTE, table("country", row))
    [who] = announced_in_table(REMOTE, table("networks", row))
    [hidden] = tor_exit(REMOTE, table("tor-exits", row))
    assert [str(one.value).partition(" (")[0] for one in (where, who, hidden)] == [
        "AU", "AS64500 FORTIFIED", "an exit of Tor",
    ]  # fmt: skip
    assert where.confidence == who.confidence == hidden.confidence == Confidence.LIKELY


def test_what_a_standard_says_is_certain() -> None:
    row = {"network": "203.0.113.0/24", "purpose": "documentation", "standard": "RFC 5737"}
    [fact] = special_purpose(REMOTE, table("special", row))
    assert texts([fact]) == [
        ("set-aside-for", "documentation (RFC 5737, 203.0.113.0/24)", "certain")
    ]


def test_traffic_to_the_outside_has_another_end() -> None:
    known = table("special")
    [fact] = other_end(Flow("203.0.113.7", 443), known, known)
    assert fact.value == REMOTE
    assert not [*other_end(Flow("10.0.0.7", 443), known, known)]
    assert not [*other_end(Flow(None, 443), known, known)]


@pytest.mark.parametrize("address", ["192.0.2.2", "2001:db8::2"])
def test_this_machine_is_at_no_other_end(address: str) -> None:
    here = RecordedHost(
        {
            "/proc/net/fib_trie": "  |-- 192.0.2.0\n     /24 link UNICAST\n"
            "  |-- 192.0.2.2\n     /32 host LOCAL\n",
            "/proc/net/if_inet6": "20010db8000000000000000000000002 04 40 00 82     eth0\nodd\n",
            "table special 192.0.2.0": "{}",
        }
    )
    assert not [*other_end(Flow(address, 443), here, here)]
    assert [*other_end(Flow("192.0.2.0", 443), here, here)]


def test_the_fingerprint_of_who_calls_is_told() -> None:
    def flow(ja4: str, called: str = REMOTE.address) -> str:
        return json.dumps(
            {"flow": {"destination": {"ip": called}, "tls": {"client": {"ja4": ja4}}}}
        )

    lines = [flow("t13d1516h2"), flow("t13d1516h2"), flow("t12x"), flow("no", "192.0.2.1"), "{}"]
    packets = RecordedHost({"captures 203.0.113.7:443": "\n".join(lines)})
    facts = [*called_with_tls_client(REMOTE, packets)]
    assert [str(fact.value) for fact in facts] == [
        "JA4 t13d1516h2 in 2 flows",
        "JA4 t12x in 1 flow",
    ]
    assert len(facts[0].evidence) == 2


def test_names_of_etc_hosts_are_certain() -> None:
    host = RecordedHost(
        {"/etc/hosts": "\n127.0.0.1 localhost\n203.0.113.7 Backup b # 203.0.113.7\n"}
    )
    facts = [*named_in_hosts(REMOTE, host)]
    assert [fact.value for fact in facts] == [Hostname("backup"), Hostname("b")]
    assert facts[0].evidence[0].line == 3


def test_names_in_captures_are_reported_with_their_packet() -> None:
    name = {
        "ip": "203.0.113.7",
        "relation": "resolves-to",
        "value": "Backup.example.org",
        "source": "dns",
        "file": "a.pcap",
        "packet": 7,
        "time": "2026-01-01T00:00:00Z",
    }
    other = name | {"ip": "192.0.2.1"}
    lines = "".join(json.dumps({"name": one}) + "\n" for one in (name, other))
    packets = RecordedHost({"captures 203.0.113.7:443": lines})
    known, called = named_in_captures(REMOTE, packets)
    assert "a.pcap packet 7" in str(known.value)
    assert called.value == Hostname("backup.example.org")


def test_a_name_that_leads_back_is_likely() -> None:
    texts_ = {
        "dns 203.0.113.7 PTR": "Host.example.org.\nevil.example.org.\n",
        "dns host.example.org A": "203.0.113.8\n203.0.113.7\n",
        "dns evil.example.org A": "198.51.100.1\n",
    }
    assert texts(named_in_dns(REMOTE, RecordedHost(texts_))) == [
        ("reverse-name", "host.example.org", "likely"),
        ("reverse-name", "evil.example.org", "reported"),
    ]


def test_a_name_whose_owner_does_not_answer_is_reported() -> None:
    host = RecordedHost({"dns 203.0.113.7 PTR": "host.example.org.\n"})
    [fact] = named_in_dns(REMOTE, host)
    assert fact.confidence == Confidence.REPORTED


def test_who_announces_it_is_named() -> None:
    told = (
        '"64500 64501 | 203.0.113.0/24 | AU | apnic | 2010-01-01"\n'
        '"64500 | AU | apnic | 2010-01-01 | FORTIFIED Fortified Example Networks, AU"\n'
    )
    facts = [*announced_in_dns(REMOTE, RecordedHost({"origin 203.0.113.7": told}))]
    assert [str(fact.value) for fact in facts] == [
        "AS64500 FORTIFIED Fortified Example Networks, AU, as a part of 203.0.113.0/24",
        "AS64501, as a part of 203.0.113.0/24",
    ]
    assert len(facts[0].evidence) == 2


def test_an_odd_answer_of_who_announces_it_is_nothing() -> None:
    assert not [*announced_in_dns(REMOTE, RecordedHost({"origin 203.0.113.7": '"|"\nx\n" "\n'}))]


def test_whom_rdap_names_is_reported() -> None:
    card = ["vcard", [["fn", {}, "text", "Fortified"]]]
    registrant = {"roles": ["registrant"], "vcardArray": card}
    answer = {"name": "FORTIFIED-NET", "country": "AU", "entities": [registrant]}
    host = RecordedHost({"rdap 203.0.113.7": json.dumps(answer)})
    facts = [*registered_to(REMOTE, host)]
    assert facts[0].value == Organisation("Fortified")
    assert texts(facts)[1:] == [
        ("lies-in-network", "FORTIFIED-NET (RDAP)", "reported"),
        ("registered-in-country", "AU (RDAP)", "reported"),
    ]


@pytest.mark.parametrize("answer", ["", "no json", "[" * 100_000, '{"a":' * 100_000])
def test_an_answer_that_is_no_json_is_refused(answer: str) -> None:
    with pytest.raises(CannotAsk):
        [*registered_to(REMOTE, RecordedHost({"rdap 203.0.113.7": answer}))]


def test_of_several_whois_servers_the_last_that_knows_is_told() -> None:
    said = (
        "% from whois.iana.org:43\nrefer: a\norganisation: APNIC\n"
        "% from a:43\ninetnum: 203.0.113.0/24\norg-name: Fortified\n"
        "% from b:43\nno idea\n"
    )
    facts = [*registered_in_whois(REMOTE, RecordedHost({"whois 203.0.113.7": said}))]
    assert facts[0].value == Organisation("Fortified")
    assert str(facts[1].value) == "203.0.113.0/24 (whois of a:43)"


def test_registries_are_not_asked_about_private_addresses() -> None:
    """Nothing was recorded: asking would be refused."""
    for ask in (registered_to, registered_in_whois, announced_in_dns):
        assert not [*ask(INSIDE, RecordedHost())]


def test_nobody_is_called_without_a_port() -> None:
    for ask in (shows_certificate, says_of_itself):
        assert not [*ask(Remote("203.0.113.7"), RecordedHost())]


def test_what_it_says_is_certain_as_a_saying() -> None:
    banner = "HTTP/1.1 200 OK\r\nServer: Apache/2.4 (Red Hat Enterprise Linux)\r\n\r\n"
    host = RecordedHost({"banner 203.0.113.7:443": banner})
    assert texts(says_of_itself(REMOTE, host)) == [
        ("says-of-itself", "Apache/2.4 on Red Hat Enterprise Linux (HTTP)", "certain")
    ]


def test_what_is_no_certificate_is_refused() -> None:
    pem = "x\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    with pytest.raises(CannotAsk, match="no certificate"):
        [*shows_certificate(REMOTE, RecordedHost({"certificate 203.0.113.7:443": pem}))]


def test_the_names_that_were_heard_while_the_recorder_ran() -> None:
    rows = (
        '{"name": "www.example", "how": "dns", "first": "2026-11-01T10:00:00Z",'
        ' "last": "2026-11-03T10:00:00Z", "count": 12}\n'
        '{"name": "sni.example", "how": "tls", "first": "2026-11-01T10:00:00Z",'
        ' "last": "2026-11-01T10:00:00Z", "count": 1}\n'
        '{"name": "Api.example", "how": "certificate", "first": "2026-11-01T10:00:00Z",'
        ' "last": "2026-11-01T10:00:00Z", "count": 1}\n'
        '{"name": "Example Ltd", "how": "certificate", "first": "2026-11-01T10:00:00Z",'
        ' "last": "2026-11-01T10:00:00Z", "count": 1}\n'
    )
    host = RecordedHost({"names heard for 203.0.113.7": rows})
    facts = [*named_while_recording(Remote("203.0.113.7", 443), host)]
    known, called, certified = "is-known-as", "is-called", "certified-as"
    at = "2026-11-01T10:00:00Z"
    assert [(fact.relation, str(fact.value)) for fact in facts] == [
        (known, f"www.example (resolved to it 12 times, {at} to 2026-11-03T10:00:00Z)"),
        (called, "www.example"),
        (known, f"sni.example (asked for there by TLS (SNI) once, {at})"),
        (called, "sni.example"),
        (known, f"Api.example (named by the certificate it showed once, {at})"),
        (certified, "api.example"),
        (known, f"Example Ltd (named by the certificate it showed once, {at})"),
    ]
