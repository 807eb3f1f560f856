"""Writes pcapng, block by block (draft-ietf-opsawg-pcapng). Pure.

Little endian; times in nanoseconds. Process comments are laid out as ptcpdump's, so that it reads
them back; Wireshark shows any.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache

Option = tuple[int, bytes]

ETHERNET, RAW, IEEE802_11, RADIOTAP, COOKED = 1, 101, 105, 127, 276  # LINKTYPE_, the last is SLL2
COMMENT = 1
_HARDWARE, _SYSTEM, _APPLICATION = 2, 3, 4  # options of a section
_NAME, _TIME_UNIT, _FILTER = 2, 9, 11  # options of an interface
_FLAGS = 2  # of a packet
_BEGAN, _ENDED, _RECEIVED, _DROPPED, _DELIVERED = 2, 3, 4, 7, 8  # of statistics
NANOSECONDS = 9
INBOUND, OUTBOUND = 1, 2
COOKED_HEADER = struct.Struct("!2s2xIHBB8s")  # sll2_protocol_type and on, LINKTYPE_LINUX_SLL2
LONGEST = 0xFFFC  # bytes of an option: its length has 16 bits

_PACKET = struct.Struct("<IIIIIII")
_END = struct.Struct("<I")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")  # by the length modulo 4


def section(application: str, system: str, comments: Iterable[str] = ()) -> bytes:
    """Begin a file."""
    options: list[Option] = [(COMMENT, text.encode()) for text in comments]
    options += [(_SYSTEM, system.encode()), (_APPLICATION, application.encode())]
    return _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _options(options))


def interface(link_type: int, largest: int, name: str, which: str, description: str = "") -> bytes:
    """Describe an interface; ``which`` is the filter in the words of pcap-filter(7)."""
    options: list[Option] = [(_NAME, name.encode()), (_TIME_UNIT, bytes([NANOSECONDS]))]
    if description:
        options.append((3, description.encode()))
    if which:
        options.append((_FILTER, b"\0" + which.encode()[: LONGEST - 1]))  # 0: it is text
    return _block(1, struct.pack("<HHI", link_type, 0, largest) + _options(options))


def packet(
    interface: int, time: int, data: bytes, length: int, flags: int, comment: bytes = b""
) -> bytes:
    """Write a packet; ``comment`` is what ``comment_option`` made, or nothing."""
    kept = len(data)
    padding = _PADDING[kept & 3]
    options = comment + _flags(flags, bool(comment))
    total = 32 + kept + len(padding) + len(options)
    head = _PACKET.pack(6, total, interface, time >> 32, time & 0xFFFFFFFF, kept, length)
    return head + data + padding + options + _END.pack(total)


@cache
def _flags(flags: int, follows: bool) -> bytes:
    """Write a packet's flags as its last option; nothing where it has no options."""
    option = struct.pack("<HHI", _FLAGS, 4, flags) if flags else b""
    return option + b"\0\0\0\0" if option or follows else b""


def comment_option(text: str) -> bytes:
    """Write a comment, for ``packet``; cut off where it is too long for an option."""
    return _option(COMMENT, text.encode("utf-8", "replace")[:LONGEST])


def statistics(
    interface: int,
    times: tuple[int, int],
    delivered: int,
    received: int | None = None,
    dropped: int | None = None,
    comments: Iterable[str] = (),
) -> bytes:
    """Say what was seen and lost from one time to another, ns since 1970."""
    began, ended = times
    options: list[Option] = [(COMMENT, text.encode()[:LONGEST]) for text in comments]
    options += [(_BEGAN, _time(began)), (_ENDED, _time(ended))]
    for code, number in ((_RECEIVED, received), (_DROPPED, dropped), (_DELIVERED, delivered)):
        if number is not None:
            options.append((code, struct.pack("<Q", number)))
    return _block(5, struct.pack("<I", interface) + _time(ended) + _options(options))


def _time(nanoseconds: int) -> bytes:
    return struct.pack("<II", nanoseconds >> 32, nanoseconds & 0xFFFFFFFF)


def _options(options: Iterable[Option]) -> bytes:
    return b"".join(_option(code, value) for code, value in options) + b"\0\0\0\0"


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + b"\0\0\0"[: -len(value) & 3]


def _block(kind: int, body: bytes) -> bytes:
    total = 12 + len(body)
    return struct.pack("<II", kind, total) + body + _END.pack(total)
