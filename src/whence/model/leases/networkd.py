"""What systemd-networkd keeps of the lease that this machine itself got: sd-dhcp-lease."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model.evidence import Line, Reading
from whence.model.leases.lease import Lease, canonical_ip

MARK = "# This is private data. Do not parse."  # which is why so little is read of it


def networkd_lease(reading: Reading) -> Iterator[Lease]:
    """Give the one lease of the file."""
    told: dict[str, Line] = {}
    for line in reading.lines():
        name, equals, _ = line.partition("=")
        if equals:
            told.setdefault(name, line)
    if "ADDRESS" in told and (ip := canonical_ip(_value(told["ADDRESS"]))):
        name = _value(told["HOSTNAME"]) if "HOSTNAME" in told else ""
        yield Lease(ip, "", name, "active", None, (told["ADDRESS"].evidence,))


def _value(line: Line) -> str:
    return line.partition("=")[2].strip()
