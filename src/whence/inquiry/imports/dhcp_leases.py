"""Leases of DHCP servers, in the forms that `whence station --leases` reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._look_times import micros
from whence.model import BadInput, CannotAsk, Reading
from whence.model.leases import Lease, leases
from whence.model.reported import Pairing

LARGEST = 64 << 20  # characters
_THEN = datetime(1970, 1, 1, tzinfo=UTC)


def _looks_like(head: Head) -> float:
    text = head.text
    if text.lstrip().startswith(("{", "[")) and '"ip-address"' not in text:
        return 0.0
    if text.lstrip().startswith("<") and "Lease" not in text:
        return 0.0
    try:
        found = next(iter(leases(_reading(text.rpartition("\n")[0] or text))), None)
    except (BadInput, CannotAsk, RecursionError, ValueError):
        return 0.0
    return 0.9 if found else 0.0


@kind(_looks_like, longest=1 << 20)
def dhcp_leases(lines: Lines, given: Given) -> Iterator[Pairing]:
    """DHCP leases: dhcpd, Kea (CSV and JSON), dnsmasq, systemd-networkd, and Windows.

    Of Windows, Export-DhcpServer (XML), Get-DhcpServerv4Lease as a table, list or CSV, and
    “netsh dhcp server scope … show clients”, also with 1 behind it, which adds the names.
    With the names that clients gave. Of several leases of one address the last is true.
    """
    text: list[str] = []
    size = 0
    for number, line in lines:
        size += len(line) + 1
        if size > LARGEST:
            lines.leave_out(f"lines beyond {LARGEST >> 20} MB of leases")
        else:
            text += [""] * (number - 1 - len(text)) + [line]  # so that numbers stay as they are
    last: dict[str, Lease] = {}
    replaced = 0
    try:
        for lease in leases(_reading("\n".join(text))):
            replaced += last.pop(lease.ip, None) is not None
            last[lease.ip] = lease
    except (BadInput, CannotAsk, RecursionError):
        pass  # it did look like leases at first
    for lease in last.values():
        first = min((evidence.line for evidence in lease.evidence), default=0)
        ends = micros(lease.ends) if lease.ends else None
        state = lease.state if lease.mac else ""  # of one without, it says who answers
        yield Pairing(first, lease.ip, lease.mac, state, "", lease.name, ends)
    if replaced:
        lines.leave_out("leases of addresses that were leased again later", replaced)
    # What stands around leases (blocks, headings) cannot be told from what is no lease.
    lines.part(lines.count - lines.blank - len(last) - lines.left_out.total())


def _reading(text: str) -> Reading:
    return Reading("leases", text, _THEN, "")
