import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.mac_addresses import LOCAL, canonical_mac, mac_kind


@pytest.mark.parametrize(
    ("mac", "words"),
    [
        ("00:00:5e:00:01:0a", "a virtual router's address (VRRP or CARP, group 10): it moves"),
        ("00:00:5e:00:02:01", "a virtual router's address (VRRP for IPv6, group 1): it moves"),
        ("00:00:0c:07:ac:05", "a virtual router's address (HSRP, group 5): it moves"),
        ("00:00:0c:9f:f1:2c", "a virtual router's address (HSRP version 2, group 300): it moves"),
        ("00:07:b4:00:01:02", "a virtual router's address (GLBP, group 1): it moves"),
        ("00:07:b4:03:ff:02", "a virtual router's address (GLBP, group 1023): it moves"),
        ("00:09:0f:09:00:01", "the address of Fortinet's cluster: it moves"),
        ("00:1b:17:00:01:10", "the address of Palo Alto's cluster: it moves"),
        ("44:38:39:ff:00:01", "the address of a pair of Cumulus switches: it moves"),
        ("02:bf:c0:00:02:05", "the address of Microsoft's network load balancing: it moves"),
    ],
)
def test_an_address_of_a_virtual_router_moves(mac: str, words: str) -> None:
    assert mac_kind(mac).words == words
    assert mac_kind(mac).moves
    assert not mac_kind(mac).has_maker


@pytest.mark.parametrize(
    ("mac", "who"),
    [
        ("00:50:56:01:02:03", "VMware"),
        ("08:00:27:01:02:03", "VirtualBox"),
        ("00:15:5d:01:02:03", "Hyper-V"),
        ("52:54:00:01:02:03", "KVM or QEMU"),
        ("00:16:3e:01:02:03", "Xen or LXC"),
        ("bc:24:11:01:02:03", "Proxmox"),
        ("02:42:ac:11:00:02", "Docker"),
    ],
)
def test_a_virtual_machine_is_known_by_its_address(mac: str, who: str) -> None:
    assert mac_kind(mac).virtual == who
    assert who in mac_kind(mac).words


def test_a_randomised_address_has_no_maker() -> None:
    kind = mac_kind("da:a1:19:01:02:03")
    assert (kind.words, kind.has_maker) == (LOCAL, False)


def test_a_card_of_a_maker_says_nothing_but_who_made_it() -> None:
    assert mac_kind("00:14:22:01:02:03").words == ""
    assert mac_kind("00:14:22:01:02:03").has_maker


@pytest.mark.parametrize("mac", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01"])
def test_a_group_is_no_machine(mac: str) -> None:
    assert mac_kind(mac).is_group


@pytest.mark.parametrize(
    "written",
    [
        "00-14-22-01-23-45",
        "0014.2201.2345",
        "001422012345",
        "0:14:22:1:23:45",
        "0014-2201-2345",
        "0014:2201:2345",
        "001422-012345",
        "00 14 22 01 23 45",
        " 00:14:22:01:23:45",
    ],
)
def test_addresses_are_written_in_many_ways(written: str) -> None:
    assert canonical_mac(written) == "00:14:22:01:23:45"


@pytest.mark.parametrize(
    "text", ["", "10.0.0.7", "00:14:22:01:23", "00142201234g", "0014.22012345"]
)
def test_what_is_no_mac_address(text: str) -> None:
    assert canonical_mac(text) is None


@given(st.text(max_size=30))
def test_any_text_has_a_kind_and_perhaps_an_address(text: str) -> None:
    mac_kind(text)
    found = canonical_mac(text)
    assert found is None or canonical_mac(found) == found
