"""Which form a file of leases has, by how it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from whence.model.errors import BadInput
from whence.model.evidence import Reading
from whence.model.leases.dnsmasq import LINE, dnsmasq_leases
from whence.model.leases.isc import isc_leases
from whence.model.leases.kea import HEADER, json_leases, kea_csv
from whence.model.leases.lease import Lease
from whence.model.leases.networkd import MARK, networkd_lease
from whence.model.leases.windows import (
    NETSH_ROW,
    netsh_clients,
    windows_objects,
    windows_xml,
)

MOST = 1_000_000  # leases of a file
START = 64 << 10  # characters in which a file shows its form
HEADING = 40  # lines in which a row stands
_POWERSHELL = re.compile(r'^(?:"?\w+"?[,;\t ]\s*)*"?IPAddress\b', re.M)
_ISC = re.compile(r"^(?:lease\s+\S+\s*\{|ia-\w+\s|server-duid\s|authoring-byte-order\s)", re.M)


def leases(reading: Reading) -> Iterator[Lease]:
    """Read a file of leases, of whatever server; an empty file has none.

    Raises
    ------
    BadInput
        If it is of no form that is known.

    """
    return islice(_leases(reading), MOST)


def _leases(reading: Reading) -> Iterator[Lease]:
    start = reading.text[:START].lstrip("\ufeff \t\r\n")
    first = start.partition("\n")[0].strip()
    if not start:
        return iter(())
    if start.startswith(("{", "[")):
        return json_leases(reading)
    if start.startswith("<"):
        return windows_xml(reading)
    if first.startswith(HEADER):
        return kea_csv(reading)
    if _POWERSHELL.search(start) and "ClientId" in start:
        return windows_objects(reading)
    if any(NETSH_ROW.fullmatch(line) for line in start.split("\n", HEADING)[:HEADING]):
        return netsh_clients(reading)
    if first.startswith(MARK):
        return networkd_lease(reading)
    if LINE.fullmatch(first) or first.startswith("duid "):
        return dnsmasq_leases(reading)
    if _ISC.search(start) or first.startswith("#"):
        return isc_leases(reading)
    raise BadInput(
        f"{reading.source.removeprefix('leases ')} is no file of leases that is known",
        because="it is not of dhcpd, Kea, dnsmasq, systemd-networkd or Windows",
        try_="Get-DhcpServerv4Lease … | Export-Csv leases.csv, or Export-DhcpServer",
    )
