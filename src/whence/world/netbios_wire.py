"""The node status of NetBIOS: what a Windows machine, or Samba, calls itself. RFC 1002 4.2.17, 18.

Pure: bytes in, values out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

NODE_STATUS, IN = 0x21, 1
RESPONSE, RESULT = 0x8000, 0x000F
GROUP, CONFLICT, ACTIVE = 0x8000, 0x0800, 0x0400  # NAME_FLAGS
ANYBODY = b"\x20" + b"CK" + b"A" * 30 + b"\0"  # “*” and 15 zeros, first-level encoded: RFC 1001 14
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_NAME = struct.Struct("!15sBH")

# The sixteenth byte of a name says what it is a name of, as Microsoft uses it
# (MS-NBTE 1.3, KB163409): (suffix, is a group) → what.
MEANINGS = {
    (0x00, False): "the computer",
    (0x00, True): "its workgroup or domain",
    (0x01, False): "the messenger service",
    (0x01, True): "a master browser",
    (0x03, False): "the messenger: the computer or who is logged on",
    (0x06, False): "a remote access server",
    (0x1B, False): "the domain's master browser",
    (0x1C, True): "a domain's controllers",
    (0x1D, False): "the master browser of the link",
    (0x1E, True): "browser elections",
    (0x1F, False): "a NetDDE service",
    (0x20, False): "a file server",
    (0x21, False): "a remote access client",
    (0xBE, False): "a network monitor agent",
    (0xBF, False): "a network monitor",
}


@dataclass(frozen=True, slots=True)
class NetbiosName:
    """One of the names of a machine."""

    name: str
    suffix: int
    group: bool  # several machines have it
    active: bool
    conflict: bool  # somebody else has it, too

    @property
    def meaning(self) -> str:
        """What it is a name of; empty where that is not known."""
        return MEANINGS.get((self.suffix, self.group), "")


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """All names of a machine, and the MAC address it says it has."""

    names: tuple[NetbiosName, ...]
    mac: str  # empty where it says none; Samba says zeros


def node_status_question(identifier: int) -> bytes:
    """Ask a machine for all of its names."""
    return _HEADER.pack(identifier, 0, 1, 0, 0, 0) + ANYBODY + struct.pack("!2H", NODE_STATUS, IN)


def node_status(message: bytes, identifier: int) -> NodeStatus:
    """Read the answer.

    Raises
    ------
    ValueError
        If it is no answer to our question, or its parts do not fit together.

    """
    if len(message) < _HEADER.size:
        raise ValueError("it is shorter than a header")
    answered, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    if answered != identifier or not flags & RESPONSE or flags & RESULT or questions > 1:
        raise ValueError("it answers no question of ours")
    at = _HEADER.size
    for _ in range(questions):
        at = _after_name(message, at) + 4
    at = _after_name(message, at)
    if not answers or at + _RECORD.size > len(message):
        raise ValueError("there is no answer in it")
    kind, _, _, length = _RECORD.unpack_from(message, at)
    at += _RECORD.size
    if kind != NODE_STATUS or not length or at + length > len(message):
        raise ValueError("there is no node status in it")
    return _status(message[at : at + length])


def _status(data: bytes) -> NodeStatus:
    count, end = data[0], 1 + data[0] * _NAME.size
    if end > len(data):
        raise ValueError("there are fewer names in it than it says")
    names = tuple(
        NetbiosName(
            raw.decode("cp437", "replace").rstrip(" \0"),
            suffix,
            bool(flags & GROUP),
            bool(flags & ACTIVE),
            bool(flags & CONFLICT),
        )
        for raw, suffix, flags in _NAME.iter_unpack(data[1 : 1 + count * _NAME.size])
    )
    mac = data[end : end + 6]
    return NodeStatus(names, mac.hex(":") if len(mac) == 6 and any(mac) else "")


def _after_name(message: bytes, at: int) -> int:
    """Say where what follows a name begins."""
    while at < len(message):
        length = message[at]
        if length >= 0xC0:
            return at + 2
        if not length:
            return at + 1
        at += 1 + length
    raise ValueError("a name ends too early")
