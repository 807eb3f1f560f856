"""Addresses and MAC addresses in any text, whatever the form they are written in. Pure.

Found are: dotted, also padded with zeros and with hyphens (``ip-10-0-0-7``); IPv6 in each of its
spellings, IPv4-mapped too; either with a port behind a point or a colon; reverse names; MAC
addresses with colons, hyphens, dots or nothing; and of addresses that are known, at the end of an
SNMP object's id, hexadecimal in both orders of bytes, as /proc/net has it, and whole numbers. Not
found is what is packed, compressed or encoded otherwise (base64, UTF-16).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_HEX = "0-9A-Fa-f"
_FORMS = re.compile(
    rf"""
    (?P<arpa6>(?:[{_HEX}]\.){{1,32}}ip6\.arpa)
  | (?P<arpa4>(?<![\d.])(?:\d{{1,3}}\.){{1,4}}in-addr\.arpa)
  | (?P<mac>(?<![{_HEX}:-])(?:[{_HEX}]{{1,2}}[:-]){{5,20}}[{_HEX}]{{1,2}}(?![{_HEX}]|[:-][{_HEX}]))
  | (?P<v6>(?:(?<![\w:.])|(?<=[g-zG-Z_]:)(?!:)|(?<=[g-zG-Z_]\w:)(?!:))
      (?=[{_HEX}]*:[{_HEX}]*:)
      (?:[{_HEX}:]*:\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\d)|[{_HEX}:]+(?!\w)))
  | (?P<v4>(?<!\d)(?<!\d\.)\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\d)(?!\.\d))
  | (?P<numbers>(?<!\d)(?<!\d\.)\d+(?:\.\d+){{4,}})
  | (?P<hyphens>(?<!\d)(?<!\d-)\d{{1,3}}(?:-\d{{1,3}}){{3}}(?!\d|-\d))
  | (?P<dots>(?<![{_HEX}.])[{_HEX}]{{4}}\.[{_HEX}]{{4}}\.[{_HEX}]{{4}}(?![{_HEX}.]))
  | (?P<hex>(?<![{_HEX}])(?:[{_HEX}]{{32}}|[{_HEX}]{{12}}|[{_HEX}]{{8}})(?![{_HEX}]))
  | (?P<number>(?<![\d.])\d{{8,10}}(?![\d.]))
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is put in the place of addresses."""

    address: Callable[[Address], Address | None]  # None: it stays
    mac: Callable[[str], str | None]  # small letters, colons
    is_known: Callable[[Address | str], bool]  # of forms that could be something else
    is_whole: Callable[[Address], bool]  # it is known, and not as an address with a port


def found(text: str) -> Iterator[Address | str]:
    """Give addresses, and MAC addresses as texts, of the forms that nothing else looks like."""
    for match in _FORMS.finditer(text):
        kind, words = match.lastgroup, match[0]
        if kind in ("v4", "v6", "numbers"):
            yield from (address for address, _ in [*_readings(words)][:1])
        elif kind == "arpa4" and words.count(".") == 5:
            if address := parsed(".".join(words.split(".")[3::-1])):
                yield address
        elif kind == "arpa6" and words.count(".") == 33:
            yield ipaddress.IPv6Address(int("".join(words.split(".")[31::-1]), 16))
        elif kind == "mac" and (mac := _mac_in(words)):
            yield mac
        elif kind == "dots":
            yield _with_colons(words.replace(".", ""))


def changed(text: str, changes: Changes) -> str:
    """Put others in the place of addresses, written as those were."""
    return _FORMS.sub(lambda match: _changed(match, changes), text)


def parsed(words: str) -> Address | None:
    """Read an address; IPv4-mapped ones as IPv4, zeros before a number as decimal."""
    try:
        if ":" not in words:
            words = ".".join(str(int(part)) for part in words.split("."))
        address = ipaddress.ip_address(words)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def parsed_safely(words: str) -> Address | None:
    """Read an address out of what may be anything."""
    plain = words.partition("%")[0].strip("[]")
    return parsed(plain) if re.fullmatch(rf"[{_HEX}:.]+", plain) and _looks_like(plain) else None


def _looks_like(plain: str) -> bool:
    return ":" in plain or re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", plain) is not None


def _changed(match: re.Match[str], changes: Changes) -> str:
    words = match[0]
    match match.lastgroup:
        case "v4" | "v6":
            return _changed_address(words, changes)
        case "numbers":
            return _changed_numbers(words, changes)
        case "hyphens":
            address = parsed(words.replace("-", "."))
            new = changes.address(address) if address else None
            return words if new is None else str(new).replace(".", "-")
        case "arpa4" | "arpa6":
            return _reverse_name(words, changes)
        case "mac":
            return _changed_mac(words, changes)
        case "dots":
            new_mac = changes.mac(_with_colons(words.replace(".", "")))
            plain = new_mac.replace(":", "") if new_mac else ""
            return f"{plain[:4]}.{plain[4:8]}.{plain[8:]}" if plain else words
        case "hex":
            return _changed_hex(words, changes)
        case _:
            return _changed_number(words, changes)


def _readings(words: str) -> Iterator[tuple[Address, str]]:
    """Read what begins with an address: as a whole, or with what stands behind it, a port."""
    if address := parsed(words):
        yield address, ""
    mark = ":" if ":" in words else "."
    first, _, last = words.rpartition(mark)
    could_be_port = not last or (last.isdecimal() and len(last) <= 5)
    if could_be_port and (":" in first or first.count(".") == 3) and (address := parsed(first)):
        yield address, f"{mark}{last}"


def _changed_address(words: str, changes: Changes) -> str:
    """Change an address; of two readings the one that is known, as 2001:db8::5:443 has them."""
    readings = [*_readings(words)]
    if len(readings) > 1 and not changes.is_whole(readings[0][0]):
        with_port = readings[1][0]
        if with_port.is_loopback or with_port.is_unspecified:
            return words
        if changes.is_known(with_port):
            readings.reverse()
    for address, rest in readings:
        if new := changes.address(address):
            is_mapped = ":" in words and new.version == 4
            return f"{'::ffff:' if is_mapped else ''}{new}{rest}"
    head, colon, tail = words.rpartition(":")
    return f"{head}{colon}{changed(tail, changes)}" if "." in tail and head else words


def _changed_numbers(words: str, changes: Changes) -> str:
    """Change an address with a port (tcpdump), or one at the end of an SNMP object's id."""
    for address, port in _readings(words):
        if new := changes.address(address):
            return f"{new}{port}"
    parts = words.split(".")
    last = parsed(".".join(parts[-4:]))
    new = changes.address(last) if last and changes.is_known(last) else None
    return ".".join((*parts[:-4], str(new))) if new else words


def _reverse_name(words: str, changes: Changes) -> str:
    for address in found(words):
        assert not isinstance(address, str)
        new = changes.address(address)
        return words if new is None else new.reverse_pointer
    # A zone: the beginning of addresses, which says of a network what is not to be said.
    first = words.removesuffix(".in-addr.arpa").split(".")[::-1]
    if words.endswith("in-addr.arpa"):
        padded = parsed(".".join((*first, *("0",) * (4 - len(first)))))
        if padded is None or changes.address(padded) is None:
            return words
    return f"withheld.{words[-len('ip6.arpa') :] if 'ip6' in words else 'in-addr.arpa'}"


def _mac_in(words: str) -> str:
    """Read a MAC address, also as the end of a DHCP client's id; nothing of longer ones."""
    parts = re.split("[:-]", words)
    if len(parts) not in (6, 7, 14, 20):  # 7: RFC 2132, 14 and 20: DUID-LLT of RFC 8415
        return ""
    return _with_colons("".join(part.zfill(2) for part in parts[-6:]))


def _changed_mac(words: str, changes: Changes) -> str:
    mac = _mac_in(words)
    new = changes.mac(mac) if mac else None
    if new is None:
        return words
    between = "-" if "-" in words else ":"
    parts = re.split("[:-]", words)
    said = new.upper() if words != words.lower() else new
    return between.join((*parts[:-6], *said.split(":")))


def _changed_hex(words: str, changes: Changes) -> str:
    """Change what is known: an address in either order of its bytes, or a MAC address."""
    raw = bytes.fromhex(words)
    new: str | None = None
    if len(raw) == 6:
        mac = _with_colons(words)
        new = (changes.mac(mac) or "").replace(":", "") if changes.is_known(mac) else None
    else:
        for swap in (_as_it_is, _swapped):
            address = ipaddress.ip_address(swap(raw))
            if changes.is_known(address) and (other := changes.address(address)):
                new = swap(other.packed).hex()
                break
    if not new:
        return words
    return new.upper() if words != words.lower() else new


def _changed_number(words: str, changes: Changes) -> str:
    number = int(words)
    if number >> 32:
        return words
    for order in _ORDERS:
        address = ipaddress.IPv4Address(number.to_bytes(4, order))
        if changes.is_known(address) and (other := changes.address(address)):
            return str(int.from_bytes(other.packed, order))
    return words


def _as_it_is(raw: bytes) -> bytes:
    return raw


def _swapped(raw: bytes) -> bytes:
    """Swap the bytes of each 32 bits, as a small-endian kernel writes addresses."""
    return b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))


def _with_colons(digits: str) -> str:
    lower = digits.lower()
    return ":".join(lower[at : at + 2] for at in range(0, 12, 2))
