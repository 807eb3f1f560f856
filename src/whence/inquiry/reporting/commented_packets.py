"""A capture with the process of each packet in its comment, by the sightings of a case. Pure.

Blocks stay as they are (draft-ietf-opsawg-pcapng), but for the comment. Keys of TLS, which a
capture may hold, are left out: a report has no secrets.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from whence.inquiry.packet_comments import told
from whence.inquiry.reporting.report import Report
from whence.model import BadInput
from whence.model.plural import many
from whence.sensors.capture_makers import Maker, Makers
from whence.sensors.capture_packets import ends, ends_of
from whence.world.packet_ring import Packet

SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10
COMMENT, TIME_UNIT, TIME_OFFSET = 1, 9, 14  # options
LONGEST = 0xFFFC  # bytes of an option
_IP4, _IP6 = b"\x08\x00", b"\x86\xdd"
_NOTHING = Packet(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b"", 0, 0, 0, 0, b"", b"")
# Where the network layer begins, and where its type stands: LINKTYPE_ of the IANA's registry.
_LINKS = {1: (14, 12), 113: (16, 14), 276: (20, 0)}
_RAW = (101, 228, 229)
_FAMILIES = {0: 4, 108: 4}  # BSD loopback: four bytes, then IP


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    units: int  # of time in a second
    offset: int  # seconds


@dataclass(slots=True)
class _Section:
    order: str = "<"
    interfaces: list[_Interface] = field(default_factory=list)


def commented(capture: bytes, report: Report) -> bytes:
    """Give the capture with comments.

    Raises
    ------
    BadInput
        If no packet of it belongs to traffic whose process the case knows, or it is damaged.

    """
    makers = Makers()
    for seen in report.sightings:
        words, both = told(seen), ends_of(seen.flow)
        if words and both:
            texts = [f"{text}\nCase: {report.case}" for text in (words.comment, words.earlier)]
            raw = [text.encode("utf-8", "replace")[:LONGEST] for text in texts]
            makers.add(both, Maker(words.since, *raw))
    section, count = _Section(), 0
    parts: list[bytes] = []
    for kind, block in _blocks(capture, section):
        if kind == SECRETS:
            continue
        if kind == INTERFACE:
            section.interfaces.append(_interface(block, section.order))
        if kind == PACKET and (comment := _comment(block, section, makers)):
            block = _with_comment(block, comment, section.order)
            count += 1
        parts.append(block)
    if not count:
        raise BadInput(
            "no packet of this capture belongs to a connection whose process the case knows",
            because=f"the case has {many(len(report.sightings), 'sighting')}",
            try_="give the capture of the same machine and time",
        )
    return b"".join(parts)


def _blocks(capture: bytes, section: _Section) -> Iterator[tuple[int, bytes]]:
    """Yield the blocks that are whole; what follows the first that is not is left out."""
    at = 0
    while at + 12 <= len(capture):
        if capture[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            section.order = "<" if capture[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            section.interfaces = []
        kind, length = struct.unpack_from(f"{section.order}II", capture, at)
        if length < 12 or length % 4 or at + length > len(capture):
            return
        yield kind, capture[at : at + length]
        at += length


def _interface(block: bytes, order: str) -> _Interface:
    if len(block) < 20:
        return _Interface(-1, 1_000_000, 0)
    (link,) = struct.unpack_from(f"{order}H", block, 8)
    found = _Interface(link, 1_000_000, 0)
    for code, value in _options(block[16:-4], order):
        if code == TIME_UNIT and value:
            power = value[0] & 0x7F
            units = 2**power if value[0] & 0x80 else 10 ** min(power, 30)
            found = replace(found, units=units)
        if code == TIME_OFFSET and len(value) == 8:
            (offset,) = struct.unpack(f"{order}q", value)
            found = replace(found, offset=offset)
    return found


def _options(raw: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(raw):
        code, length = struct.unpack_from(f"{order}HH", raw, at)
        if code == 0 or at + 4 + length > len(raw):
            return
        yield code, raw[at + 4 : at + 4 + length]
        at += 4 + length + (-length % 4)


def _comment(block: bytes, section: _Section, makers: Makers) -> bytes:
    """Say who made the packet of a block; nothing if nobody knows."""
    if len(block) < 32:
        return b""
    number, high, low, kept = struct.unpack_from(f"{section.order}IIII", block, 8)
    if number >= len(section.interfaces) or 28 + kept > len(block) - 4:
        return b""
    interface = section.interfaces[number]
    time = ((high << 32 | low) * 1_000_000_000) // interface.units
    packet = _packet(block[28 : 28 + kept], interface.link)
    if packet is None:
        return b""
    seconds, nanoseconds = divmod(time + interface.offset * 1_000_000_000, 1_000_000_000)
    direction = ends(packet)
    dated = packet._replace(seconds=seconds, nanoseconds=nanoseconds)
    return (direction and makers.comment(direction, dated)) or b""


def _packet(data: bytes, link: int) -> Packet | None:
    """Say where the network layer of a packet begins, and what it is."""
    if link in _LINKS:
        begin, kind = _LINKS[link]
        protocol = data[kind : kind + 2]
    elif link in _RAW or link in _FAMILIES:
        begin = _FAMILIES.get(link, 0)
        version = data[begin] >> 4 if len(data) > begin else 0
        protocol = {4: _IP4, 6: _IP6}.get(version, b"")
    else:
        return None
    if len(protocol) != 2 or len(data) <= begin:
        return None
    return _NOTHING._replace(data=data, network_begin=begin, protocol_bytes=protocol)


def _with_comment(block: bytes, comment: bytes, order: str) -> bytes:
    """Put a comment before the other options of a packet's block."""
    (kept,) = struct.unpack_from(f"{order}I", block, 20)
    options = 28 + kept + (-kept % 4)
    rest = block[options:-4]
    added = struct.pack(f"{order}HH", COMMENT, len(comment)) + comment + b"\0" * (-len(comment) % 4)
    body = block[8:options] + added + (rest or b"\0\0\0\0")
    kind, total = struct.pack(f"{order}I", PACKET), struct.pack(f"{order}I", 12 + len(body))
    return kind + total + body + total
