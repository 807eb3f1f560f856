"""What a user may ask about, read from the words they typed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from whence.model.ecs import canonical_address
from whence.model.errors import BadInput
from whence.model.facts import Observable
from whence.model.mac_addresses import canonical_mac
from whence.model.observables import Flow, Hostname, Mac, Process

FORMS = "an address, address:port, :port, a host name, a pid, a MAC address, or - for a log line"

_HOSTNAME = re.compile(r"(?i)(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?)+")
_V4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_V6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}"
_IN_LOG = re.compile(
    rf"(?:(?<![\w.])(?P<v4>{_V4})|\[?(?<![\w.:])(?P<v6>{_V6})\]?)"
    r"(?:(?:[:/]|\.(?=\d))(?P<port>\d{1,5}))?(?!\w)"
)
LONGEST = 8192  # characters of a log line that are looked at


def parse_target(text: str, host: str = "", boot: str = "") -> Observable:
    """Read a target.

    A bare number is a pid of ``host``; its start time is not known yet, hence 0. A name with a
    port stays a Flow whose destination is the name, for the caller to resolve.

    Raises
    ------
    BadInput
        If the text is none of the forms, or a port is out of range.

    """
    text = text.strip()
    if mac := canonical_mac(text):  # also twelve digits: no pid has so many
        return Mac(mac)
    if text.isascii() and text.isdigit():
        return Process(host, boot, int(text), 0)
    if (address := _address(text.strip("[]"))) is not None:
        return Flow(address)
    name, colon, port = text.rpartition(":")
    if colon and not name:
        return Flow(destination_port=_port(port))
    if colon and (address := _address(name.strip("[]"))) is not None:
        return Flow(address, _port(port))
    if colon and _is_hostname(name):
        return Flow(name.lower(), _port(port))
    if _is_hostname(text):
        return Hostname(text.lower())
    raise BadInput(f"“{text}” is not something that can be asked about", try_=f"give {FORMS}")


def from_log_line(line: str) -> Flow:
    """Find the destination in a log line: what follows “to”, “dst” or “->”, else the last address.

    Raises
    ------
    BadInput
        If there is no address in the line.

    """
    found = [*_addresses(line[:LONGEST])]
    if not found:
        raise BadInput("there is no IP address in this line", try_=f"give {FORMS}")
    called = [flow for start, flow in found if _POINTS_TO.search(line[max(0, start - 24) : start])]
    flow = called[0] if called else found[-1][1]
    apart = _PORT_APART.search(line[:LONGEST])
    if flow.destination_port is None and apart and 0 < int(apart[1]) <= 65535:
        return Flow(flow.destination, int(apart[1]))
    return flow


# DPT=443 (Linux netfilter), dstport=443 (FortiGate), dport: 443, "destination.port":443 (ECS)
_PORT_APART = re.compile(
    r"(?i)\b(?:dpt|dport|dst[._-]?port|dest(?:ination)?[._-]?port)\"?\s?[=:]\s?\"?(\d{1,5})(?!\d)"
)
_POINTS_TO = re.compile(r"(?i)(?:\bto\b|\bdst\S*|\bdestination\S*|>|→)[^\d]{0,20}$")


def is_name(flow: Flow) -> bool:
    """Say whether the destination is a name that still has to be resolved."""
    return flow.destination is not None and _address(flow.destination) is None


def _addresses(line: str) -> Iterator[tuple[int, Flow]]:
    for match in _IN_LOG.finditer(line):
        address = _address(match["v4"] or match["v6"])
        if address is not None:
            port = int(match["port"]) if match["port"] else None
            yield match.start(), Flow(address, port if port and port <= 65535 else None)


def _address(text: str) -> str | None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return canonical_address(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= 65535:
        raise BadInput(
            f"“{text}” is not a port",
            because="ports are the numbers 1 to 65535",
            try_=f"give {FORMS}",
        )
    return int(text)


def _is_hostname(text: str) -> bool:
    looks_numeric = bool(re.fullmatch(r"[\d.]+", text))  # 300.1.1.1 is a mistyped address
    return bool(_HOSTNAME.fullmatch(text)) and not looks_numeric
