"""What a MAC address says of itself, before anybody looks up who made the card."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

BROADCAST = "ff:ff:ff:ff:ff:ff"
NOBODY = "00:00:00:00:00:00"

_OF_SIX = re.compile(
    "[0-9a-f]{1,2}(?:([:-])[0-9a-f]{1,2})(?:\\1[0-9a-f]{1,2}){4}|[0-9a-f]{2}(?: [0-9a-f]{2}){5}"
)
_OF_FEWER = re.compile("[0-9a-f]{4}([.:-])[0-9a-f]{4}\\1[0-9a-f]{4}|[0-9a-f]{6}[:-]?[0-9a-f]{6}")
_WRITTEN = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")  # as observables have it

# Addresses that several machines have by right: they stand in for each other, and it moves.
# VRRP and CARP (RFC 9568), HSRP versions 1 and 2 (RFC 2281, Cisco), GLBP with its 1024 groups,
# Microsoft's load balancing (02-bf, 03-bf; 01-00-5e for IGMP is multicast), and clusters: of Check
# Point, Juniper, Fortinet (FGCP) and Palo Alto; Cumulus keeps a range for pairs of switches.
_MOVING = (
    (re.compile(r"00:00:5e:00:01:(?P<group>..)"), "VRRP or CARP"),
    (re.compile(r"00:00:5e:00:02:(?P<group>..)"), "VRRP for IPv6"),
    (re.compile(r"00:00:0c:07:ac:(?P<group>..)"), "HSRP"),
    (re.compile(r"00:00:0c:9f:f(?P<group>.:..)"), "HSRP version 2"),
    (re.compile(r"00:05:73:a0:0(?P<group>.:..)"), "HSRP for IPv6"),
    (re.compile(r"00:07:b4:0(?P<group>[0-3]:..):.."), "GLBP"),
)
_CLUSTERS = (
    (re.compile(r"0[123]:bf:.*"), "Microsoft's network load balancing"),
    (re.compile(r"00:1c:7f:00:.*"), "Check Point's cluster"),
    (re.compile(r"00:10:db:ff:.*"), "Juniper's cluster"),
    (re.compile(r"00:09:0f:09:.*"), "Fortinet's cluster"),
    (re.compile(r"00:1b:17:00:.*"), "Palo Alto's cluster"),
    (re.compile(r"44:38:39:ff:.*"), "a pair of Cumulus switches"),
)

# Who gives virtual machines their addresses, by the prefix that it takes unless told otherwise.
_VIRTUAL = (
    (("00:50:56", "00:0c:29", "00:05:69", "00:1c:14"), "VMware"),
    (("08:00:27", "0a:00:27"), "VirtualBox"),
    (("00:15:5d",), "Hyper-V"),
    (("52:54:00",), "KVM or QEMU"),
    (("00:16:3e",), "Xen or LXC"),
    (("bc:24:11",), "Proxmox"),
    (("00:1c:42",), "Parallels"),
    (("50:6b:8d",), "Nutanix"),
    (("58:9c:fc",), "bhyve"),
    (("56:6f:1a", "00:1a:4a"), "oVirt"),
    (("42:01:",), "Google's cloud"),
)
_DOCKER = "02:42:"
_RESERVED = "01:80:c2"  # IEEE 802.1D: what no bridge passes on

LOCAL = "locally administered: randomised or set by hand, its maker is meaningless"


@dataclass(frozen=True, slots=True)
class MacKind:
    """What kind of address it is, in words; empty where it is a card's own."""

    words: str = ""
    moves: bool = False  # several machines have it by right
    is_group: bool = False  # multicast or broadcast: nobody's own
    has_maker: bool = True  # the registry's word for it means something
    virtual: str = ""  # whose virtual machines have such addresses


def is_group(mac: str) -> bool:
    """Say whether an address, as observables have it, is of many: the I/G bit of IEEE 802."""
    return bool(int(mac[:2], 16) & 1)


def mac_kind(mac: str) -> MacKind:
    """Say what kind of address it is; nothing of a text that is none."""
    if not _WRITTEN.fullmatch(mac):
        return MacKind()
    if mac == BROADCAST:
        return MacKind("broadcast: everybody on the link", is_group=True, has_maker=False)
    if mac == NOBODY:
        return MacKind("no address at all", has_maker=False)
    if moving := _moving(mac):
        return MacKind(moving, moves=True, has_maker=False)
    if is_group(mac):
        return MacKind(_group(mac), is_group=True, has_maker=False)
    if mac.startswith(_DOCKER):
        return MacKind("a container's, as Docker gives them out", has_maker=False, virtual="Docker")
    virtual = next((who for starts, who in _VIRTUAL if mac.startswith(starts)), "")
    words = f"a virtual machine's, as {virtual} gives them out" if virtual else ""
    if int(mac[:2], 16) & 2:  # the U/L bit, IEEE 802
        return MacKind(words or LOCAL, has_maker=False, virtual=virtual)
    return MacKind(words, virtual=virtual)


def _moving(mac: str) -> str:
    for pattern, protocol in _MOVING:
        if found := pattern.fullmatch(mac):
            group = int(found["group"].replace(":", ""), 16)
            return f"a virtual router's address ({protocol}, group {group}): it moves"
    who = next((who for pattern, who in _CLUSTERS if pattern.fullmatch(mac)), "")
    return f"the address of {who}: it moves" if who else ""


def _group(mac: str) -> str:
    if mac.startswith(("01:00:5e:", "33:33:")):
        return f"multicast, IPv{'4' if mac[0] == '0' else '6'}: a group's and no machine's"
    if mac.startswith(_RESERVED):
        return "multicast of the link itself (spanning tree, LLDP and their kin)"
    return "multicast: a group's and no machine's"


def canonical_mac(text: str) -> str | None:
    """Write a MAC address as lower case with colons; None where it is none.

    Takes what people and files write: 00-14-22-01-23-45, 0014.2201.2345 (Cisco), 0014-2201-2345
    (Huawei, Comware), 001422-012345 (ProCurve), 001422012345, 0:14:22:1:23:45 (Solaris, BSD).
    """
    text = text.strip().lower()
    if _OF_SIX.fullmatch(text):
        return ":".join(part.zfill(2) for part in re.split("[: -]", text))
    if _OF_FEWER.fullmatch(text):
        digits = re.sub("[.:-]", "", text)
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    return None


def card_of_address(address: str) -> str:
    """Give the card that an IPv6 address is made from (RFC 4291, appendix A); empty: none.

    The interface identifier has ff:fe in its middle, and its U/L bit is the card's, turned over.
    """
    if ":" not in address:
        return ""
    octets = ipaddress.IPv6Address(address).packed[8:]
    card = bytes((octets[0] ^ 2, *octets[1:3], *octets[5:])).hex(":")
    is_one = octets[3:5] == b"\xff\xfe" and not is_group(card) and card != NOBODY
    return card if is_one else ""
