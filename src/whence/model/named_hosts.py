"""Hosts, addresses, ports and URLs that stand in the text of a program. Pure.

A word with dots is a host's name only if its end is a domain's: programs are full of words such as
``os.path`` and ``setup.py``. What is unsure is said to be so, and nothing is looked up.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from whence.model.program_contents import SURE, UNSURE

LONGEST = 300  # characters of a URL that are kept

# Ends of names that hardly ever end another word of a program; RFC 2606, RFC 6762 and RFC 9476
# have the last row, ICANN's list the others.
CLEAR = (
    "com net org edu gov mil biz eu de uk fr nl ch jp cn ru br au ca kr se fi dk cz ie nz za mx ar "
    "tw hk sg ua tr gr pt hu ro bg sk hr il "
    "example internal lan corp onion arpa"
)
# These end other words, too: ``self.id``, ``threading.local``, ``java.io``. They count where a
# whole string is a name, and in a name of three labels or more.
UNCLEAR = (
    "io int info name app dev cloud online site tech ai co tv me us at be es it no is in to my id "
    "pk th vn ph ae sa ir kz by lt lv ee rs local test intranet home invalid"
)
# What ends files rather than names (py, sh, so, md, pl …) is in neither: only a URL may have it.
_CLEAR, _UNCLEAR = frozenset(CLEAR.split()), frozenset(UNCLEAR.split())
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.){{1,10}}[a-z][a-z0-9-]{{1,61}}\.?", re.IGNORECASE)
_WORD = re.compile(
    rf"(?<![\w.@/%$-])(?P<host>(?:{_LABEL}\.){{1,10}}[a-z]{{2,12}})(?::(?P<port>\d{{1,5}}))?"
    r"(?![\w@(=%-]|\.\w)",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{1,20})://(?P<rest>[^\s\"'<>`\\^|(){}\x00-\x20]+)",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(
    r"(?:[^/?#@]*@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^/?#:@\[\]]+)(?::(?P<port>\d{1,5}))?(?=[/?#]|$)"
)
_IPV4 = re.compile(
    r"(?<![\w.-])(?P<host>(?:\d{1,3}\.){3}\d{1,3})(?::(?P<port>\d{1,5}))?(?![\w:-]|\.\d)"
)
_IPV6 = re.compile(r"(?<![\w:.])\[?(?P<host>[0-9a-fA-F:]{6,39})(?:\]:(?P<port>\d{1,5}))?(?![\w:.])")
_DEVICE = re.compile(r"/dev/(?:tcp|udp)/(?P<host>[\w.:-]+)/(?P<port>\d{1,5})")  # bash(1)
_FILE_URL = ("file", "data", "about", "res", "jar", "resource", "unix")
# Schemes of URLs that are called over a network. In the strings of Go and Rust, which have no end,
# one may stand glued to the word before it.
CALLED = (
    "https http ftps ftp sftp ldaps ldap wss ws mqtts mqtt amqps amqp rediss redis postgresql "
    "postgres mysql mongodb+srv mongodb smtps smtp imaps imap ssh git rsync rtsp sips sip tcp udp "
    "tls ssl nats kafka syslog ntp snmp nfs smb"
)
_CALLED = sorted(CALLED.split(), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Name:
    """Something that a program could call, as its text has it."""

    what: str  # "url", "host", "address" or "port"
    text: str
    sure: str = SURE


def names_in_text(text: str, *, whole: bool = False) -> Iterator[Name]:
    """Find what a text names; ``whole``: it is one string of a program, which may be a name."""
    if "." not in text and ":" not in text:
        return
    rest = text
    if "://" in text:
        for found in _URL.finditer(text):
            yield from _of_url(found)
        rest = _URL.sub(" ", text)
    for found in _DEVICE.finditer(rest):
        yield from _of_host(found["host"], found["port"], SURE)
    if whole and (told := [*_of_whole(rest.strip())]):
        yield from told
        return
    yield from _words(rest)


def is_host_name(text: str, *, strict: bool = True) -> bool:
    """Say whether a word is a host's name; not strict: also where its end has other uses."""
    if len(text) > 253 or not _NAME.fullmatch(text):
        return False
    first, *middle, end = text.rstrip(".").lower().split(".")
    if end in _CLEAR:
        return not text.isupper() or len(middle) > 0
    return end in _UNCLEAR and first not in _CLEAR and (not strict or bool(middle))


def as_address(text: str) -> str | None:
    """Give an address in its usual form; None where it is none, or one of nobody."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    is_mask = address.version == 4 and address.packed[0] in (0, 255)
    return None if address.is_unspecified or is_mask else str(address)


def is_port(number: object) -> bool:
    """Say whether a number can be a port."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 < number < 1 << 16


def _of_url(found: re.Match[str]) -> Iterator[Name]:
    scheme, rest = found["scheme"].lower(), found["rest"].rstrip(".,;:!?*")
    authority = _AUTHORITY.match(rest)
    if scheme.endswith(_FILE_URL) or authority is None:
        return
    host = authority["host"]
    called = next((known for known in _CALLED if scheme.endswith(known)), "")
    scheme = called or scheme
    if as_address(host) or is_host_name(host, strict=False) or (called and _is_plain(host)):
        yield Name("url", f"{scheme}://{rest}"[:LONGEST])
        yield from _of_host(host, authority["port"], SURE)


def _is_plain(host: str) -> bool:
    """Say whether a name that stands in a URL is one, whatever its end: ``nas``, ``x.museum``."""
    plain = re.fullmatch(rf"(?:{_LABEL}\.){{0,10}}{_LABEL}", host, re.IGNORECASE)
    return plain is not None and not host.replace(".", "").isdigit()


def _of_host(host: str, port: str | None, sure: str) -> Iterator[Name]:
    if address := as_address(host):
        yield Name("address", address, sure)
    elif not host.replace(".", "").isdigit() and _is_plain(host.rstrip(".")):
        yield Name("host", host.rstrip(".").lower(), sure)
    else:
        return
    if port and 0 < int(port) < 1 << 16:
        yield Name("port", str(int(port)), sure)


def _of_whole(text: str) -> Iterator[Name]:
    """Read a string that is a name or an address as a whole, perhaps with a port."""
    if len(text) > 260 or " " in text:
        return
    if address := as_address(text):
        yield Name("address", address)
        return
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or len(port) > 5:
        host, port = text, ""
    if as_address(host) or is_host_name(host, strict=not port and "_" in host):
        yield from _of_host(host, port, SURE)


def _words(text: str) -> Iterator[Name]:
    for found in _IPV4.finditer(text):
        yield from _of_host(found["host"], found["port"], SURE if found["port"] else UNSURE)
    if text.count(":") > 2:
        for found in _IPV6.finditer(text):
            if found["host"].count(":") > 2 and as_address(found["host"]):
                yield from _of_host(found["host"], found["port"], UNSURE)
    for found in _WORD.finditer(text):
        if is_host_name(found["host"], strict=not found["port"]):
            yield from _of_host(found["host"], found["port"], UNSURE)
