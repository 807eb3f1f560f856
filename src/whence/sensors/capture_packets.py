"""What a captured packet becomes in a file: its link layer, its direction, its ends. Pure."""

from __future__ import annotations

import ipaddress
import struct

from whence.model import Flow
from whence.world import pcapng
from whence.world.packet_filter import PROTOCOLS
from whence.world.packet_ring import VLAN_VALID, Packet

LINK_TYPES = {  # ARPHRD_ of linux/if_arp.h; the others have no header that pcapng has a name for
    1: pcapng.ETHERNET,
    772: pcapng.ETHERNET,  # loopback
    801: pcapng.IEEE802_11,
    803: pcapng.RADIOTAP,
    519: pcapng.RAW,
    65534: pcapng.RAW,  # tun, WireGuard
    512: pcapng.RAW,  # PPP
    768: pcapng.RAW,  # IP in IP
    769: pcapng.RAW,
    776: pcapng.RAW,  # 6in4
}
_TAG = struct.Struct("!HH")
IPV4, IPV6, VLAN, QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8
WITH_PORTS = frozenset((6, 17, 33, 132, 136))
SENT = 4
# sll_pkttype to epb_flags: inbound or outbound; unicast, multicast, broadcast, to others
_FLAGS = {0: 0b00101, 1: 0b01101, 2: 0b01001, 3: 0b10001, SENT: 0b00010}


def cooked(packet: Packet) -> bytes:
    """Write it with the header of LINKTYPE_LINUX_SLL2."""
    protocol, rest = packet.protocol_bytes, packet.data
    if packet.status & VLAN_VALID:
        rest = _TAG.pack(packet.vlan & 0xFFFF, packet.protocol) + rest
        protocol = packet.vlan_type.to_bytes(2, "big")
    header = pcapng.COOKED_HEADER.pack(
        protocol,
        packet.interface,
        packet.hardware,
        packet.direction,
        packet.sender_length,
        packet.sender,
    )
    return header + rest


def whole(packet: Packet) -> bytes:
    """Write it as it is on the wire."""
    if not packet.status & VLAN_VALID or packet.network < 14:
        return packet.data[packet.network :] if _has_no_header(packet) else packet.data
    tag = _TAG.pack(packet.vlan_type, packet.vlan & 0xFFFF)
    return packet.data[:12] + tag + packet.data[12:]


def _has_no_header(packet: Packet) -> bool:
    return LINK_TYPES.get(packet.hardware) == pcapng.RAW


def flags(packet: Packet) -> int:
    """Give its epb_flags."""
    return _FLAGS.get(packet.direction, 0)


def ends(packet: Packet) -> bytes:
    """Give what all packets of one direction of a flow have in common; nothing if it is not IP."""
    data, at = packet.data, packet.network_begin - packet.begin
    protocol = packet.protocol_bytes[0] << 8 | packet.protocol_bytes[1]
    while protocol in (VLAN, QINQ) and at + 4 <= len(data):
        protocol = data[at + 2] << 8 | data[at + 3]
        at += 4
    if protocol == IPV4 and at + 20 <= len(data):
        transport = data[at + 9]
        begin = at + ((data[at] & 15) << 2)
        ports = data[begin : begin + 4] if transport in WITH_PORTS else b""
        if data[at + 6] & 0x1F or data[at + 7]:
            ports = b""  # a later fragment
        return bytes((transport,)) + data[at + 12 : at + 20] + ports
    if protocol == IPV6 and at + 40 <= len(data):
        transport = data[at + 6]
        ports = data[at + 40 : at + 44] if transport in WITH_PORTS else b""
        return bytes((transport,)) + data[at + 8 : at + 40] + ports
    return b""


def ends_of(flow: Flow) -> tuple[bytes, bytes] | None:
    """Give ``ends`` of both directions of a flow; None if it does not state both ends."""
    if flow.source is None or flow.destination is None or flow.transport is None:
        return None
    one, other = (ipaddress.ip_address(end).packed for end in (flow.source, flow.destination))
    if len(one) != len(other):
        return None
    number = PROTOCOLS.get(flow.transport)
    transport = bytes((int(flow.transport) if number is None else number,))
    if transport[0] not in WITH_PORTS:
        return transport + one + other, transport + other + one
    if flow.source_port is None or flow.destination_port is None:
        return None
    ports = [struct.pack("!H", port) for port in (flow.source_port, flow.destination_port)]
    return (
        transport + one + other + ports[0] + ports[1],
        transport + other + one + ports[1] + ports[0],
    )
