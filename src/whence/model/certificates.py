"""Certificates as they come over the wire: X.509 in DER (RFC 5280, ITU-T X.690). Pure.

Only what tells whose a certificate is gets read: names, alternative names, validity. Nothing is
verified here. A library that reads all of X.509 is forty times as large as whence; this is
compared with one in the tests.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from whence.model.errors import BadInput

LARGEST = 64 << 10  # bytes of a certificate
MOST_NAMES = 500  # alternative names that are read
LONGEST = 300  # characters of a name
SEQUENCE, SET, INTEGER, OCTETS, IDENTIFIER = 0x30, 0x31, 0x02, 0x04, 0x06  # X.690, 8.1.2
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
VERSION, EXTENSIONS = 0xA0, 0xA3  # context tags of TBSCertificate
ALTERNATIVE_NAMES = bytes((0x55, 0x1D, 0x11))  # 2.5.29.17
NAMES = {  # the attributes that people know, by the bytes of their object identifiers
    bytes((0x55, 4, 3)): "CN",
    bytes((0x55, 4, 10)): "O",
    bytes((0x55, 4, 11)): "OU",
    bytes((0x55, 4, 6)): "C",
    bytes((0x55, 4, 7)): "L",
    bytes((0x55, 4, 8)): "ST",
    bytes.fromhex("2a864886f70d010901"): "emailAddress",
}
ENCODINGS = {0x0C: "utf-8", 0x1E: "utf-16-be", 0x1C: "utf-32-be"}  # else Latin-1, as most do
_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,100000}?)-----END CERTIFICATE-----"
)

Name = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whose it is, who vouches for that, and when."""

    subject: Name
    issuer: Name
    valid_from: datetime
    valid_until: datetime
    names: tuple[str, ...]  # alternative names: hosts, addresses, mail addresses, URIs

    @property
    def is_own(self) -> bool:
        """Whether nobody else vouches for it."""
        return self.subject == self.issuer


@dataclass(frozen=True, slots=True)
class _Part:
    tag: int
    content: bytes


def from_pem(text: str) -> Iterator[Certificate]:
    """Read each certificate of a text.

    Raises
    ------
    BadInput
        If one is not a certificate.

    """
    for found in _PEM.finditer(text):
        try:
            packed = base64.b64decode(re.sub(r"\s", "", found[1]), validate=True)
        except binascii.Error as e:
            raise BadInput("this is not base64", because=str(e)) from e
        yield from_der(packed)


def from_der(packed: bytes) -> Certificate:
    """Read a certificate.

    Raises
    ------
    BadInput
        If it is none, or larger than any that a server should show.

    """
    if len(packed) > LARGEST:
        raise BadInput(f"a certificate of {len(packed)} bytes is not read")
    try:
        return _certificate(packed)
    except (ValueError, IndexError, OverflowError, StopIteration) as e:
        raise BadInput("this is not a certificate", because=str(e)) from e


def in_words(name: Name) -> str:
    """Write a name as RFC 4514 does, nearly: O=Example Networks, CN=www.example.org."""
    return ", ".join(f"{kind}={value}" for kind, value in name) or "nobody"


def part_of(name: Name, kind: str) -> str:
    """Give the first attribute of a kind, such as “O”, or nothing."""
    return next((value for found, value in name if found == kind), "")


def _certificate(packed: bytes) -> Certificate:
    whole = next(_parts(packed)).content
    parts = [*_parts(next(_parts(whole)).content)]
    if parts[0].tag == VERSION:
        del parts[0]
    _serial, _algorithm, issuer, validity, subject, _key, *rest = parts
    first, last = _parts(validity.content)
    return Certificate(
        _name(subject), _name(issuer), _moment(first), _moment(last), tuple(_alternatives(rest))
    )


def _parts(content: bytes) -> Iterator[_Part]:
    """Take apart what stands one after the other: tag, length, content."""
    at = 0
    while at < len(content):
        tag, size, at = content[at], content[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            if not 0 < count <= 4:
                raise ValueError("a length that DER does not have")
            size, at = int.from_bytes(content[at : at + count], "big"), at + count
        if at + size > len(content):
            raise ValueError("it is cut off")
        yield _Part(tag, content[at : at + size])
        at += size


def _name(part: _Part) -> Name:
    found = []
    for group in _parts(part.content):
        for attribute in _parts(group.content):
            kind, value = _parts(attribute.content)
            if kind.content in NAMES:
                found.append((NAMES[kind.content], _text(value)))
    return tuple(found)


def _text(part: _Part) -> str:
    encoding = ENCODINGS.get(part.tag, "latin-1")
    return part.content.decode(encoding, "replace")[:LONGEST]


def _moment(part: _Part) -> datetime:
    """Read a time, which is always UTC; two digits of a year mean 1950 to 2049 (RFC 5280)."""
    text = part.content.decode("ascii")
    if part.tag == UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif part.tag != GENERALIZED_TIME:
        raise ValueError("a time is not a time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alternatives(rest: list[_Part]) -> Iterator[str]:
    """Give the alternative names, RFC 5280 section 4.2.1.6."""
    extensions = next((part.content for part in rest if part.tag == EXTENSIONS), b"")
    for group in _parts(extensions):
        for extension in _parts(group.content):
            identifier, *_critical, value = _parts(extension.content)
            if identifier.content == ALTERNATIVE_NAMES:
                for count, one in enumerate(_parts(next(_parts(value.content)).content)):
                    if count < MOST_NAMES and (name := _alternative(one)):
                        yield name


def _alternative(part: _Part) -> str:
    match part.tag:
        case 0x81 | 0x82 | 0x86:  # rfc822Name, dNSName, uniformResourceIdentifier
            return part.content.decode("latin-1")[:LONGEST]
        case 0x87 if len(part.content) in (4, 16):
            return str(ipaddress.ip_address(part.content))
    return ""
