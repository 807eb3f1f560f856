"""How devices depart from the MIBs: each test is what some switch was seen to do."""

from __future__ import annotations

import time

import pytest

from tests.snmp_agents import (
    Recorded,
    Value,
    integer,
    octets,
    parse,
    read_snmprec,
    respond,
    serving,
)
from tests.switches.conftest import PATIENT, Serve
from whence.model import CannotAsk
from whence.model.switching import Duplex, PortKind, Status
from whence.switches.snmp import SnmpSwitch
from whence.world import EPOCH, ber
from whence.world.ber import Oid, parse_oid
from whence.world.snmp import Patience, SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.snmp_messages import GET_BULK
from whence.world.switch_list import Way

Values = dict[Oid, Value]
MAC = (0, 27, 33, 1, 2, 200)
WRITTEN = "00:1b:21:01:02:c8"
PORTS, BRIDGE = "1.3.6.1.2.1.17.1.4.1", "1.3.6.1.2.1.17.4.3.1"
Q_BRIDGE, FDB_IDS = "1.3.6.1.2.1.17.7.1.2.2.1", "1.3.6.1.2.1.17.7.1.4.2.1.3"


def at(table: str, *index: int) -> Oid:
    return (*parse_oid(table), *index)


def interfaces(names: dict[int, str], kind: int = 6) -> Values:
    found: Values = {}
    for index, name in names.items():
        found[at("1.3.6.1.2.1.2.2.1.2", index)] = octets(name.encode())
        found[at("1.3.6.1.2.1.2.2.1.3", index)] = integer(kind)
        found[at("1.3.6.1.2.1.31.1.1.1.1", index)] = octets(name.encode())
    return found


def bridge_ports(numbers: dict[int, int]) -> Values:
    return {at(f"{PORTS}.2", port): integer(index) for port, index in numbers.items()}


SWITCH = interfaces({101: "Gi0/1", 102: "Gi0/2"}) | bridge_ports({1: 101, 2: 102})


@pytest.mark.parametrize(
    ("index", "table", "fdb_id"),
    [
        ((*MAC,), BRIDGE, 0),
        ((6, *MAC), BRIDGE, 0),
        ((9, *MAC), Q_BRIDGE, 9),
        ((9, 6, *MAC), Q_BRIDGE, 9),
        ((*MAC,), Q_BRIDGE, 0),
    ],
)
def test_an_index_with_or_without_a_length_octet(
    index: Oid, table: str, fdb_id: int, serve: Serve
) -> None:
    switch = serve({"public": SWITCH | {at(f"{table}.2", *index): integer(2)}})
    [row] = switch.learned()
    assert (row.mac, row.fdb_id, row.index, row.port) == (WRITTEN, fdb_id, 102, "Gi0/2")


def test_rows_that_are_numbered_have_their_address_and_port_as_values(serve: Serve) -> None:
    numbered = {
        at(f"{PORTS}.1", 1): integer(2),
        at(f"{PORTS}.1", 2): integer(1),
        at(f"{BRIDGE}.1", 1): octets(bytes(MAC)),
        at(f"{BRIDGE}.2", 1): integer(2),
    }
    [row] = serve({"public": SWITCH | numbered}).learned()
    assert (row.mac, row.index) == (WRITTEN, 101)


def test_ports_of_fortiswitch_stand_as_values_by_ifindex_alone(serve: Serve) -> None:
    values = {
        at(f"{PORTS}.1", 29): integer(32769),
        at(f"{PORTS}.1", 31): integer(32771),
        at(f"{BRIDGE}.1", 142): octets(bytes(MAC)),
        at(f"{BRIDGE}.2", 142): integer(32769),
        at(f"{BRIDGE}.1", 143): octets(bytes((*MAC[:5], 7))),
        at(f"{BRIDGE}.2", 143): integer(32771),
    }
    switch = serve({"public": interfaces({29: "port29", 30: "port30"}) | values})
    assert [(row.mac, row.port, row.index) for row in switch.learned()] == [(WRITTEN, "port29", 29)]
    assert any("bridge port 32771 is" in told for told in switch.remarks())


def test_vlans_that_share_a_forwarding_table_are_all_named(serve: Serve) -> None:
    values = {
        at(f"{Q_BRIDGE}.2", 3, *MAC): integer(1),
        at(FDB_IDS, 0, 252): integer(3, ber.UNSIGNED),
        at(FDB_IDS, 0, 95): integer(3, ber.UNSIGNED),
    }
    [row] = serve({"public": SWITCH | values}).learned()
    assert (row.fdb_id, row.vlans) == (3, (95, 252))


@pytest.mark.parametrize(
    ("marks", "vlans"),
    [
        ({(0, 1): 1, (4711, 252): 3}, (252,)),
        ({(4711, 252): 3, (4712, 95): 3}, (95, 252)),
        ({(0, 252): 3, (4711, 95): 3}, (252,)),
        ({(0, 1): 1, (1, 1): 1, (2, 1): 1, (3, 252): 3}, (3,)),  # all again under every mark
    ],
)
def test_vlans_of_a_forwarding_table_stand_under_marks_of_time(
    marks: dict[Oid, int], vlans: Oid, serve: Serve
) -> None:
    ids = {at(FDB_IDS, *index): integer(fdb, ber.UNSIGNED) for index, fdb in marks.items()}
    [row] = serve({"public": SWITCH | ids | {at(f"{Q_BRIDGE}.2", 3, *MAC): integer(1)}}).learned()
    assert (row.fdb_id, row.vlans) == (3, vlans)


def test_the_tables_of_ieee_are_asked_where_nothing_else_is(serve: Serve) -> None:
    values = interfaces({101: "Gi0/1"}) | {
        at("1.3.111.2.802.1.1.2.1.1.4.1.3", 1, 5): integer(101),
        at("1.3.111.2.802.1.1.4.1.2.2.1.2", 1, 3, *MAC): integer(5),
        at("1.3.111.2.802.1.1.4.1.2.2.1.3", 1, 3, *MAC): integer(3),
        at("1.3.111.2.802.1.1.4.1.4.2.1.4", 0, 1, 252): integer(3, ber.UNSIGNED),
    }
    [row] = serve({"public": values}).learned()
    assert (row.mac, row.fdb_id, row.vlans, row.port) == (WRITTEN, 3, (252,), "Gi0/1")


def test_what_is_the_switch_itself_or_no_longer_valid_is_counted_and_left_out(serve: Serve) -> None:
    own = {
        at(f"{BRIDGE}.2", 2, 0, 0, 0, 0, 1): integer(0),
        at(f"{BRIDGE}.2", 2, 0, 0, 0, 0, 2): integer(1),
        at(f"{BRIDGE}.3", 2, 0, 0, 0, 0, 2): integer(4),
        at(f"{BRIDGE}.2", 2, 0, 0, 0, 0, 3): integer(1),
        at(f"{BRIDGE}.3", 2, 0, 0, 0, 0, 3): integer(2),
        at(f"{BRIDGE}.2", 0, 0, 0, 0, 0, 0): integer(1),
        at(f"{BRIDGE}.2", *MAC): integer(1),
    }
    switch = serve({"public": SWITCH | own})
    assert [row.mac for row in switch.learned()] == [WRITTEN]
    assert any("4 entries of the switch itself" in remark for remark in switch.remarks())


def test_groups_are_counted_and_left_out(serve: Serve) -> None:
    groups = [(1, 128, 194, 0, 0, 0), (1, 0, 94, 1, 2, 3), (51, 51, 0, 0, 0, 1), (255,) * 6]
    values = {at(f"{Q_BRIDGE}.2", 1, *mac): integer(1) for mac in (*groups, MAC)}
    switch = serve({"public": SWITCH | values})
    assert [row.mac for row in switch.learned()] == [WRITTEN]
    assert any("4 entries of a group" in remark for remark in switch.remarks())


def test_what_was_set_by_hand_does_not_hide_what_the_other_table_learned(serve: Serve) -> None:
    fixed = (*MAC[:5], 7)
    values = {
        at(f"{Q_BRIDGE}.2", 1, *fixed): integer(1),
        at(f"{Q_BRIDGE}.3", 1, *fixed): integer(5),
        at(f"{BRIDGE}.2", *fixed): integer(1),
        at(f"{BRIDGE}.2", *MAC): integer(2),
    }
    found = [
        (row.mac[-2:], row.vlans, row.port) for row in serve({"public": SWITCH | values}).learned()
    ]
    assert found == [("07", (1,), "Gi0/1"), ("c8", (), "Gi0/2")]


def test_a_row_that_stands_twice_is_given_once(serve: Serve) -> None:
    twice = {at(f"{Q_BRIDGE}.2", 9, *MAC): integer(1), at(f"{Q_BRIDGE}.2", 9, 6, *MAC): integer(1)}
    moved = {at(f"{Q_BRIDGE}.2", 8, *MAC): integer(1)}
    switch = serve({"public": SWITCH | twice | moved})
    assert [(row.fdb_id, row.index) for row in switch.learned()] == [(8, 101), (9, 101)]


def test_a_port_beyond_the_table_of_ports_is_one_only_if_it_can_be(serve: Serve) -> None:
    values = (
        SWITCH
        | interfaces({7: "Vlan7", 8: "Trk1"}, 53)
        | interfaces({9: "Gi0/9"})
        | {at(f"{BRIDGE}.2", 2, 0, 0, 0, 0, port): integer(port) for port in (7, 8, 9, 55)}
    )
    switch = serve({"public": values})
    assert {row.port for row in switch.learned()} == {"Trk1", "Gi0/9"}
    assert any("bridge port 7, 55" in remark for remark in switch.remarks())


def test_a_port_that_a_busy_switch_left_out_is_not_the_interface_of_its_number(
    serve: Serve,
) -> None:
    ports = interfaces({6: "mgmt0", 101: "e1", 110: "e10"}) | bridge_ports({1: 101, 10: 110})
    switch = serve({"public": ports | {at(f"{BRIDGE}.2", *MAC): integer(6)}})
    assert not [*switch.learned()]
    assert any("bridge port 6 is" in remark for remark in switch.remarks())


@pytest.mark.parametrize(
    ("name", "kind", "port_kind", "can_learn"),
    [
        ("stack-port1", 6, PortKind.PHYSICAL, True),
        ("System port 5", 6, PortKind.PHYSICAL, True),
        ("br1 port", 6, PortKind.PHYSICAL, True),
        ("Site B", 6, PortKind.PHYSICAL, True),
        ("gpon 0/1", 250, PortKind.PHYSICAL, True),
        ("epon0/1", 1, PortKind.PHYSICAL, True),
        ("LAG 1", 1, PortKind.AGGREGATE, True),
        ("ge-0/0/1.0", 53, PortKind.VIRTUAL, True),
        ("office", 136, PortKind.VIRTUAL, False),
        ("sit1", 6, PortKind.VIRTUAL, False),
        ("br0", 6, PortKind.VIRTUAL, False),
        ("stack1", 6, PortKind.VIRTUAL, False),
        ("CPU Interface: 0/5/1", 1, PortKind.CPU, False),
    ],
)
def test_what_a_bridge_learns_at_is_told_by_its_type_and_name(
    name: str, kind: int, port_kind: PortKind, can_learn: bool, serve: Serve
) -> None:
    values = interfaces({7: name}, kind) | {at(f"{BRIDGE}.2", *MAC): integer(7)}
    switch = serve({"public": SWITCH | values})
    assert next(iter(switch.ports())).kind is port_kind
    assert [row.port for row in switch.learned()] == [name] * can_learn


@pytest.mark.parametrize(
    "table_of_ports", [bridge_ports({49153: 49153, 32769: 32769}), bridge_ports({49154: 49154}), {}]
)
def test_ports_of_jetstream_are_counted_from_49153(table_of_ports: Values, serve: Serve) -> None:
    values = (
        interfaces({1: "Vlan-interface1", 49153: "gigabitEthernet 1/0/1"})
        | table_of_ports
        | {at(f"{Q_BRIDGE}.2", 1, *MAC): integer(1)}
    )
    [row] = serve({"public": values}).learned()
    assert row.port == "gigabitEthernet 1/0/1"


def test_aggregates_of_aos_are_numbered_from_4096(serve: Serve) -> None:
    values = SWITCH | interfaces({40_000_003: "agg 3"}, 161)
    [row] = serve({"public": values | {at(f"{BRIDGE}.2", *MAC): integer(4099)}}).learned()
    assert row.index == 40_000_003


def of_vendor(number: int) -> Values:
    return {at("1.3.6.1.2.1.1.2", 0): ber.write_oid((1, 3, 6, 1, 4, 1, number, 1))}


def test_the_table_of_huawei_is_asked_where_the_standard_one_is_empty(serve: Serve) -> None:
    values = {at("1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4", *MAC, 30, 0): integer(102)}
    [row] = serve({"public": SWITCH | of_vendor(2011) | values}).learned()
    assert (row.mac, row.port, row.vlans) == (WRITTEN, "Gi0/2", (30,))


def test_what_huawei_keeps_for_good_stands_in_tables_of_its_own(serve: Serve) -> None:
    fixed, query = "1.3.6.1.4.1.2011.5.25.42.2.1.2.1", "1.3.6.1.4.1.2011.5.25.42.2.1.32.1"
    asked = (30, 0, 0, 0, *MAC[:5], 9, 7, *b"showall", 0, 0, 0, 0)
    values = {
        at(f"{Q_BRIDGE}.2", 30, *MAC): integer(1),
        at("1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4", *MAC, 30, 0): integer(102),
        at(f"{fixed}.4", *MAC[:5], 7, 30, 0): integer(102),
        at(f"{fixed}.5", *MAC[:5], 7, 30, 0): integer(2),
        at(f"{fixed}.4", *MAC[:5], 8, 30, 0): integer(102),
        at(f"{fixed}.5", *MAC[:5], 8, 30, 0): integer(3),
        at(f"{query}.12", *asked): octets(b"sticky"),
        at(f"{query}.13", *asked): integer(101),
        at(f"{query}.13", 30, 9): integer(101),
    }
    switch = serve({"public": SWITCH | of_vendor(2011) | values})
    assert [(row.mac[-2:], row.index, row.vlans, row.status) for row in switch.learned()] == [
        (WRITTEN[-2:], 101, (30,), Status.LEARNED),
        ("07", 102, (30,), Status.STATIC),
        ("09", 101, (30,), Status.STATIC),
    ]
    assert "1 entry whose packets are dropped was left out" in switch.remarks()


@pytest.mark.parametrize(
    ("table", "index", "columns"),
    [
        ("1.3.6.1.4.1.6486.801.1.2.1.8.1.1.8.1", (1, 0, 102, 30, 0), (7, 8, 16)),
        ("1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1", (102, 30), (3, 3, 3)),
    ],
)
def test_the_tables_of_aos_name_port_and_vlan_in_the_index(
    table: str, index: Oid, columns: Oid, serve: Serve
) -> None:
    way, done, valid = columns
    values = {at(f"{table}.{way}", *index, *MAC[:5], last): integer(1) for last in (7, 8, 9)}
    values[at(f"{table}.{done}", *index, *MAC[:5], 8)] = integer(2)
    values[at(f"{table}.{valid}", *index, *MAC[:5], 9)] = integer(2)
    switch = serve({"public": SWITCH | of_vendor(6486) | values})
    assert [(row.mac, row.port, row.vlans) for row in switch.learned()] == [
        ("00:1b:21:01:02:07", "Gi0/2", (30,))
    ]
    assert "2 entries whose packets are dropped were left out" in switch.remarks()


def test_the_table_of_timos_tells_the_outer_vlan_of_a_port(serve: Serve) -> None:
    table = "1.3.6.1.4.1.6527.3.1.2.4.2.4.1"
    values: Values = {}
    tags = [(1, 30), (1, (9 << 16) | 40), (1, 4095), (1, 0), (2, 30)]
    for last, (locale, tag) in enumerate(tags):
        values[at(f"{table}.4", 100, *MAC[:5], last)] = integer(locale)
        values[at(f"{table}.5", 100, *MAC[:5], last)] = integer(101, ber.UNSIGNED)
        values[at(f"{table}.6", 100, *MAC[:5], last)] = integer(tag, ber.UNSIGNED)
    switch = serve({"public": SWITCH | of_vendor(6527) | values})
    found = [(row.mac[-1], row.port, row.vlans) for row in switch.learned()]
    vlans: list[tuple[int, ...]] = [(30,), (40,), (), ()]
    assert found == [(str(last), "Gi0/1", each) for last, each in enumerate(vlans)]


def test_ports_of_arubaos_stand_in_the_context_of_their_vlan(serve: Serve) -> None:
    rows = {at(f"{Q_BRIDGE}.2", 30, *MAC): integer(7), at(f"{Q_BRIDGE}.2", 40, *MAC): integer(1)}
    switch = serve(
        {"public": SWITCH | of_vendor(14823) | rows, "public@30": bridge_ports({7: 102})}
    )
    assert [(row.vlans, row.port) for row in switch.learned()] == [
        ((30,), "Gi0/2"),
        ((40,), "Gi0/1"),
    ]


def test_the_table_of_c_data_names_an_uplink_or_the_box_of_a_subscriber(serve: Serve) -> None:
    table, box = "1.3.6.1.4.1.17409.2.3.2.4.2.1.4", 16_780_545
    values = {
        at("1.3.6.1.4.1.17409.2.8.4.4.1.4", box, 0, 102): integer(-2100),
        at(table, 6, *MAC[:5], 7, 30): integer(101),
        at(table, 6, *MAC[:5], 8, 40): integer(box),
        at(table, 6, *MAC[:5], 9, 40): integer(box + 1),
    }
    switch = serve({"public": SWITCH | of_vendor(17409) | values})
    assert [(row.mac[-2:], row.port, row.vlans) for row in switch.learned()] == [
        ("07", "Gi0/1", (30,)),
        ("08", "Gi0/2", (40,)),
    ]
    assert "1 entry was left out: the switch does not list their interfaces" in switch.remarks()


def test_the_table_of_extreme_names_a_vlan_by_its_interface(serve: Serve) -> None:
    values = {
        at("1.3.6.1.4.1.1916.1.16.4.1.3", *MAC, 1_000_005): integer(101),
        at("1.3.6.1.4.1.1916.1.2.1.2.1.10", 1_000_005): integer(77),
    }
    [row] = serve({"public": SWITCH | of_vendor(1916) | values}).learned()
    assert (row.port, row.vlans) == ("Gi0/1", (77,))
    values.popitem()
    [row] = serve({"public": SWITCH | of_vendor(1916) | values}).learned()
    assert (row.port, row.vlans) == ("Gi0/1", ())


def test_a_vlan_of_extreme_may_have_the_number_of_its_interface_inside(serve: Serve) -> None:
    values = {
        at(f"{Q_BRIDGE}.2", 1_000_005, *MAC): integer(1),
        at("1.3.6.1.4.1.1916.1.2.1.2.1.10", 1_000_005): integer(77),
    }
    [row] = serve({"public": SWITCH | of_vendor(1916) | values}).learned()
    assert (row.port, row.vlans) == ("Gi0/1", (77,))


@pytest.mark.parametrize(
    "tags",
    [
        {at("1.3.6.1.4.1.2636.3.40.1.5.1.5.1.5", 3): integer(252)},
        {
            at("1.3.6.1.4.1.2636.3.48.1.3.1.1.3", 9): integer(252),
            at("1.3.6.1.4.1.2636.3.48.1.3.1.1.5", 9): integer(3),
        },
    ],
)
def test_vlans_of_juniper_have_a_number_inside_and_a_tag_outside(
    tags: Values, serve: Serve
) -> None:
    values = {at(f"{Q_BRIDGE}.2", 3, *MAC): integer(1)}
    [row] = serve({"public": SWITCH | of_vendor(2636) | values | tags}).learned()
    assert (row.fdb_id, row.vlans) == (3, (252,))


def test_a_vlan_of_juniper_has_its_number_inside_in_the_upper_half(serve: Serve) -> None:
    values = {
        at(f"{Q_BRIDGE}.2", 2 << 16, *MAC): integer(523),
        at("1.3.6.1.4.1.2636.3.48.1.3.1.1.3", 2): integer(252),
    }
    ports = interfaces({523: "ge-0/0/1.0"}, 53) | bridge_ports({1: 101})
    [row] = serve({"public": SWITCH | ports | of_vendor(2636) | values}).learned()
    assert (row.fdb_id, row.vlans, row.port) == (2 << 16, (252,), "ge-0/0/1.0")


def test_a_number_too_large_for_a_vlan_is_none_but_may_be_its_interface(serve: Serve) -> None:
    table = 1_107_787_776
    rows = {at(f"{Q_BRIDGE}.2", fdb, *MAC): integer(1) for fdb in (table, 131_072, 4094)}
    switch = serve({"public": SWITCH | interfaces({table: "Vlan 252"}, 135) | rows})
    found = {row.fdb_id: row.vlans for row in switch.learned()}
    assert found == {table: (252,), 131_072: (), 4094: (4094,)}
    assert any("which VLAN its forwarding table 131072 is for" in told for told in switch.remarks())


VTP = "1.3.6.1.4.1.9.9.46.1.3.1.1.2.1"


def test_a_cisco_switch_is_asked_for_each_vlan_but_not_for_those_of_token_ring(
    serve: Serve,
) -> None:
    ports = bridge_ports({1: 101})
    communities = {
        "public": interfaces({101: "Gi0/1"})
        | {at(VTP, vlan): integer(1) for vlan in (10, 20, 1002, 1005)},
        "public@10": ports | {at(f"{BRIDGE}.2", *MAC): integer(1)},
        "public@20": ports | {at(f"{BRIDGE}.2", 2, 0, 0, 0, 0, 9): integer(1)},
    }
    switch = serve(communities)
    assert sorted((row.mac, row.vlans) for row in switch.learned()) == [
        (WRITTEN, (10,)),
        ("02:00:00:00:00:09", (20,)),
    ]
    assert not switch.remarks()


def test_vlans_that_cannot_be_asked_are_told(serve: Serve) -> None:
    vlans = {at(VTP, vlan): integer(1) for vlan in (1, 10)}
    switch = serve({"public": SWITCH | vlans | {at(f"{BRIDGE}.2", *MAC): integer(1)}})
    assert [row.vlans for row in switch.learned()] == [()]
    assert any("one by one" in remark for remark in switch.remarks())


def test_a_user_of_v3_is_told_what_opens_the_vlans() -> None:
    values = SWITCH | {at(VTP, vlan): integer(1) for vlan in (1, 10)}
    contexts = {"public": values | {at(f"{BRIDGE}.2", *MAC): integer(1)}}
    with (
        serving(Recorded(contexts)) as port,
        SnmpAgent(SnmpAccess("127.0.0.1", port), PATIENT) as agent,
    ):
        way = Way("sw", "snmp", options={"version": "3"})
        switch = SnmpSwitch(SnmpDevice("sw", agent, lambda: EPOCH), way)
        assert [row.vlans for row in switch.learned()] == [()]
    assert any("context vlan- match prefix" in remark for remark in switch.remarks())


def test_vlans_that_do_not_answer_keep_none_that_does_from_being_asked(serve: Serve) -> None:
    vlans = {at(VTP, vlan): integer(1) for vlan in (1, 2, 10)}
    here = SWITCH | {at(f"{BRIDGE}.2", *MAC): integer(1)}
    switch = serve({"public": SWITCH | vlans, "public@10": here})
    assert [(row.mac, row.vlans) for row in switch.learned()] == [(WRITTEN, (10,))]
    assert "2 VLANs did not answer, so what they learned is missing" in switch.remarks()


def test_silent_vlans_are_waited_for_together(serve: Serve) -> None:
    vlans = {at(VTP, vlan): integer(1) for vlan in range(1, 14)}
    here = SWITCH | {at(f"{BRIDGE}.2", *MAC): integer(1)}
    switch = serve({"public": SWITCH | vlans, "public@13": here})
    began = time.monotonic()
    assert [row.vlans for row in switch.learned()] == [(13,)]
    assert time.monotonic() - began < 6
    assert "12 VLANs did not answer, so what they learned is missing" in switch.remarks()


def test_vlans_with_most_ports_are_asked_first(serve: Serve) -> None:
    vlans = {at(VTP, vlan): integer(1) for vlan in (1, 2, 10)}
    access = {at("1.3.6.1.4.1.9.9.68.1.2.2.1.2", port): integer(10) for port in (101, 102)}
    communities = {"public": SWITCH | vlans | access}
    for vlan in (1, 2, 10):
        row = {at(f"{BRIDGE}.2", *MAC[:5], vlan): integer(1)}
        communities[f"public@{vlan}"] = SWITCH | row
    switch = serve(communities)
    assert [row.vlans for row in switch.learned()] == [(10,), (1,), (2,)]


def test_a_vlan_without_a_table_of_ports_has_those_of_the_switch(serve: Serve) -> None:
    vlans = {at(VTP, vlan): integer(1) for vlan in (10, 20)}
    here, there = ({at(f"{BRIDGE}.2", *MAC[:5], port): integer(port)} for port in (1, 2))
    switch = serve({"public": SWITCH | vlans, "public@10": here, "public@20": there})
    assert [(row.index, row.vlans) for row in switch.learned()] == [(101, (10,)), (102, (20,))]


@pytest.mark.parametrize("heeds", [True, False])
def test_an_agent_that_heeds_no_context_has_one_table(heeds: bool, serve: Serve) -> None:
    here = SWITCH | {at(VTP, vlan): integer(1) for vlan in (1, 10)}
    here |= {at(f"{BRIDGE}.2", *MAC): integer(1)}
    contexts = {"": here, "@1": here, "@10": here, "@4095": SWITCH if heeds else here}
    switch = serve({f"public{at}": values for at, values in contexts.items()})
    assert [row.vlans for row in switch.learned()] == ([(1,), (10,)] if heeds else [()])
    assert any("one by one" in remark for remark in switch.remarks()) is not heeds


def test_vlans_of_which_none_answers_are_told_though_nothing_was_learned(serve: Serve) -> None:
    switch = serve({"public": SWITCH | {at(VTP, 1): integer(1)}})
    assert not [*switch.learned()]
    assert any("one by one: what they learned is missing" in told for told in switch.remarks())


def test_members_of_an_aggregate_name_it(serve: Serve) -> None:
    values = SWITCH | interfaces({5: "Po1"}, 53) | interfaces({6: "lag 2"}, 161)
    values |= {
        at("1.2.840.10006.300.43.1.2.1.1.13", 101): integer(5),
        at("1.3.6.1.2.1.31.1.2.1.3", 6, 102): integer(1),
        at("1.3.6.1.2.1.31.1.2.1.3", 0, 6): integer(1),
    }
    members = {port.name: port.aggregate for port in serve({"public": values}).ports()}
    assert members == {"Gi0/1": "Po1", "Gi0/2": "lag 2", "Po1": "", "lag 2": ""}


def test_what_a_port_says_of_itself(serve: Serve) -> None:
    values = SWITCH | {
        at("1.3.6.1.2.1.2.2.1.8", 101): integer(2),
        at("1.3.6.1.2.1.2.2.1.5", 101): integer((1 << 32) - 1, ber.UNSIGNED),
        at("1.3.6.1.2.1.31.1.1.1.15", 101): integer(10_000, ber.UNSIGNED),
        at("1.3.6.1.2.1.31.1.1.1.18", 101): octets("Büro\x00".encode()),
        at("1.3.6.1.2.1.10.7.2.1.19", 101): integer(2),
    }
    port = next(iter(serve({"public": values}).ports()))
    assert (port.up, port.speed, port.alias, port.duplex, port.kind) == (
        False,
        10_000_000_000,
        "Büro",
        Duplex.HALF,
        PortKind.PHYSICAL,
    )


LLDP = "1.0.8802.1.1.2.1"


def test_a_neighbour_is_at_the_port_that_its_local_number_stands_for(serve: Serve) -> None:
    values = SWITCH | {
        at(f"{LLDP}.3.7.1.2", 40): integer(5),
        at(f"{LLDP}.3.7.1.3", 40): octets(b"Gi0/2"),
        at(f"{LLDP}.4.1.1.4", 900, 40, 1): integer(4),
        at(f"{LLDP}.4.1.1.5", 900, 40, 1): octets(bytes(MAC)),
        at(f"{LLDP}.4.1.1.6", 900, 40, 1): integer(3),
        at(f"{LLDP}.4.1.1.7", 900, 40, 1): octets(bytes(MAC)),
        at(f"{LLDP}.4.1.1.9", 900, 40, 1): octets(b"SEP1"),
        at(f"{LLDP}.4.1.1.12", 900, 40, 1): octets(b"\x24\x00"),
        at(f"{LLDP}.4.2.1.3", 900, 40, 1, 1, 4, 192, 0, 2, 9): integer(2),
    }
    [said] = serve({"public": values}).neighbours()
    assert (said.port, said.chassis, said.remote_port) == ("Gi0/2", WRITTEN, WRITTEN)
    assert said.capabilities == {"bridge", "telephone"}
    assert said.addresses == ("192.0.2.9",)


def test_a_neighbour_under_several_marks_of_time_is_told_once(serve: Serve) -> None:
    values = {at(f"{LLDP}.4.1.1.5", mark, 101, 1): octets(bytes(MAC)) for mark in (0, 7, 9)}
    assert len([*serve({"public": SWITCH | values}).neighbours()]) == 1


@pytest.mark.parametrize(("sent", "name"), [(bytes(MAC), WRITTEN), (b"core01", "core01")])
def test_a_name_of_six_octets_is_an_address_only_if_it_is_no_text(
    sent: bytes, name: str, serve: Serve
) -> None:
    values = SWITCH | {at("1.3.6.1.4.1.9.9.23.1.2.1.1.6", 101, 1): octets(sent)}
    assert [said.system_name for said in serve({"public": values}).neighbours()] == [name]


def told_at(number: int, **local: Value) -> Values:
    """Give a neighbour at a local port, and what the switch says of that port by LLDP."""
    column = {"kind": 2, "name": 3, "text": 4}
    return {at(f"{LLDP}.4.1.1.5", 0, number, 1): octets(bytes(MAC))} | {
        at(f"{LLDP}.3.7.1.{column[what]}", number): value for what, value in local.items()
    }


ALIKE = (
    SWITCH
    | interfaces({103: "VLAN 3"}, 136)
    | {
        at(f"{column}", index): octets(text)
        for column, text in (
            ("1.3.6.1.2.1.2.2.1.2", b"Ethernet Interface"),
            ("1.3.6.1.2.1.31.1.1.1.18", b"desk"),
            ("1.3.6.1.2.1.2.2.1.6", bytes(MAC)),
        )
        for index in (101, 102)
    }
)


@pytest.mark.parametrize(
    ("neighbour", "port"),
    [
        (told_at(1, name=octets(b"Ethernet Interface")), "Gi0/1"),
        (told_at(1, text=octets(b"Ethernet Interface")), "Gi0/1"),
        (told_at(1, text=octets(b"desk")), "Gi0/1"),
        (told_at(1, kind=integer(3), name=octets(bytes(MAC))), "Gi0/1"),
        (told_at(9, text=octets(b"Ethernet Interface")), "LLDP port 9"),
        (told_at(1, name=octets(b"103")), "Gi0/1"),
        (told_at(103), "LLDP port 103"),
        (told_at(102), "Gi0/2"),
    ],
)
def test_a_name_that_several_ports_have_says_nothing_of_a_neighbour(
    neighbour: Values, port: str, serve: Serve
) -> None:
    [said] = serve({"public": ALIKE | neighbour}).neighbours()
    assert said.port == port


@pytest.mark.parametrize("name", [b"GigabitEthernet0/2", b"gi0/2", b"Gi 0/2"])
def test_a_port_is_known_however_long_its_name_is_written(name: bytes, serve: Serve) -> None:
    values = SWITCH | told_at(101, name=octets(name))
    assert [said.port for said in serve({"public": values}).neighbours()] == ["Gi0/2"]


def test_a_port_is_known_by_its_alias_where_nothing_else_tells(serve: Serve) -> None:
    alias = {at("1.3.6.1.2.1.31.1.1.1.18", 102): octets(b"uplink")}
    values = SWITCH | alias | told_at(77, name=octets(b"uplink"))
    assert [said.port for said in serve({"public": values}).neighbours()] == ["Gi0/2"]


@pytest.mark.parametrize(
    ("vendor", "table", "first", "index"),
    [
        (9, "1.3.111.2.802.1.1.13.1.4.1.1", 5, (0, 102, 1, 4)),
        (6527, "1.3.6.1.4.1.6527.3.1.2.59.4.1.1", 4, (9, 102, 1, 4)),
        (3320, "1.3.6.1.4.1.3320.127.1.4.1.1", 4, (7, 4)),
        (11606, "1.3.6.1.4.1.11606.10.127.1.4.1.1", 4, (7,)),
    ],
)
def test_other_tables_of_lldp_are_asked_where_the_first_is_empty(
    vendor: int, table: str, first: int, index: Oid, serve: Serve
) -> None:
    columns = [integer(4), octets(bytes(MAC)), integer(5), octets(b"eth7"), octets(b"to us")]
    columns += [octets(b"core"), octets(b"a switch"), octets(b"\x28"), octets(b"\x20")]
    values = {at(f"{table}.{first + n}", *index): value for n, value in enumerate(columns)}
    if len(index) < 4:
        values[at(f"{table}.2", *index)] = integer(102)
    [said] = serve({"public": SWITCH | of_vendor(vendor) | values}).neighbours()
    assert (said.protocol, said.port, said.chassis) == ("lldp", "Gi0/2", WRITTEN)
    assert (said.remote_port, said.system_name) == ("eth7", "core")
    assert said.capabilities == {"bridge"}


@pytest.mark.parametrize(("kind", "protocol"), [(1, "fdp"), (2, "cdp")])
def test_a_neighbour_of_a_foundry_switch(kind: int, protocol: str, serve: Serve) -> None:
    fdp = "1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1"
    values = {
        at(f"{fdp}.3", 101, 1): octets(b"core"),
        at(f"{fdp}.5", 101, 1): octets(bytes((192, 0, 2, 8))),
        at(f"{fdp}.7", 101, 1): octets(b"ethernet1/7"),
        at(f"{fdp}.9", 101, 1): octets(b"Switch"),
        at(f"{fdp}.10", 101, 1): integer(kind),
    }
    [said] = serve({"public": SWITCH | of_vendor(1991) | values}).neighbours()
    assert (said.protocol, said.port, said.system_name) == (protocol, "Gi0/1", "core")
    assert (said.remote_port, said.addresses) == ("ethernet1/7", ("192.0.2.8",))
    assert said.capabilities == {"bridge"}


def test_a_neighbour_by_cdp(serve: Serve) -> None:
    cdp = "1.3.6.1.4.1.9.9.23.1.2.1.1"
    values = SWITCH | {
        at(f"{cdp}.4", 101, 3): octets(bytes((192, 0, 2, 8))),
        at(f"{cdp}.6", 101, 3): octets(b"core"),
        at(f"{cdp}.7", 101, 3): octets(b"Te1/1"),
        at(f"{cdp}.9", 101, 3): octets(b"\0\0\0\x28"),
    }
    [said] = serve({"public": values}).neighbours()
    assert (said.port, said.system_name, said.remote_port) == ("Gi0/1", "core", "Te1/1")
    assert said.capabilities == {"bridge"}


@pytest.mark.parametrize(
    ("platform", "able"),
    [
        ("cisco AIR-CAP3702I-E-K9", {"bridge", "access-point"}),
        ("cisco C9120AXI-E", {"bridge", "access-point"}),
        ("AIR-CT5508-K9", {"bridge"}),
        ("cisco WS-C2960X-48FPS-L", {"bridge"}),
    ],
)
def test_an_access_point_calls_itself_a_bridge_by_cdp(
    platform: str, able: set[str], serve: Serve
) -> None:
    cdp = "1.3.6.1.4.1.9.9.23.1.2.1.1"
    values = SWITCH | {
        at(f"{cdp}.6", 101, 3): octets(b"corridor"),
        at(f"{cdp}.8", 101, 3): octets(platform.encode()),
        at(f"{cdp}.9", 101, 3): octets(b"\0\0\0\x02"),
    }
    [said] = serve({"public": values}).neighbours()
    assert said.capabilities == able


def test_counters_of_64_bits_go_before_those_of_32(serve: Serve) -> None:
    values = SWITCH | {
        at("1.3.6.1.2.1.2.2.1.10", 101): integer(5, ber.COUNTER),
        at("1.3.6.1.2.1.31.1.1.1.6", 101): integer(1 << 40, ber.COUNTER64),
        at("1.3.6.1.2.1.2.2.1.14", 101): integer(3, ber.COUNTER),
    }
    [counted] = serve({"public": values}).counters()
    assert (counted.octets_in, counted.errors_in, counted.bits) == (1 << 40, 3, 64)


LIES = [
    "1.3.6.1.2.1.2.2.1.3.101|4|six",
    "1.3.6.1.2.1.2.2.1.6.101|2|7",
    "1.3.6.1.2.1.17.1.4.1.2.1|4|101",
    "1.3.6.1.2.1.17.4.3.1.2.1.2|2|1",
    "1.3.6.1.2.1.17.4.3.1.2.999.1.1.1.1.1|2|1",
    "1.3.6.1.2.1.17.4.3.1.2.1.1.1.1.1.1|4|one",
    "1.3.6.1.2.1.17.4.3.1.2.1.1.1.1.1.2|2|-7",
    "1.3.6.1.2.1.17.4.3.1.3.1.1.1.1.1.2|6|1.3.6",
    "1.0.8802.1.1.2.1.4.1.1.5.7|4|x",
    "1.0.8802.1.1.2.1.4.1.1.5.0.9.9|2|5",
    "1.0.8802.1.1.2.1.4.2.1.3.1.2|2|5",
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6.1|4|x",
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6.1.1|2|3",
    "1.3.6.1.2.1.17.4.2.0|4|soon",
    "1.2.840.10006.300.43.1.2.1.1.13.101|2|101",
]


def endless(request: bytes) -> list[bytes]:
    """Answer whatever is asked with forty rows more, for ever."""
    version, community, _, number, *_, asked = parse(request)
    base, last = asked[0][0][:14], asked[0][0][14:15] or (0,)
    rows = [((*base, last[0] + n, 1, 2, 3, 4, 5, 6), integer(7)) for n in range(1, 41)]
    return [respond(version, community, number, rows)]


def test_a_switch_whose_tables_have_no_end_is_left_alone_soon() -> None:
    patience = Patience(timeout=0.5, retries=0, rows=500, seconds=1.0)
    with (
        serving(endless) as port,
        SnmpAgent(SnmpAccess("127.0.0.1", port), patience) as agent,
    ):
        switch = SnmpSwitch(SnmpDevice("sw", agent, lambda: EPOCH), Way("sw", "snmp"))
        with pytest.raises(CannotAsk) as told:
            [*switch.learned()]
    assert "had no end" in told.value.because
    assert any("more than 500 rows" in remark for remark in switch.remarks())


def test_tables_that_an_agent_fails_in_keep_none_of_the_others_from_being_asked() -> None:
    failing = {at(f"1.3.6.1.2.1.2.2.1.{column}", 102) for column in (2, 3, 6, 8)}
    values = SWITCH | {at(f"{BRIDGE}.2", *MAC): integer(2)} | {one: integer(6) for one in failing}
    honest = Recorded({"public": values})

    def fails(request: bytes) -> list[bytes]:
        version, community, tag, number, *_, asked = parse(request)
        said = [oid for oid, _ in parse(honest(request)[0])[-1]]
        if tag == GET_BULK and failing & {*said}:
            return [respond(version, community, number, asked, error=1)]
        if failing & {*said}:
            return [respond(version, community, number, asked, error=5)]
        return honest(request)

    with serving(fails) as port, SnmpAgent(SnmpAccess("127.0.0.1", port), PATIENT) as agent:
        switch = SnmpSwitch(SnmpDevice("sw", agent, lambda: EPOCH), Way("sw", "snmp"))
        assert [row.port for row in switch.learned()] == ["Gi0/2"]
    assert any("rows may be missing" in remark for remark in switch.remarks())
    assert not any("had no end" in remark for remark in switch.remarks())


def test_values_of_the_wrong_type_harm_nobody(serve: Serve) -> None:
    switch = serve({"public": SWITCH | read_snmprec("\n".join(LIES))})
    assert not [*switch.learned()]
    assert [*switch.ports()]
    assert len([*switch.neighbours()]) == 2
    assert any("without an address, or at no port" in remark for remark in switch.remarks())
    assert switch.identity().ageing is None


@pytest.mark.parametrize(
    ("table", "index", "ip"),
    [
        ("1.3.6.1.2.1.4.22.1.2", (7, 192, 0, 2, 9), "192.0.2.9"),
        ("1.3.6.1.2.1.4.35.1.4", (7, 1, 4, 192, 0, 2, 9), "192.0.2.9"),
        ("1.3.6.1.2.1.4.35.1.4", (7, 1, 192, 0, 2, 9), "192.0.2.9"),
        ("1.3.6.1.2.1.4.35.1.4", (7, 2, 16, 0x20, 1, 13, 0xB8, *[0] * 11, 9), "2001:db8::9"),
        ("1.3.6.1.2.1.4.35.1.4", (7, 2, 0x20, 1, 13, 0xB8, *[0] * 11, 9), "2001:db8::9"),
        ("1.3.6.1.2.1.4.35.1.4", (7, 4, 20, 0xFE, 0x80, *[0] * 13, 9, 0, 0, 0, 7), "fe80::9"),
        ("1.3.6.1.2.1.55.1.12.1.2", (7, 0x20, 1, 13, 0xB8, *[0] * 11, 9), "2001:db8::9"),
    ],
)
def test_whom_it_knows_by_arp_and_by_neighbour_discovery(
    table: str, index: Oid, ip: str, serve: Serve
) -> None:
    [row] = serve({"public": SWITCH | {at(table, *index): octets(bytes(MAC))}}).resolved()
    assert (row.ip, row.mac) == (ip, WRITTEN)


def test_who_did_not_answer_and_what_is_no_longer_valid_is_not_known(serve: Serve) -> None:
    arp = "1.3.6.1.2.1.4.22.1"
    values = {
        at(f"{arp}.2", 7, 192, 0, 2, 7): octets(bytes(6)),
        at(f"{arp}.2", 7, 192, 0, 2, 8): octets(bytes(MAC)),
        at(f"{arp}.4", 7, 192, 0, 2, 8): integer(2),
        at(f"{arp}.2", 7, 192, 0, 2, 9): octets(bytes(MAC)),
        at(f"{arp}.4", 7, 192, 0, 2, 9): integer(3),
    }
    assert [row.ip for row in serve({"public": SWITCH | values}).resolved()] == ["192.0.2.9"]


def test_the_oldest_table_is_asked_where_there_is_no_other(serve: Serve) -> None:
    old = {at("1.3.6.1.2.1.3.1.1.2", 7, 1, 192, 0, 2, 8): octets(bytes(MAC))}
    new = {at("1.3.6.1.2.1.4.22.1.2", 7, 192, 0, 2, 9): octets(bytes(MAC))}
    for values, ip in ((old, "192.0.2.8"), (old | new, "192.0.2.9")):
        assert [row.ip for row in serve({"public": SWITCH | values}).resolved()] == [ip]


@pytest.mark.parametrize(
    "text",
    ["0:1b:21:1:2:c8", "001b.2101.02c8", "001B-2101-02C8", "001b210102c8", "00 1B 21 01 02 C8\0"],
)
def test_an_address_that_is_sent_as_text(text: str, serve: Serve) -> None:
    values = {at("1.3.6.1.2.1.4.22.1.2", 7, 192, 0, 2, 9): octets(text.encode())}
    known = [row.mac for row in serve({"public": SWITCH | values}).resolved()]
    assert known == [WRITTEN]


def test_whom_screenos_knows_stands_in_a_table_of_its_own(serve: Serve) -> None:
    table = "1.3.6.1.4.1.3224.17.1.3.1"
    values: Values = {}
    for last, state in ((7, 2), (8, 1), (9, 3)):
        values[at(f"{table}.2", last)] = ber.write(ber.ADDRESS, bytes((192, 0, 2, last)))
        values[at(f"{table}.3", last)] = octets(bytes((*MAC[:5], last)))
        values[at(f"{table}.6", last)] = integer(state)
    rows = [*serve({"public": SWITCH | of_vendor(3224) | values}).resolved()]
    assert [(row.ip, row.mac) for row in rows] == [("192.0.2.7", "00:1b:21:01:02:07")]


@pytest.mark.parametrize(
    "index", [(7,), (7, 1), (7, 2, 16, 32, 1), (7, 9, 4, 192, 0, 2, 9), (7, 1, 4, 192, 0, 2, 999)]
)
def test_an_index_that_is_no_address(index: Oid, serve: Serve) -> None:
    values = SWITCH | {at("1.3.6.1.2.1.4.35.1.4", *index): octets(bytes(MAC))}
    assert not [*serve({"public": values}).resolved()]


def test_who_stands_in_the_old_and_in_the_new_table_is_told_once(serve: Serve) -> None:
    rows = {
        at("1.3.6.1.2.1.4.22.1.2", 7, 192, 0, 2, 9): octets(bytes(MAC)),
        at("1.3.6.1.2.1.4.35.1.4", 7, 1, 4, 192, 0, 2, 9): octets(bytes(MAC)),
    }
    assert len([*serve({"public": SWITCH | rows}).resolved()]) == 1
