"""Leases of DHCP clients: another address, server or search list, dhclient.leases(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

FOLDERS = (
    "/var/lib/dhcp",
    "/var/lib/dhclient",
    "/var/lib/NetworkManager",
    "/var/lib/dhcpcd",
    "/run/systemd/netif/leases",
)
_LEASE = re.compile(r".*(?:\.leases?|/leases/\d+)$")


@change_source
def leases(past: Past) -> Iterator[Change]:
    """Leases that a DHCP client of this machine was given or renewed."""
    yield from changed(FOLDERS, "lease", lambda path, _: _words(path), past)


def _words(path: str) -> str | None:
    return f"a DHCP lease was given or renewed: {path}" if _LEASE.match(path) else None
