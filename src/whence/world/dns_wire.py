"""Reverse questions as multicast DNS and LLMNR put them, and their answers: RFC 1035 4.

Pure: bytes in, values out. An answer may come from anybody, so every length, and every jump of a
compressed name, is checked.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator

PTR, IN = 12, 1
UNICAST_REPLY = 0x8000  # the top bit of a question's class, RFC 6762 5.4
RESPONSE, CUT, RESULT = 0x8000, 0x0200, 0x000F  # QR, TC and RCODE of the flags
MOST_RECORDS = 64
LONGEST_NAME = 255  # bytes on the wire, RFC 1035 3.1
MOST_JUMPS = 16
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")  # type, class, time to live, length


def reverse_question(address: str, identifier: int, *, unicast_reply: bool = False) -> bytes:
    """Ask what an address is called, RFC 1035 3.5 and RFC 3596 2.5."""
    name = ipaddress.ip_address(address).reverse_pointer
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    kind = struct.pack("!HH", PTR, IN | (UNICAST_REPLY if unicast_reply else 0))
    return _HEADER.pack(identifier, 0, 1, 0, 0, 0) + labels + b"\0" + kind


def pointed_names(message: bytes, address: str, identifiers: tuple[int, ...]) -> list[str]:
    """Give the names that an answer has for an address, each once.

    Raises
    ------
    ValueError
        If it is no answer to one of our questions, or its parts do not fit together.

    """
    if len(message) < _HEADER.size:
        raise ValueError("it is shorter than a header")
    identifier, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    if identifier not in identifiers or not flags & RESPONSE:
        raise ValueError("it answers no question of ours")
    if flags & RESULT:
        return []
    asked = ipaddress.ip_address(address).reverse_pointer
    found: dict[str, None] = {}
    for owner, kind, start in _records(message, questions, answers):
        if kind == PTR and owner.lower() == asked:
            found[_name(message, start)[0]] = None
    return [name for name in found if name]


def _records(message: bytes, questions: int, answers: int) -> Iterator[tuple[str, int, int]]:
    """Yield the owner, the type and where its data begin, of each answer."""
    at = _HEADER.size
    for _ in range(_count(questions)):
        at = _name(message, at)[1] + 4
    for _ in range(_count(answers)):
        owner, at = _name(message, at)
        if at + _RECORD.size > len(message):
            raise ValueError("a record ends too early")
        kind, _, _, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        if at + length > len(message):
            raise ValueError("a record is longer than the message")
        yield owner, kind, at
        at += length


def _count(number: int) -> int:
    if number > MOST_RECORDS:
        raise ValueError(f"it has more than {MOST_RECORDS} records")
    return number


def _name(message: bytes, at: int) -> tuple[str, int]:
    """Read a name, and say where what follows it begins; a dot within a label is escaped."""
    labels: list[str] = []
    size, jumps, end = 0, 0, None
    while True:
        if at >= len(message):
            raise ValueError("a name ends too early")
        length = message[at]
        if length >= 0xC0:  # a pointer, RFC 1035 4.1.4
            if at + 1 >= len(message) or jumps >= MOST_JUMPS:
                raise ValueError("the pointers of a name do not end")
            end = at + 2 if end is None else end
            at, jumps = (length & 0x3F) << 8 | message[at + 1], jumps + 1
            continue
        if length > 63:
            raise ValueError("a label has a length that nothing has")
        size += length + 1
        if size > LONGEST_NAME or at + 1 + length > len(message):
            raise ValueError("a name is too long")
        if not length:
            return ".".join(labels), at + 1 if end is None else end
        label = message[at + 1 : at + 1 + length].decode("utf-8", "replace")
        labels.append(label.replace(".", "\\."))
        at += 1 + length
