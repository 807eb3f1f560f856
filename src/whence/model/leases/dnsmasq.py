"""dnsmasq.leases, of dnsmasq(8), OpenWrt, libvirt and many small routers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model.evidence import Reading
from whence.model.leases.lease import Lease, canonical_ip, mac_of_duid, moment
from whence.model.mac_addresses import canonical_mac

LINE = re.compile(
    r"(?P<ends>\d+) (?P<mac>\S+) (?P<ip>[0-9a-fA-F.:]+) (?P<name>\S+)(?: (?P<id>\S+))?"
)
UNKNOWN = "*"


def dnsmasq_leases(reading: Reading) -> Iterator[Lease]:
    """Give each line; those after ``duid`` are of DHCPv6, and have no MAC address of their own."""
    for line in reading.lines():
        found = LINE.fullmatch(line.strip())
        if found and (ip := canonical_ip(found["ip"])):
            mac = canonical_mac(re.sub(r"^[0-9a-f]{2}-", "", found["mac"]))
            name = "" if found["name"] == UNKNOWN else found["name"]
            mac = mac or (_mac_of(found["id"] or "") if ":" in ip else "")
            yield Lease(ip, mac, name, "", moment(found["ends"]), (line.evidence,))


def _mac_of(identifier: str) -> str:
    try:
        return mac_of_duid(bytes.fromhex(identifier.replace(":", ""))) or ""
    except ValueError:
        return ""
