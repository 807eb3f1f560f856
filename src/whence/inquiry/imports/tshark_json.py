"""Packets of tshark -T json, -T ek and Wireshark's export as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._json_objects import LONGEST, Object, first_objects, objects, within
from whence.inquiry.imports._tshark_packet import (
    REPLY,
    Packet,
    decode,
    lookup,
    pairing,
    traffic,
    when,
)
from whence.inquiry.imports.tcpdump import OTHERS
from whence.model.reported import Row

UNTIMED = "packets without a time (tshark -e frame.time_epoch)"


def _looks_like(head: Head) -> float:
    return 0.97 if any(_layers(told) is not None for told in first_objects(head, decode)) else 0.0


@kind(_looks_like, longest=LONGEST)
def tshark_json(lines: Lines, given: Given) -> Iterator[Row]:
    """Packets, by tshark -T json, -T ek or -T jsonraw, and by Wireshark's export as JSON.

    Also with -e, where frame.time_epoch, the addresses, ip.proto and the ports are among the
    fields. Of a tunnel, the outer packet is told. ARP replies say which MAC address has an IP
    address, and answers of the DNS which name has it.
    """
    for line, text, told in objects(lines, decode):
        layers = _layers(told)
        if layers is None:
            if "index" in told:
                lines.part()  # -T ek: where it is to be put
            else:
                lines.strange(line, text)
            continue
        packet = Packet(layers)
        at = when(packet)
        if at is None:
            lines.leave_out(UNTIMED)
        elif row := traffic(line, at, packet):
            if answer := lookup(line, at, packet, row):
                lines.several(2)
                yield answer
            yield row
        elif packet.field("arp.opcode") == REPLY and (answers := pairing(line, at, packet)):
            yield answers
        else:
            lines.leave_out(OTHERS)


def _layers(told: Object) -> Object | None:
    layers = within(told, "_source").get("layers", told.get("layers"))
    is_packet = "_source" in told or "timestamp" in told
    return layers if is_packet and isinstance(layers, dict) else None
