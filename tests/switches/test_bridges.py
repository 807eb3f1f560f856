"""Bridges of this machine, by what their commands printed."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from whence.model import CannotAsk
from whence.model.switching import PortKind, Status
from whence.switches._lldpd import QUESTION, neighbours
from whence.switches.linux_bridge import LINKS, LinuxBridge
from whence.switches.open_vswitch import TABLES, OpenVSwitch
from whence.world import EPOCH, RecordedHost
from whence.world.host_device import HostDevice, one_a_line
from whence.world.switch_list import Way

LLDPD = Path(__file__).with_name("lldpcli.json").read_text()
LINK_ROWS = [
    {"ifindex": 1, "ifname": "lo", "address": "00:00:00:00:00:00"},
    {
        "ifindex": 2,
        "ifname": "br0",
        "address": "02:00:00:00:00:aa",
        "linkinfo": {"info_kind": "bridge", "info_data": {"ageing_time": 30000}},
    },
    {
        "ifindex": 3,
        "ifname": "p1",
        "master": "br0",
        "operstate": "UP",
        "ifalias": "desk 7",
        "stats64": {"rx": {"bytes": 10, "packets": 1}, "tx": {"bytes": 20, "packets": 2}},
    },
    {
        "ifindex": 4,
        "ifname": "bond0",
        "master": "br0",
        "operstate": "DOWN",
        "linkinfo": {"info_kind": "bond"},
    },
    {"ifindex": 5, "ifname": "eth1", "master": "bond0", "operstate": "UP"},
]
FDB = [
    {"mac": "33:33:00:00:00:01", "ifname": "p1", "flags": ["self"], "state": "permanent"},
    {"mac": "02:00:00:00:00:bb", "ifname": "p1", "master": "br0", "state": "permanent"},
    {"mac": "02:00:00:00:00:01", "ifname": "p1", "updated": 7, "master": "br0", "state": ""},
    {"mac": "02:00:00:00:00:02", "ifname": "bond0", "vlan": 9, "master": "br0", "state": "static"},
]


def linux(**more: str) -> LinuxBridge:
    texts = {
        LINKS: json.dumps(LINK_ROWS),
        "bridge -json -statistics fdb show br br0": json.dumps(FDB),
        QUESTION: LLDPD,
    }
    device = HostDevice("br0", RecordedHost(texts | more))
    return LinuxBridge(device, Way("br0", "bridge", "br0"))


def test_a_linux_bridge() -> None:
    switch = linux()
    assert [(port.name, port.kind, port.aggregate, port.up) for port in switch.ports()] == [
        ("p1", PortKind.PHYSICAL, "", True),
        ("bond0", PortKind.AGGREGATE, "", False),
        ("eth1", PortKind.PHYSICAL, "bond0", True),
    ]
    assert [(row.mac, row.port, row.vlans, row.age, row.status) for row in switch.learned()] == [
        ("02:00:00:00:00:01", "p1", (), 7, Status.LEARNED),
        ("02:00:00:00:00:02", "bond0", (9,), None, Status.STATIC),
    ]
    assert next((one.port, one.octets_in, one.unicast_out) for one in switch.counters()) == (
        "p1",
        10,
        2,
    )
    assert switch.identity().ageing == 300
    row = next(iter(switch.learned()))
    assert json.loads(row.evidence[0].excerpt.rstrip(","))["mac"] == row.mac


def test_a_neighbour_that_lldpd_heard() -> None:
    [said] = linux().neighbours()
    assert (said.port, said.system_name, said.chassis) == (
        "p1",
        "printer-2",
        "02:57:00:00:00:01",
    )
    assert said.capabilities == {"station"}
    assert said.addresses == ("10.98.0.1", "fe80::57:ff:fe00:1")


@pytest.mark.parametrize("question", ["ports", "learned", "neighbours", "counters"])
def test_a_bridge_that_is_not_there_has_no_empty_answer(question: str) -> None:
    fdb = {"bridge -json -statistics fdb show br nope0": "[]"}
    device = HostDevice("nope0", RecordedHost({LINKS: json.dumps(LINK_ROWS)} | fdb))
    switch = LinuxBridge(device, Way("nope0", "bridge", "nope0"))
    with pytest.raises(CannotAsk, match="there is no bridge nope0"):
        [*vars(LinuxBridge)[question](switch)]


def test_a_bridge_without_ports_is_told_of() -> None:
    device = HostDevice("br0", RecordedHost({LINKS: json.dumps(LINK_ROWS[:2])}))
    assert [*LinuxBridge(device, Way("br0", "bridge", "br0")).ports()] == []


def test_an_interface_that_is_no_bridge() -> None:
    switch = LinuxBridge(
        HostDevice("p1", RecordedHost({LINKS: json.dumps(LINK_ROWS)})), Way("p1", "bridge", "p1")
    )
    with pytest.raises(CannotAsk, match="is no bridge"):
        switch.identity()


def uuid(name: str) -> list[str]:
    return ["uuid", name]


TEXTS = {
    f"{TABLES} --columns=name,ports,other_config list bridge": {
        "headings": ["name", "ports", "other_config"],
        "data": [["ovs0", ["set", [uuid("P1"), uuid("P2")]], ["map", [["mac-aging-time", "60"]]]]],
    },
    f"{TABLES} --columns=_uuid,name,interfaces list port": {
        "headings": ["_uuid", "name", "interfaces"],
        "data": [
            [uuid("P1"), "q3", uuid("I1")],
            [uuid("P2"), "bond7", ["set", [uuid("I2"), uuid("I3")]]],
            [uuid("P9"), "elsewhere", uuid("I9")],
        ],
    },
    f"{TABLES} list interface": {
        "headings": ["_uuid", "name", "ofport", "ifindex", "link_state", "duplex", "type"],
        "data": [
            [uuid("I1"), "q3", 1, 7, "up", "full", ""],
            [uuid("I2"), "e1", 2, 8, "up", "full", ""],
            [uuid("I3"), "e2", 3, 9, "down", ["set", []], ""],
            [uuid("I9"), "x", 1, 10, "up", "full", ""],
        ],
    },
}
SHOWN = """ port  VLAN  MAC                Age
    1     0  02:00:00:00:00:03   12
    2    40  02:00:00:00:00:04    static
LOCAL     0  02:00:00:00:00:05    0
    9     0  02:00:00:00:00:06    0
"""


def test_open_vswitch() -> None:
    texts = {question: json.dumps(table) for question, table in TEXTS.items()}
    texts["ovs-appctl fdb/show ovs0"] = SHOWN
    switch = OpenVSwitch(HostDevice("ovs0", RecordedHost(texts)), Way("ovs0", "ovs", "ovs0"))
    assert [(port.name, port.aggregate) for port in switch.ports()] == [
        ("q3", ""),
        ("e1", "bond7"),
        ("e2", "bond7"),
    ]
    assert [(row.mac, row.port, row.vlans, row.age, row.status) for row in switch.learned()] == [
        ("02:00:00:00:00:03", "q3", (), 12, Status.LEARNED),
        ("02:00:00:00:00:04", "e1", (40,), None, Status.STATIC),
    ]
    assert switch.remarks() == ("port 9 of the forwarding table has no name",)
    assert switch.identity().ageing == 60


JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-9, 99) | some.text(max_size=4),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(["name", "lldp", "interface", "chassis", "port", "id", "value"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(JSON)
def test_whatever_lldpd_says_is_read_or_refused(told: object) -> None:
    device = RecordedHost({f"sw: {QUESTION}": json.dumps(told)}).device("sw")
    with contextlib.suppress(CannotAsk):
        assert all(said.port for said in neighbours(device, ["p1"]))


@settings(max_examples=30)
@given(some.lists(JSON, max_size=5))
def test_json_with_one_element_a_line_says_the_same(told: list[object]) -> None:
    assert json.loads(one_a_line(json.dumps(told))) == told
    assert one_a_line("{") == "{"


def test_readings_of_a_host_have_its_time() -> None:
    assert HostDevice("x", RecordedHost({"ip a": "[]"})).ask("ip a").taken == EPOCH
