"""The questions about a machine on the network, asked of recordings."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.analysis.world import NOON, arp, flow, name, tables
from tests.probes.telling import record, sighting, values
from whence.analysis.captured import Captured
from whence.model import CannotAsk, Confidence, Fact, Flow, Ip, Mac
from whence.model.ecs import encode, from_sighting
from whence.model.mac_addresses import LOCAL
from whence.probes.answers_for import answers_for
from whence.probes.captured_addresses import captured_addresses
from whence.probes.captured_station import captured_station
from whence.probes.claimed_by import claimed_by
from whence.probes.hosts_file import hosts_file
from whence.probes.leased_to import leased_to
from whence.probes.llmnr_name import llmnr_name
from whence.probes.made_from import made_from
from whence.probes.maker import maker
from whence.probes.mdns_name import mdns_name
from whence.probes.neighbour import neighbour
from whence.probes.netbios_names import netbios_names
from whence.probes.on_our_link import on_our_link
from whence.probes.reverse_name import reverse_name
from whence.probes.smb_greeting import smb_greeting
from whence.probes.snmp_system import snmp_system
from whence.probes.ssdp_device import ssdp_device
from whence.probes.talked_with import talked_with
from whence.probes.was_leased import was_leased
from whence.world import RecordedHost

PC, CARD, OTHER = Ip("192.0.2.7"), "00:14:22:01:02:03", "00:1b:21:aa:bb:07"
OWN = {"state": "OWN", "interface": "eth0", "prefix": 24, "namespace": "", "mac": OTHER}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def known(*rows: dict[str, object]) -> RecordedHost:
    usual = {"state": "REACHABLE", "interface": "eth0", "namespace": "", "age": 3, "mac": CARD}
    return RecordedHost({"neighbours": lines(*(usual | row for row in rows))})


def asked(question: str, *rows: object) -> RecordedHost:
    return RecordedHost({f"{question} {PC}": lines(*rows)})


def of(facts: list[Fact], relation: str) -> list[str]:
    return [str(fact.value) for fact in facts if fact.relation == relation]


def test_a_neighbour_that_just_answered_is_certain_and_one_of_long_ago_is_likely() -> None:
    table = known({"ip": "192.0.2.7"}, {"ip": "192.0.2.7", "state": "STALE", "age": 90})
    now, _, then, state = neighbour(PC, table)
    assert state.value == "STALE on eth0, last confirmed 90 s ago"
    assert (now.value, now.confidence) == (Mac(CARD), Confidence.CERTAIN)
    assert then.confidence is Confidence.LIKELY


def test_an_address_that_nobody_answered_for() -> None:
    [fact] = neighbour(PC, known({"ip": "192.0.2.7", "state": "FAILED", "mac": "", "age": 40}))
    assert str(fact) == "192.0.2.7 does-not-answer asked on eth0 40 s ago, and nobody answered"


def test_an_address_of_this_machine_and_of_a_container_on_it() -> None:
    own = {"ip": "192.0.2.7", **OWN}
    there = [own | {"namespace": f"of process {number}"} for number in (9, 10, 11, 12, 13)]
    assert of([*neighbour(PC, known(own, there[0]))], "is-held-by") == [
        "this machine itself, on eth0",
        "a network namespace of this machine (eth0 of process 9)",
    ]
    *_, last = of([*neighbour(PC, known(*there))], "is-held-by")
    assert last == "2 more network namespaces of this machine"


def test_where_it_was_not_sought() -> None:
    host = RecordedHost({"neighbours": lines({"namespaces_not_entered": 3})})
    [fact] = neighbour(PC, host)
    assert str(fact.value) == "3 network namespaces of this machine, which only root may enter"


def test_which_addresses_a_card_answers_for_and_how_many_more() -> None:
    some: list[dict[str, object]] = [{"ip": f"192.0.2.{number}"} for number in range(10, 22)]
    told = values(answers_for(Mac(CARD), known(*some)))
    assert told[:2] == ["192.0.2.10", "192.0.2.11"]
    assert told[-1] == "4 more addresses, as a router does"


def test_all_who_claim_an_address_are_told() -> None:
    facts = [*claimed_by(PC, asked("who has", {"mac": CARD}, {"mac": OTHER}))]
    assert of(facts, "is-claimed-by") == [CARD, OTHER]


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({"eth0": CARD, "eth1": OTHER}, [f"{CARD} on eth0 and {OTHER} on eth1"]),
        ({"eth0": CARD, "eth1": CARD}, []),
    ],
)
def test_a_link_local_address_is_another_machine_s_on_each_link(
    links: dict[str, str], told: list[str]
) -> None:
    one = Ip("fe80::1")
    answers = [{"mac": mac, "interface": link} for link, mac in links.items()]
    host = RecordedHost({f"who has {one}": lines(*answers)})
    assert of([*claimed_by(one, host)], "differs-by-link") == told
    twice = RecordedHost({f"who has {PC}": lines(*answers)})
    assert not of([*claimed_by(PC, twice)], "differs-by-link")


def test_two_on_one_link_are_not_told_apart_by_it() -> None:
    one = Ip("fe80::1")
    answers = [{"mac": mac, "interface": "eth0"} for mac in (CARD, OTHER)]
    host = RecordedHost({f"who has {one}": lines(*answers)})
    assert not of([*claimed_by(one, host)], "differs-by-link")


def test_an_address_is_made_from_a_card() -> None:
    host = RecordedHost({f"maker of {CARD}": lines()})
    [fact] = made_from(Ip("2001:db8::214:22ff:fe01:203"), host)
    assert (fact.value, fact.confidence) == (Mac(CARD), Confidence.LIKELY)
    for other in ("2001:db8::1", "192.0.2.7", "fe80::314:22ff:fe01:203", "fe80::200:ff:fe00:0"):
        assert not [*made_from(Ip(other), host)]


def test_an_address_that_nobody_claims() -> None:
    facts = [*claimed_by(PC, asked("who has", {"dropped": {"not understood: x": 2}}))]
    assert of(facts, "does-not-answer") == ["asked by ARP just now"]
    assert of(facts, "answered-oddly") == ["2 not understood: x (who has 192.0.2.7)"]


NETBIOS = (
    {"name": "OFFICE", "suffix": 0, "group": True, "conflict": False, "meaning": "its workgroup"},
    {"name": "PC7", "suffix": 0, "group": False, "conflict": False, "meaning": "the computer"},
    {"name": "PC7", "suffix": 3, "group": False, "conflict": True, "meaning": "messenger"},
    {"name": "JDOE", "suffix": 3, "group": False, "conflict": False, "meaning": "messenger"},
    {"name": "\x01\x02__MSBROWSE__\x02", "suffix": 1, "group": True, "conflict": False,
     "meaning": ""},
    {"mac": CARD, "ttl": 128},
)  # fmt: skip


def test_what_netbios_says_of_a_machine_of_windows() -> None:
    facts = [*netbios_names(PC, asked("netbios node status of", *NETBIOS))]
    assert of(facts, "is-named") == ["PC7"]
    assert of(facts, "is-in-workgroup") == ["OFFICE"]
    assert of(facts, "has-user") == ["JDOE"]
    assert of(facts, "shares-its-name") == ["PC7"]
    assert of(facts, "says-its-mac-is") == [CARD]
    assert of(facts, "may-run") == ["Windows, by a time to live of 128"]
    assert of(facts, "has-netbios-name")[1] == "PC7 <00> the computer"
    assert {fact.confidence for fact in facts} == {Confidence.REPORTED, Confidence.POSSIBLE}


def test_a_machine_of_ipv6_alone_is_not_asked_by_netbios() -> None:
    assert not [*netbios_names(Ip("2001:db8::7"), RecordedHost())]


@pytest.mark.parametrize(
    ("probe", "question"), [(mdns_name, "mdns name of"), (llmnr_name, "llmnr name of")]
)
def test_a_machine_says_its_name(probe: object, question: str) -> None:
    assert callable(probe)
    host = asked(question, {"name": "frontdesk.local", "ttl": 255})
    assert values(probe(PC, host)) == ["frontdesk.local"]


def test_silence_is_an_answer() -> None:
    host = asked("mdns name of", {"refused": True, "absent": False})
    assert not [*mdns_name(PC, host)]


def test_what_a_device_says_of_itself() -> None:
    said = {"name": "Hue", "manufacturer": "Signify", "model": "Bridge", "model_number": "2"}
    host = asked("ssdp description of", {"server": "Linux UPnP/1.0", "ttl": 64},
                 {"described": said})  # fmt: skip
    facts = [*ssdp_device(PC, host)]
    assert of(facts, "describes-itself-as") == ["Linux UPnP/1.0", "Hue – Signify Bridge 2"]
    assert of(facts, "may-run") == ["Linux, macOS, Android or BSD, by a time to live of 64"]


@pytest.mark.parametrize(
    ("version", "system"),
    [
        ("6.1.0", "Samba, "),
        ("10.0.22631", "Windows 11, "),
        ("10.0.19045", "Windows 10 1809 or later, or Server 2019, "),
        ("6.3.9600", "Windows 8.1 or Server 2012 R2, "),
    ],
)
def test_what_an_smb_server_says_before_anybody_logs_in(version: str, system: str) -> None:
    told = {"computer": "PC7", "dns_computer": "pc7.office.example", "domain": "OFFICE",
            "dns_domain": "office.example", "system": version}  # fmt: skip
    facts = [*smb_greeting(PC, asked("smb greeting of", told))]
    assert of(facts, "is-named") == ["PC7", "pc7.office.example"]
    assert of(facts, "is-in-workgroup") == ["office.example"]
    [runs] = of(facts, "may-run")
    assert runs.startswith(system)


def test_a_machine_in_no_domain_names_itself_in_its_place() -> None:
    facts = [*smb_greeting(PC, asked("smb greeting of", {"computer": "PC7", "domain": "PC7"}))]
    assert not of(facts, "is-in-workgroup")


def test_a_name_of_dns_is_worth_less_if_it_does_not_lead_back() -> None:
    text = "pc7.office.example leads back\nwww.example.com has another address\n"
    good, bad = reverse_name(PC, RecordedHost({f"names of {PC}": text}))
    assert (good.confidence, bad.confidence) == (Confidence.REPORTED, Confidence.POSSIBLE)


def test_the_name_that_this_machine_has_for_an_address() -> None:
    hosts = RecordedHost({"/etc/hosts": "127.0.0.1 localhost\n192.0.2.7 pc7 reception # desk\n"})
    assert values(hosts_file(PC, hosts)) == ["pc7"]


def test_who_made_a_card_and_when_that_was_so() -> None:
    told = {"maker": "Dell Inc.", "block": "00:14:22/24", "registry": "MA-L", "date": "2026-08-26"}
    facts = [*maker(Mac(CARD), RecordedHost({f"maker of {CARD}": lines(told)}))]
    assert of(facts, "has-maker") == ["Dell Inc."]
    assert of(facts, "is-in-block") == ["00:14:22/24 of MA-L, IEEE, as of 2026-08-26"]


def test_a_randomised_address_has_no_maker() -> None:
    mac = "da:a1:19:01:02:03"
    told = {"maker": "Google", "block": "x", "registry": "CID", "date": "2026-08-26"}
    assert values(maker(Mac(mac), RecordedHost({f"maker of {mac}": lines(told)}))) == [LOCAL]


LEASES = {
    "lease files": "/a\n/b\n",
    "leases /a": f"9999999999 {CARD} 192.0.2.7 pc7 *\n1 {OTHER} 192.0.2.8 old *\n",
    "leases /b": "no leases at all\n",
}


def test_whom_a_dhcp_server_gave_an_address_though_one_file_is_none() -> None:
    facts = [*leased_to(PC, RecordedHost(LEASES))]
    assert of(facts, "leased-to") == [CARD]
    assert of(facts, "is-named") == ["pc7"]
    assert of(facts, "has-lease") == ["until 2286-11-20 17:46 UTC, /a"]
    assert facts[0].evidence[0].line == 1


def test_a_lease_that_ended_is_only_a_possibility() -> None:
    [fact] = [f for f in leased_to(Ip("192.0.2.8"), RecordedHost(LEASES)) if f.value == Mac(OTHER)]
    assert fact.confidence is Confidence.POSSIBLE


def test_the_name_of_a_lease_that_ended_is_not_that_of_who_has_the_address_now() -> None:
    assert not of([*leased_to(Ip("192.0.2.8"), RecordedHost(LEASES))], "is-named")
    assert of([*was_leased(Mac(OTHER), RecordedHost(LEASES))], "is-named") == ["old"]


def test_files_of_which_none_can_be_read_are_told() -> None:
    with pytest.raises(CannotAsk, match="no file of leases"):
        [*leased_to(PC, RecordedHost({"lease files": "/b\n", "leases /b": "no leases\n"}))]


def test_which_addresses_a_machine_was_given() -> None:
    facts = [*was_leased(Mac(CARD), RecordedHost(LEASES))]
    assert (of(facts, "was-leased"), of(facts, "is-named")) == (["192.0.2.7"], ["pc7"])


PACKETS = Captured(
    tables(
        flow("192.0.2.7", "192.0.2.1", source_mac=CARD, source_ttl_max=128, transport="udp"),
        *(flow(f"198.51.100.{n}", "192.0.2.7", source_mac=OTHER) for n in range(1, 6)),
        arps=[arp("192.0.2.7", CARD, "192.0.2.1")],
        names=[
            name("192.0.2.7", "PC7", "is-called", source="netbios"),
            name("192.0.2.7", "OFFICE", "workgroup", source="netbios"),
            name("", "192.0.2.7", "leased", source="dhcp", subject_mac=CARD),
            name("", "pc7-dhcp", "is-called", source="dhcp", subject_mac=CARD),
            name("", "MSFT 5.0", "vendor-class", source="dhcp", subject_mac=CARD),
            name("", "1,3,6", "dhcp-fingerprint", source="dhcp", subject_mac=CARD),
            name("192.0.2.7", "128:64240:1460:8:mss,nop,ws,nop,nop,sack", "tcp-syn", source="tcp"),
        ],
    ),
    "fw",
    NOON + timedelta(days=1),
)


def test_what_captures_tell_of_a_machine() -> None:
    facts = [*captured_station(PC, PACKETS)]
    assert of(facts, "was-captured-at") == [CARD, CARD]
    assert of(facts, "leased-to") == [CARD]
    assert set(of(facts, "is-named")) == {"PC7", "pc7-dhcp"}
    assert of(facts, "is-in-workgroup")[0].startswith("OFFICE (netbios, ")
    by_syn, by_class, by_ttl = of(facts, "may-run")
    assert by_syn.startswith("Windows, by how it begins connections, 128:64240:1460:8:mss,nop,ws")
    assert by_class.startswith("Windows, by what it calls itself to a DHCP server, MSFT 5.0 (dhcp")
    assert by_ttl == "Windows, by a time to live of 128"


def test_the_card_of_a_router_is_not_taken_for_that_of_who_is_behind_it() -> None:
    facts = [*captured_station(Ip("198.51.100.1"), PACKETS)]
    assert not of(facts, "was-captured-at")


def test_which_addresses_and_names_a_card_had_in_captures() -> None:
    facts = [*captured_addresses(Mac(CARD), PACKETS)]
    assert of(facts, "was-captured-with") == ["192.0.2.7"]
    assert of(facts, "was-leased") == ["192.0.2.7"]
    assert of(facts, "is-named") == ["pc7-dhcp"]


@pytest.mark.parametrize(
    ("flow", "ends"),
    [
        (Flow("192.0.2.7"), ["192.0.2.7"]),
        (Flow("198.51.100.7", 443, "192.0.2.9"), ["192.0.2.9"]),
        (Flow("192.0.2.255"), []),
        (Flow("224.0.0.251"), []),
        (Flow("127.0.0.1"), []),
        (Flow("203.0.113.4"), ["203.0.113.4"]),
    ],
)
def test_an_end_on_a_link_of_ours_is_a_machine_to_ask_about(flow: Flow, ends: list[str]) -> None:
    loopback = {"ip": "127.0.0.1", **OWN, "prefix": 8, "mac": ""}
    rows = known({"ip": "192.0.2.2", **OWN}, loopback, {"ip": "203.0.113.4"})
    assert values(on_our_link(flow, rows)) == ends


def test_when_a_machine_talked_with_a_process_here() -> None:
    told = "".join(encode(from_sighting(seen)) + "\n" for seen in (sighting(), sighting(record(5))))
    [fact] = talked_with(PC, RecordedHost({f"connections {Flow(str(PC))}": told}))
    assert fact.value == "a process here, once 2026-01-01 00:00:00 UTC"


def test_what_an_agent_of_snmp_says_of_its_machine() -> None:
    said = (
        "1.3.6.1.2.1.1.1.0 = Hex-STRING: 43 6f 70 69 65 72 00 20 58 31\n"
        "1.3.6.1.2.1.1.5.0 = STRING: copier-2.office.example\n"
        "1.3.6.1.2.1.1.6.0 = STRING: second floor\n"
    )
    facts = [*snmp_system(PC, RecordedHost({f"snmp system of {PC}": said}))]
    assert of(facts, "describes-itself-as") == ["Copier X1"]
    assert of(facts, "is-named") == ["copier-2.office.example"]
    assert of(facts, "says-it-stands-in") == ["second floor"]
    assert {fact.confidence for fact in facts} == {Confidence.REPORTED}


def test_an_agent_of_snmp_that_has_none_of_it() -> None:
    base = "1.3.6.1.2.1.1"
    said = f"{base}.1.0 = NULL: \n{base}.5.0 = INTEGER: 5\n{base}.6.0 = STRING: \n"
    assert not [*snmp_system(PC, RecordedHost({f"snmp system of {PC}": said}))]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("", "given out in smaller blocks, and its own is not listed"),
        ("Private", "its holder does not want to be named"),
    ],
)
def test_a_maker_that_the_registry_does_not_name_is_none(who: str, why: str) -> None:
    told = {"maker": who, "block": "00:14:22/24", "registry": "MA-L", "date": "2026-08-26"}
    facts = [*maker(Mac(CARD), RecordedHost({f"maker of {CARD}": lines(told)}))]
    assert not of(facts, "has-maker")
    assert of(facts, "is-in-block") == [f"00:14:22/24 of MA-L, IEEE, as of 2026-08-26: {why}"]
