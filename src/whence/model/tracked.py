"""The kernel's table of connections that it tracks, /proc/net/nf_conntrack. Pure.

A line has the ends as the first packet had them, and as an answer must have them; where NAT
changes an end, the two differ (nf_conntrack_standalone.c).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from whence.model.observables import Flow

TABLE = "/proc/net/nf_conntrack"
_END = re.compile(r"\b(src|dst|sport|dport)=(\S+)")
_PROTOCOL = re.compile(r"ipv[46] +\d+ (\S+)")


@dataclass(frozen=True, slots=True)
class Tracked:
    """A connection that the kernel tracks."""

    transport: str
    source: str  # who began it, before any translation
    called: str  # what it called
    called_port: int | None
    answers: str  # who answers it: another one where the destination is translated
    answers_port: int | None
    leaves_as: str  # what the other end takes for its source

    def goes_to(self, flow: Flow) -> bool:
        """Say whether this is the traffic of a target, whichever end it names."""
        if flow.transport and flow.transport != self.transport:
            return False
        return (
            _fits(flow.destination, flow.destination_port, self.called, self.called_port)
            or _fits(flow.destination, flow.destination_port, self.answers, self.answers_port)
        ) and (flow.source is None or flow.source in (self.source, self.leaves_as))


def tracked(line: str) -> Tracked | None:
    """Read a line of the table; None if it is none."""
    protocol = _PROTOCOL.match(line)
    ends = _END.findall(line)
    addresses = [_address(text) for name, text in ends if name in ("src", "dst")]
    if protocol is None or len(addresses) != 4 or None in addresses:
        return None
    source, called, answers, leaves_as = (str(address) for address in addresses)
    ports = [int(text) if text.isdecimal() else None for name, text in ends if name[1:] == "port"]
    _, called_port, answers_port, _ = ports if len(ports) == 4 else (None,) * 4
    return Tracked(protocol[1], source, called, called_port, answers, answers_port, leaves_as)


def written_in_table(address: str) -> str:
    """Write an address as the table does: IPv6 in full."""
    return ipaddress.ip_address(address).exploded


def _fits(address: str | None, port: int | None, end: str, end_port: int | None) -> bool:
    return address in (None, end) and port in (None, end_port) and (address, port) != (None, None)


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
