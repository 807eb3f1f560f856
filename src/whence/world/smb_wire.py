"""How an SMB server greets: its names, its domain, its system; nobody logs in.

MS-SMB2 (negotiate, session setup) and MS-NLMP (the challenge). Pure: bytes in, values out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LARGEST = 64 << 10  # bytes of a reply; a greeting takes less than one thousand
NEGOTIATE, SESSION_SETUP = 0, 1
MORE_PROCESSING = 0xC0000016  # STATUS_MORE_PROCESSING_REQUIRED: the challenge is in it
SMB2 = b"\xfeSMB"
SIGNATURE = b"NTLMSSP\0"
CHALLENGE = 2
_HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")
_FIELDS = struct.Struct("<8sI HHI I 8s 8s HHI")  # CHALLENGE_MESSAGE up to its version
_VERSION = struct.Struct("<BBH3xB")
# Unicode, the target's name, NTLM, sign always, extended security, its names, version, 128 bits
_FLAGS = 0x00000001 | 0x00000004 | 0x200 | 0x8000 | 0x80000 | 0x2000000 | 0x20000000
_HAS_VERSION = 0x02000000
_1601 = datetime(1601, 1, 1, tzinfo=UTC)
_TEXTS = {
    1: "computer",  # MsvAvNbComputerName
    2: "domain",  # MsvAvNbDomainName
    3: "dns_computer",  # MsvAvDnsComputerName
    4: "dns_domain",  # MsvAvDnsDomainName
    5: "forest",  # MsvAvDnsTreeName
}
_TIMESTAMP = 7  # MsvAvTimestamp
MOST_PAIRS = 32
LONGEST = 255  # characters of a name


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server says of itself in its challenge; empty: it does not say."""

    computer: str = ""
    domain: str = ""
    dns_computer: str = ""
    dns_domain: str = ""
    forest: str = ""
    system: str = ""  # major.minor.build: Windows' own; Samba says 6.1.0
    clock: str = ""  # ISO 8601


def framed(message: bytes) -> bytes:
    """Put the length before a message, MS-SMB2 2.1."""
    return struct.pack("!I", len(message)) + message


def frame_length(head: bytes) -> int:
    """Read the length before a reply.

    Raises
    ------
    ValueError
        If nobody would send so much.

    """
    length = int.from_bytes(head[:4], "big")
    if head[:1] != b"\0" or length > LARGEST:
        raise ValueError("it is no greeting of SMB")
    return length


def negotiate() -> bytes:
    """Ask which dialect the server speaks, MS-SMB2 2.2.3: we know 2.0.2 and 2.1."""
    body = struct.pack("<HHHHI16sQ", 36, 2, 1, 0, 0, bytes(16), 0)
    return _header(NEGOTIATE, 0) + body + struct.pack("<HH", 0x202, 0x210)


def session_setup() -> bytes:
    """Ask for a challenge, MS-SMB2 2.2.5; what would answer it is never sent."""
    token = _spnego(SIGNATURE + struct.pack("<II16s8s", 1, _FLAGS, bytes(16), bytes(8)))
    body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, _HEADER.size + 24, len(token), 0)
    return _header(SESSION_SETUP, 1) + body + token


def is_negotiated(message: bytes) -> bool:
    """Say whether a server speaks SMB 2."""
    return message[:4] == SMB2 and _status_of(message, NEGOTIATE) == 0


def greeting(message: bytes) -> Greeting:
    """Read the challenge.

    Raises
    ------
    ValueError
        If there is none, or its parts do not fit together.

    """
    if message[:4] != SMB2 or _status_of(message, SESSION_SETUP) != MORE_PROCESSING:
        raise ValueError("it is no challenge")
    start = message.find(SIGNATURE, _HEADER.size)
    challenge = message[start:] if start >= 0 else b""
    if len(challenge) < _FIELDS.size or challenge[8] != CHALLENGE:
        raise ValueError("there is no challenge in it")
    (_, _, _, _, _, flags, _, _, length, _, at) = _FIELDS.unpack_from(challenge)
    if at + length > len(challenge):
        raise ValueError("what it says of the server is cut off")
    told = _pairs(challenge[at : at + length])
    if flags & _HAS_VERSION and len(challenge) >= _FIELDS.size + _VERSION.size:
        major, minor, build, _ = _VERSION.unpack_from(challenge, _FIELDS.size)
        told["system"] = f"{major}.{minor}.{build}"
    return Greeting(**told)


def _pairs(data: bytes) -> dict[str, str]:
    """Read AV_PAIRs, MS-NLMP 2.2.2.1."""
    told: dict[str, str] = {}
    at = 0
    for _ in range(MOST_PAIRS):
        if at + 4 > len(data):
            return told
        kind, length = struct.unpack_from("<HH", data, at)
        value = data[at + 4 : at + 4 + length]
        if not kind or len(value) < length:
            return told
        if kind in _TEXTS:
            told[_TEXTS[kind]] = value.decode("utf-16-le", "replace")[:LONGEST]
        elif kind == _TIMESTAMP and length == 8:
            told["clock"] = _moment(int.from_bytes(value, "little"))
        at += 4 + length
    return told


def _moment(ticks: int) -> str:
    """Read a FILETIME: steps of 100 ns since 1601."""
    try:
        return (_1601 + timedelta(microseconds=ticks // 10)).isoformat(timespec="seconds")
    except OverflowError:
        return ""


def _status_of(message: bytes, command: int) -> int | None:
    if len(message) < _HEADER.size:
        return None
    fields = _HEADER.unpack_from(message)
    return int(fields[3]) if fields[4] == command else None


def _header(command: int, number: int) -> bytes:
    return _HEADER.pack(SMB2, 64, 0, 0, command, 1, 0, 0, number, 0, 0, 0, bytes(16))


def _spnego(token: bytes) -> bytes:
    """Wrap a token of NTLM as the first of SPNEGO, RFC 4178 4.2.1."""
    ntlm = bytes.fromhex("060a2b06010401823702020a")  # 1.3.6.1.4.1.311.2.2.10
    spnego = bytes.fromhex("06062b0601050502")  # 1.3.6.1.5.5.2
    mechanisms = _der(0xA0, _der(0x30, ntlm))
    inner = _der(0xA0, _der(0x30, mechanisms + _der(0xA2, _der(0x04, token))))
    return _der(0x60, spnego + inner)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x81" + bytes([size])
    return bytes([tag]) + length + content
