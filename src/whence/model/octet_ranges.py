"""Ranges of IPv4 as lists for scanners have them: 10.9.0-5.1-254, and those of several /8. Pure.

Each octet is a number, N-M, * or, but for the first, a list of these with commas. A list in the
last octet alone is none: so are the columns of a table.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from math import prod

Range = tuple[int, int, int]  # where it starts and ends in the text, free bits

_NUMBER = rb"(?:0|[1-9]\d{0,2})"  # without zeros before it: those are dates
_SOME = _NUMBER + rb"(?:-" + _NUMBER + rb")?"
_OCTET = rb"(?:\*|" + _SOME + rb"(?:," + _SOME + rb"){0,15})"
_SEVERAL = re.compile(rb"[*-]|,.*\.")
_AFTER = rb"(?![\w*+~/-]|\.[\w*])"
_VERSION = re.compile(rb"(?:version|release|revision|rev)\W{0,4}\Z", re.IGNORECASE)
_DOTTED = rb"\d{1,3}(?:\.\d{1,3}){3}"
_SPAN = re.compile(
    rb"(?<![\w.-])(" + _DOTTED + rb")[ \t]{0,2}(?:-|\.\.|to)[ \t]{0,2}(" + _DOTTED + rb")(?![\w.-])"
)


class OctetRanges:
    """Finds ranges that hold the address, and that are no address with something behind it."""

    def __init__(self, address: ipaddress.IPv4Address) -> None:
        self._address = address
        first = b"%d" % address.packed[0]
        self._octets = re.compile(
            rb"(?<![\w.*+~/-])((?:" + first + rb"|" + _NUMBER + rb"-" + _NUMBER + rb")(?:\."
            + _OCTET + rb"){3})" + _AFTER
        )  # fmt: skip
        wide = b"|".join(re.escape(block.encode()) for block in wide_blocks(address))
        self._wide = re.compile(rb"(?<![\w.])(?:" + wide + rb")(?![\w./])")

    def spots(self, data: bytes, end: int) -> Iterator[Range]:
        """Give each range that begins before ``end`` and holds the address."""
        for match in self._octets.finditer(data, 0, end):
            if _SEVERAL.search(match[0]) and (found := self._by_octets(match[0])):
                length, count = found
                before = data[max(0, match.start() - 14) : match.start()]
                if not _VERSION.search(before):
                    yield match.start(), match.start() + length, max(1, (count - 1).bit_length())
        for match in self._wide.finditer(data, 0, end):
            yield *match.span(), 32 - int(match[0].rpartition(b"/")[2])
        for match in _SPAN.finditer(data, 0, end):
            low, high = _number(match[1]), _number(match[2])
            if (
                low is not None
                and high is not None
                and low < high
                and low <= int(self._address) <= high
            ):
                yield *match.span(), (high - low).bit_length()

    def _by_octets(self, text: bytes) -> tuple[int, int] | None:
        """Give how much of a text is a range that holds the address, and of how many addresses."""
        parts = text.split(b".")
        last = parts[3].split(b",")
        while not _numbers(b",".join(last)) and len(last) > 1:
            last.pop()  # the next column of a table
        parts[3] = b",".join(last)
        if not any(mark in b".".join(parts[1:]) for mark in (b"-", b"*")) and (
            b"," not in parts[1] + parts[2]
        ):
            return None
        octets = [_numbers(part) for part in parts]
        if all(octet in known for octet, known in zip(self._address.packed, octets, strict=True)):
            return len(b".".join(parts)), prod(map(len, octets))
        return None


def wide_blocks(address: ipaddress.IPv4Address) -> list[str]:
    """Give the blocks of several /8 that hold an address, each as it is written."""
    return [
        str(ipaddress.ip_network((int(address) >> 32 - bits << 32 - bits, bits)))
        for bits in range(1, 8)
    ]


def _numbers(text: bytes) -> set[int]:
    """Give the numbers that an octet may be; none where it is no octet."""
    if text == b"*":
        return set(range(256))
    found: set[int] = set()
    for some in text.split(b","):
        low, _, high = some.partition(b"-")
        numbers = range(int(low), int(high or low) + 1)
        if not numbers or numbers[-1] > 255:
            return set()
        found.update(numbers)
    return found


def _number(text: bytes) -> int | None:
    octets = [int(part) for part in text.split(b".")]
    return int.from_bytes(bytes(octets), "big") if max(octets) < 256 else None
