import json
from dataclasses import replace

from tests.probes.telling import FLOW, pid, record, saw, sighting
from whence.inquiry.run import _as_reported
from whence.model import (
    Confidence,
    Container,
    Flow,
    Hostname,
    Ip,
    Mac,
    Process,
    Remote,
    SwitchPort,
)
from whence.model.ecs import encode, from_line, from_sighting
from whence.model.reported import Report
from whence.probes.reported import reported
from whence.probes.reported_addresses import reported_addresses
from whence.probes.reported_container import reported_container
from whence.probes.reported_end import reported_end
from whence.probes.reported_in_cluster import reported_in_cluster
from whence.probes.reported_machine import reported_machine
from whence.probes.reported_names import reported_names
from whence.probes.reported_place import reported_place
from whence.probes.reported_station import reported_station
from whence.world import RecordedHost

REPORT = Report("0a", "n.txt", 14, "TCP …", "windows_netstat", "SYN_SENT", False, ((2, 3),), 9)
CARD = "00:14:22:03:04:05"


def told(address: str, **more: object) -> RecordedHost:
    row = {"file": "arp.txt", "line": 4, "import": "0a", "kind": "arp", "said": "…", **more}
    return RecordedHost({f"imports of {address}": json.dumps(row) + "\n"})


def test_connections_in_the_same_look_count_once() -> None:
    seen = replace(sighting(record(7)), report=REPORT, confidence=Confidence.REPORTED)
    later = replace(seen, report=replace(REPORT, line=20, looks=((3, 5),)))
    (fact,) = reported(FLOW, saw(seen, later))
    assert (
        "n.txt line 14: here: a process without a name, pid 7, calls, seen in 4 of 9 looks"
        in str(fact.value)
    )
    assert str(fact.value).endswith("; SYN_SENT: never answered")
    assert fact.confidence is Confidence.REPORTED


def test_what_was_answered_at_times_is_said() -> None:
    seen = replace(sighting(record(7)), report=REPORT)
    answered = replace(seen, report=replace(REPORT, state="ESTABLISHED", answered=True))
    (fact,) = reported(FLOW, saw(seen, answered))
    assert str(fact.value).endswith("; SYN_SENT, ESTABLISHED: answered at times")
    assert not [*reported(FLOW, saw(sighting(record(7))))]


def test_a_report_survives_its_document() -> None:
    seen = replace(sighting(record(7)), report=REPORT)
    assert from_line(encode(from_sighting(seen))) == seen


def test_a_process_of_a_file_is_no_surer_than_the_file() -> None:
    process = Process("srv7", "import 0a", 7, 1)
    (fact,) = reported(FLOW, saw(replace(sighting(record(7)), report=REPORT)))
    evidence = fact.evidence
    assert _as_reported(process.fact("runs", "x", *evidence)).confidence is Confidence.REPORTED
    assert _as_reported(pid(7).fact("runs", "x", *evidence)).confidence is Confidence.CERTAIN
    assert _as_reported(Flow("x").fact("seen", "x", *evidence)).confidence is Confidence.CERTAIN


def test_tables_of_stations() -> None:
    ip, mac = Ip("192.0.2.1"), Mac(CARD)
    facts = [*reported_station(ip, told("192.0.2.1", ip="192.0.2.1", mac=CARD, name="desk"))]
    assert [fact.value for fact in facts] == [mac, Hostname("desk")]
    (silent,) = reported_station(ip, told("192.0.2.1", ip="192.0.2.1", state="FAILED"))
    assert (silent.relation, silent.value) == ("does-not-answer", "FAILED, arp.txt line 4")
    (back,) = reported_addresses(mac, told(CARD, ip="192.0.2.1", mac=CARD))
    assert (back.value, back.confidence) == (ip, Confidence.REPORTED)


def test_a_port_with_others_is_only_the_way() -> None:
    mac = Mac(CARD)
    alone, _ = reported_place(mac, told(CARD, mac=CARD, port="Gi1/0/7", host="sw3", alone=True))
    assert (alone.relation, alone.value) == ("plugged-in-at", SwitchPort("sw3", "Gi1/0/7"))
    shared, _ = reported_place(mac, told(CARD, mac=CARD, port="Gi1/0/24", alone=False))
    assert shared.relation == "reached-through"
    assert not [*reported_place(mac, told(CARD, mac=CARD, ip="192.0.2.1"))]


def test_a_name_that_was_asked_for() -> None:
    remote = Remote("203.0.113.7", 443)
    (fact,) = reported_names(remote, told("203.0.113.7", name="A.example", asked=True))
    assert fact.value == Hostname("a.example")
    assert not [*reported_names(remote, told("203.0.113.7", name="desk"))]


def test_until_when_a_lease_was_is_a_date() -> None:
    ends = 1_795_608_000_000_000
    for more, text in (
        ({}, "until 2026-11-25 12:00 UTC, arp.txt line 4"),
        ({"state": "free"}, "ended 2026-11-25 12:00 UTC, arp.txt line 4"),
        ({"at": "2026-11-27T00:00:00.000Z"}, "ended 2026-11-25 12:00 UTC, arp.txt line 4"),
    ):
        facts = reported_station(Ip("192.0.2.1"), told("192.0.2.1", mac=CARD, ends=ends, **more))
        assert [str(one.value) for one in facts if one.relation == "has-lease"] == [text]


def test_a_container_that_had_an_address() -> None:
    box = {"name": "web-1", "runtime": "docker", "identifier": "4c01db0b339c", "image": "nginx",
           "began": 1_795_600_000_000_000}  # fmt: skip
    source = told("192.0.2.1", host="srv7", container=box)
    facts = {one.relation: one for one in reported_container(Ip("192.0.2.1"), source)}
    known = Container("srv7", "docker", "4c01db0b339c")
    assert facts["was-reported-of"].value == known
    assert (facts["runs-image"].subject, facts["runs-image"].value) == (known, "nginx")
    assert facts["was-started"].value == "2026-11-25 09:46:40 UTC"
    assert {one.confidence for one in facts.values()} == {Confidence.REPORTED}
    (end,) = reported_end(Flow("192.0.2.1", 443), source)
    assert (end.relation, end.value) == ("ends-at", Ip("192.0.2.1"))
    assert not [*reported_end(Flow("192.0.2.1"), told("192.0.2.1", ip="192.0.2.1", mac=CARD))]


def test_which_line_of_a_table_says_whose_the_address_is() -> None:
    source = told("192.0.2.1", ip="192.0.2.1", mac=CARD)
    (fact,) = reported_machine(Flow("192.0.2.1", 443), source)
    assert (fact.relation, fact.value) == ("is-told-of-in", "arp.txt line 4")
    silent = told("192.0.2.1", ip="192.0.2.1", state="FAILED")
    assert not [*reported_machine(Flow("192.0.2.1"), silent)]
    assert not [*reported_machine(Flow(None, 443), source)]


def test_services_and_nodes_of_kubernetes() -> None:
    web = {"kind": "service", "name": "shop/web", "sort": "LoadBalancer", "ports": ["80/tcp"],
           "pods": "app=web"}  # fmt: skip
    facts = [*reported_in_cluster(Ip("192.0.2.1"), told("192.0.2.1", cluster=web))]
    assert [(one.relation, one.value) for one in facts] == [
        ("was-reported-of", "Kubernetes service shop/web (LoadBalancer)"),
        ("passes-on", "80/tcp"),
        ("passes-on-to", "pods with app=web"),
    ]
    node = {"kind": "node", "name": "node-2", "state": "Ready"}
    _, state = reported_in_cluster(Ip("192.0.2.1"), told("192.0.2.1", cluster=node))
    assert (state.relation, state.value) == ("was-in-state", "Ready, arp.txt line 4")
    assert not [*reported_in_cluster(Ip("192.0.2.1"), told("192.0.2.1", mac=CARD))]


def test_a_pod_on_the_network_of_its_node_has_the_address_of_the_node() -> None:
    box = {"name": "proxy", "pod": "kube-system/proxy", "node": "node-1"}
    on, fact = reported_container(Ip("192.0.2.1"), told("192.0.2.1", container=box))
    assert (on.relation, on.value) == ("is-on-node", "node-1")
    assert fact.value == "Kubernetes pod kube-system/proxy on node-1"
    shared = told("192.0.2.1", container=box | {"shares_network": True})
    _, node, shares = reported_container(Ip("192.0.2.1"), shared)
    assert (node.relation, node.value) == ("was-reported-of", "Kubernetes node node-1")
    assert shares.value == "Kubernetes pod kube-system/proxy"
