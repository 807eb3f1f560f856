"""How an address may be written down, and where in some bytes it is. Pure.

A scanner is given ``literals``, which are quick to look for and may be part of something longer;
``Finder`` then says what a place really holds: 10.9.3.7 is not in 110.9.3.77.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from whence.model.address_ranges import RangeFinder

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SMALLEST_INTEGER = 1 << 24  # smaller numbers are addresses of 0.0.0.0/8, and everything else
MOST = 64  # places that are told of one text
MOST_NAMES = 32
LARGEST_PADDED = 1 << 20  # bytes in which zeros before only some of the numbers are looked for


class Form(enum.StrEnum):
    """A way to write an address."""

    DOTTED = "dotted"
    IPV6 = "IPv6"
    MAPPED = "IPv4-mapped"  # ::ffff:192.0.2.1, RFC 4291 section 2.5.5.2
    PADDED = "zero-padded"
    NAME = "by name"
    PERCENT = "percent-coded"  # RFC 3986
    UTF16 = "UTF-16"
    HEXADECIMAL = "hexadecimal"
    REVERSED = "hexadecimal, byte-swapped"  # as /proc/net/tcp has it on a small-endian machine
    INTEGER = "integer"
    REVERSE_NAME = "reverse name"  # RFC 1035 section 3.5, RFC 3596 section 2.5
    PACKED = "packed bytes"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address to look for, in its canonical text form, and the names that resolved to it."""

    address: str
    names: tuple[str, ...] = ()

    def parsed(self) -> Address:
        """Give the address as a number with its family."""
        return ipaddress.ip_address(self.address)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an address stands in some bytes, and how it is written there."""

    form: Form
    start: int
    end: int
    text: str  # as it stands there; for packed bytes in hexadecimal
    free_bits: int = 0  # of a range: 2 to this power addresses, more or less

    def __lt__(self, other: Spot) -> bool:
        return (self.start, -self.end) < (other.start, -other.end)


def literals(wanted: Wanted) -> dict[bytes, Form]:
    """Give each byte string that a text may hold if it has the address, as it is scanned for.

    Letters are given in both cases, so that a scanner need not ignore case.
    """
    address = wanted.parsed()
    texts: dict[str, Form] = {}
    for name in wanted.names[:MOST_NAMES]:
        texts |= dict.fromkeys((name.lower(), name.upper(), name), Form.NAME)
    written = _texts_v4(address) if address.version == 4 else _texts_v6(address)
    for text, form in written:
        texts |= dict.fromkeys((text, text.upper()), form)
    found = {text.encode(): form for text, form in texts.items()}
    wide = [form for form in (Form.DOTTED, Form.IPV6, Form.NAME) if form in texts.values()]
    for text, form in texts.items():
        if form in wide and not text.isupper():
            found |= dict.fromkeys((text.encode("utf-16-le"), text.encode("utf-16-be")), Form.UTF16)
    return found | dict.fromkeys(_packed(address), Form.PACKED)


def _texts_v4(address: Address) -> Iterator[tuple[str, Form]]:
    octets = [*address.packed]
    yield str(address), Form.DOTTED
    yield ".".join(f"{octet:03}" for octet in octets), Form.PADDED
    yield "%2e".join(map(str, octets)), Form.PERCENT
    yield address.reverse_pointer, Form.REVERSE_NAME
    high, low = int(address) >> 16, int(address) & 0xFFFF
    yield f"::ffff:{high:x}:{low:x}", Form.MAPPED
    yield f":ffff:{high:04x}:{low:04x}", Form.MAPPED
    for order, form in ((octets, Form.HEXADECIMAL), (octets[::-1], Form.REVERSED)):
        pairs = [f"{octet:02x}" for octet in order]
        for between in ("", ":", "-", "\\x", ",0x", ", 0x", " "):
            yield between.join(pairs), form
        number = int.from_bytes(bytes(order), "big")
        if number >= SMALLEST_INTEGER:
            yield str(number), Form.INTEGER


def _texts_v6(address: Address) -> Iterator[tuple[str, Form]]:
    yield address.reverse_pointer, Form.REVERSE_NAME
    yield address.packed.hex(), Form.HEXADECIMAL
    yield address.packed[::-1].hex(), Form.REVERSED
    yield str(int(address)), Form.INTEGER
    for text in _spellings(address):
        yield text, Form.IPV6
    yield str(address).replace(":", "%3a"), Form.PERCENT


def _spellings(address: Address) -> Iterator[str]:
    """Give the ways to write an IPv6 address, RFC 4291 section 2.2: which zeros are left out."""
    groups = [int.from_bytes(address.packed[n : n + 2], "big") for n in range(0, 16, 2)]
    last = str(ipaddress.IPv4Address(address.packed[12:]))
    endings: tuple[tuple[str, ...], ...] = (
        tuple(f"{group:x}" for group in groups),
        tuple(f"{group:04x}" for group in groups),
        (*(f"{group:x}" for group in groups[:6]), last),
    )
    for parts in endings:
        yield ":".join(parts)
        for start in range(len(parts)):
            for end in range(start + 1, len(parts) + 1):
                if any(groups[start:end]) or (end == len(parts) and parts[-1] == last):
                    break
                yield f"{':'.join(parts[:start])}::{':'.join(parts[end:])}"


def _packed(address: Address) -> tuple[bytes, ...]:
    """Give the bytes of the address in both orders, unless anything could hold them."""
    packed = address.packed
    some = 2 if address.version == 4 else 3  # bytes other than zero: ::1 is in every file
    if all(0x20 <= byte < 0x7F for byte in packed) or len(packed) - packed.count(0) < some:
        return ()
    return tuple(dict.fromkeys((packed, packed[::-1])))


@dataclass(slots=True)
class Finder:
    """Says where an address stands, in which form: what is part of something longer is not it.

    Literals are found by ``bytes.find``, a hundred times faster than by an expression; only where
    one stands it is looked at what is before and after it.
    """

    wanted: Wanted
    _literals: tuple[tuple[bytes, Form], ...] = ()
    _around: dict[Form, re.Pattern[bytes]] = field(default_factory=dict)
    _padded: re.Pattern[bytes] | None = None
    _packed: tuple[bytes, ...] = ()
    _ranges: RangeFinder | None = None

    def __post_init__(self) -> None:
        address = self.wanted.parsed()
        self._ranges = RangeFinder(address)
        self._packed = _packed(address)
        forms = {literal.lower(): form for literal, form in literals(self.wanted).items()}
        self._literals = tuple((text, form) for text, form in forms.items() if form in _BOUNDS)
        self._around = _around(self._literals)
        if address.version == 4:
            dotted = rb"\.".join(b"0{0,2}%d" % octet for octet in address.packed)
            self._padded = re.compile(_BEFORE_DOTTED + dotted + _AFTER_DOTTED)

    def spots(self, data: bytes, *, most: int = MOST) -> list[Spot]:
        """Give the places, in their order; of those in one another the longest."""
        is_binary = b"\0" in data[:8192]
        found = chain(
            self._texts(data), self._bytes(data) if is_binary else (), self._in_ranges(data)
        )
        kept: list[Spot] = []
        for spot in sorted(islice(found, 4 * most)):
            if not kept or spot.start >= kept[-1].end:
                kept.append(spot)
        return kept[:most]

    def spots_in(self, text: str, *, most: int = MOST) -> list[Spot]:
        """Give the places in a text, such as the value of a field; positions count bytes."""
        return self.spots(text.encode("utf-8", "surrogatepass"), most=most)

    def is_number(self, number: int) -> bool:
        """Say whether a whole number, as a database has it, is the address."""
        address = self.wanted.parsed()
        ways = {int(address), int.from_bytes(address.packed[::-1], "big")}
        if address.version == 4:  # a column of 32 bits with a sign
            ways |= {way - (1 << 32) for way in ways if way >= 1 << 31}
        return number in ways and abs(number) >= SMALLEST_INTEGER

    def _texts(self, data: bytes) -> Iterator[Spot]:
        lower = data.lower()
        for literal, form in self._literals:
            start = lower.find(literal)
            while start >= 0:
                if match := self._around[form].match(lower, start):
                    yield self._spot(form, data, *match.span())
                start = lower.find(literal, start + 1)
        if self._padded and len(data) <= LARGEST_PADDED:
            for match in self._padded.finditer(data):
                yield self._spot(Form.DOTTED, data, *match.span())

    def _spot(self, form: Form, data: bytes, start: int, end: int) -> Spot:
        text = data[start:end].replace(b"\0", b"").decode("utf-8", "replace")
        return Spot(self._told(form, text, data, start), start, end, text)

    def _told(self, form: Form, text: str, data: bytes, start: int) -> Form:
        if form is not Form.DOTTED:
            return form
        if data[max(0, start - 5) : start].lower() == b"ffff:":
            return Form.MAPPED
        return Form.DOTTED if text == self.wanted.address else Form.PADDED

    def _bytes(self, data: bytes) -> Iterator[Spot]:
        for packed in self._packed:
            start = data.find(packed)
            while start >= 0:
                yield Spot(Form.PACKED, start, start + len(packed), packed.hex())
                start = data.find(packed, start + 1)

    def _in_ranges(self, data: bytes) -> Iterator[Spot]:
        assert self._ranges
        for start, end, free_bits in self._ranges.spots(data):
            text = data[start:end].decode("utf-8", "replace")
            form = Form.RANGE if free_bits else Form.IPV6
            if not free_bits or not re.match(rf"{re.escape(self.wanted.address)}[/ ]", text):
                yield Spot(form, start, end, text, free_bits)  # else: the address, with its mask


_BEFORE_DOTTED, _AFTER_DOTTED = rb"(?<![0-9])(?<![0-9]\.)", rb"(?![0-9]|\.[0-9])"
_BEFORE_HEX = rb"(?<![0-9a-f])(?<![0-9a-f]{2}[:-])"
_AFTER_HEX = rb"(?![0-9a-f])(?![:-][0-9a-f]{2}(?![0-9a-f]))"
_BOUNDS = {  # what must not stand before and after each form
    Form.DOTTED: (_BEFORE_DOTTED, _AFTER_DOTTED),
    Form.PADDED: (_BEFORE_DOTTED, _AFTER_DOTTED),
    Form.NAME: (rb"(?<![\w.-])", rb"(?![\w-]|\.\w)"),
    Form.INTEGER: (rb"(?<![0-9.])", rb"(?![0-9]|\.[0-9])"),
    Form.REVERSE_NAME: (rb"(?<![0-9a-f.])", b""),
    Form.MAPPED: (rb"(?<![0-9a-f])", rb"(?![0-9a-f:])"),
    Form.IPV6: (rb"(?<![0-9a-f:.])", rb"(?![0-9a-f:]|\.[0-9])"),
    Form.PERCENT: (rb"(?<![0-9])", rb"(?![0-9])"),
    Form.HEXADECIMAL: (_BEFORE_HEX, _AFTER_HEX),
    Form.REVERSED: (_BEFORE_HEX, _AFTER_HEX),
    Form.UTF16: (rb"(?<![0-9.]\0)", rb"(?![0-9]\0)"),
}


def _around(words: Iterable[tuple[bytes, Form]]) -> dict[Form, re.Pattern[bytes]]:
    """Give for each form an expression of its literals between what must not be around them."""
    alike: dict[Form, list[bytes]] = {}
    for literal, form in words:
        alike.setdefault(form, []).append(re.escape(literal))
    return {form: _either(form, escaped) for form, escaped in alike.items()}


def _either(form: Form, escaped: list[bytes]) -> re.Pattern[bytes]:
    before, after = _BOUNDS[form]
    longest_first = sorted(escaped, key=len, reverse=True)
    return re.compile(before + b"(?:" + b"|".join(longest_first) + b")" + after)
