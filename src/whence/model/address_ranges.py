"""Ranges of addresses in a text that contain one address, however they are written. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from whence.model.octet_ranges import OctetRanges

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AHEAD = 64  # bytes after the first address of a range that may belong to it
LARGEST = 2 << 20  # bytes of a text in which ranges are looked for: people wrote them
MOST = 2000  # beginnings of ranges that are looked at in one text

_DOTTED = rb"\d{1,3}(?:\.\d{1,3}){3}"
_BITS = re.compile(rb"/(\d{1,3})(?![\d.])")
_MASK = re.compile(
    rb"(?:/|[\s\"',;:=]{1,4}(?:(?:net)?mask|subnet[-_ ]?mask)?[\s\"':=]{0,4})"
    rb"(" + _DOTTED + rb")(?![\d.])",
    re.IGNORECASE,
)
_TO = re.compile(rb"\s{0,2}(?:-|\.\.|to)\s{0,2}(" + _DOTTED + rb"|\d{1,3})(?![\d.])")
_V6_TO = re.compile(rb"\s{0,2}-\s{0,2}([0-9a-fA-F:]{2,39}(?:\.\d{1,3}){0,3})(?![0-9a-fA-F:])")
_V6 = re.compile(rb"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,38}(?:\.\d{1,3}){0,3}")
Range = tuple[int, int, int]  # where it starts and ends in the text, free bits


class RangeFinder:
    """Finds CIDR, a-b, 10.9.3.1-254, wildcards, and address with mask, if they hold the address.

    Of CIDR, wildcards and masks only those that begin as the wanted address does, those of several
    /8, and 0.0.0.0/0.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._octets = None
        if isinstance(address, ipaddress.IPv4Address):
            self._octets = OctetRanges(address)
            first = address.packed[0]
            self._begins = re.compile(
                rb"(?<![\d.])(?:%d(?:\.(?:\d{1,3}|\*))+\.?|%d\.\*|0\.0\.0\.0(?=/0))"
                % (first, first)
            )
        else:
            self._begins = _V6

    def spots(self, data: bytes) -> Iterator[Range]:
        """Give each range, and of IPv6 each single address in whatever spelling."""
        if self._octets:
            yield from self._octets.spots(data, LARGEST)
        for number, match in enumerate(self._begins.finditer(data, 0, LARGEST)):
            if number == MOST:
                return
            tail = data[match.end() : match.end() + AHEAD]
            found = (
                self._v4(match[0], tail) if self._address.version == 4 else self._v6(match[0], tail)
            )
            if found:
                length, low, high = found
                if low <= int(self._address) <= high and (high > low or b":" in match[0]):
                    yield match.start(), match.end() + length, (high - low).bit_length()

    def _v4(self, head: bytes, tail: bytes) -> tuple[int, int, int] | None:
        if b"*" in head:
            return _wildcard(head)
        octets = [int(part) for part in head.rstrip(b".").split(b".")]
        if len(octets) > 4 or max(octets) > 255:
            return None
        base = int.from_bytes(bytes([*octets, 0, 0, 0][:4]), "big")
        if found := _BITS.match(tail):
            return _block(base, int(found[1]), 32, found.end())
        if head.endswith(b"."):  # as hosts_access(5) writes a network
            ends = not tail or tail[:1].isspace() or tail[:1] in (b",", b";", b'"', b"'")
            return _block(base, 8 * len(octets), 32, 0) if 2 <= len(octets) < 4 and ends else None
        if len(octets) == 4 and (found := _TO.match(tail)):
            high = _last(octets, found[1])
            return (found.end(), base, high) if high is not None else None
        if len(octets) == 4 and (found := _MASK.match(tail)):
            bits = _mask_bits(found[1])
            return None if bits is None else _block(base, bits, 32, found.end())
        return None

    def _v6(self, head: bytes, tail: bytes) -> tuple[int, int, int] | None:
        base = _number(head)
        if base is None:
            return None
        if found := _BITS.match(tail):
            return _block(base, int(found[1]), 128, found.end())
        if (found := _V6_TO.match(tail)) and (high := _number(found[1])) is not None:
            return found.end(), base, high
        return 0, base, base


def _number(text: bytes) -> int | None:
    try:
        return int(ipaddress.IPv6Address(text.decode("ascii")))
    except ValueError:
        return None


def _block(base: int, bits: int, width: int, length: int) -> tuple[int, int, int] | None:
    if bits > width:
        return None
    free = (1 << (width - bits)) - 1
    return length, base & ~free, base | free


def _wildcard(head: bytes) -> tuple[int, int, int] | None:
    parts = head.rstrip(b".").split(b".")
    given = parts[: parts.index(b"*")]
    if len(parts) > 4 or any(part != b"*" for part in parts[len(given) :]):
        return None
    if any(int(part) > 255 for part in given):
        return None
    base = int.from_bytes(bytes([*map(int, given), 0, 0, 0, 0][:4]), "big")
    return _block(base, 8 * len(given), 32, 0)


def _last(octets: list[int], text: bytes) -> int | None:
    ending = [int(part) for part in text.split(b".")]
    octets = [*octets[: 4 - len(ending)], *ending]
    return int.from_bytes(bytes(octets), "big") if max(octets) < 256 else None


def _mask_bits(text: bytes) -> int | None:
    """Read 255.255.255.0, or 0.0.0.255 as access lists of routers have it."""
    octets = [int(part) for part in text.split(b".")]
    if max(octets) > 255:
        return None
    number = int.from_bytes(bytes(octets), "big")
    for mask in (number, number ^ 0xFFFFFFFF):
        free = mask ^ 0xFFFFFFFF
        if free & (free + 1) == 0 and mask > 0:  # ones, then zeros
            return 32 - free.bit_length()
    return None
