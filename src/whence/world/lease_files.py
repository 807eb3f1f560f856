"""Where DHCP servers of this machine write down whom they gave which address, and files at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.model.secrets import redact
from whence.world.contracts import Clock
from whence.world.this_host import asking_for

LARGEST = 64 << 20  # bytes; a server of ten thousand clients writes five million
USUAL = (  # of Debian, Red Hat, pfSense's and OpenWrt's habit, and of clients that serve phones
    "/var/lib/dhcp/dhcpd.leases",
    "/var/lib/dhcp/dhcpd6.leases",
    "/var/lib/dhcpd/dhcpd.leases",
    "/var/lib/dhcpd/dhcpd6.leases",
    "/var/dhcpd/var/db/dhcpd.leases",
    "/var/lib/kea/kea-leases4.csv*",  # those with a number are what a clean-up left: Kea 9.2.5
    "/var/lib/kea/kea-leases6.csv*",
    "/var/lib/kea/dhcp4.leases*",
    "/var/lib/kea/dhcp6.leases*",
    "/var/lib/misc/dnsmasq.leases",
    "/var/lib/dnsmasq/dnsmasq.leases",
    "/var/lib/libvirt/dnsmasq/*.leases",
    "/var/lib/libvirt/dnsmasq/*.status",
    "/var/lib/NetworkManager/dnsmasq-*.leases",
    "/tmp/dhcp.leases",
    "/run/systemd/netif/leases/*",
    "/var/lib/systemd/network/dhcp-server-lease/*",
    "/run/systemd/netif/dhcp-server-lease/*",
)
MOST = 200  # files


class TheseLeaseFiles:
    """A ``world.LeaseFiles``: the files that the user names; if none, those in usual places.

    Each is read once, so that all probes see the same.
    """

    def __init__(self, given: Sequence[Path], observer: str, clock: Clock, root: str = "/") -> None:
        self._given = given
        self._observer = observer
        self._clock = clock
        self._root = Path(root)
        self._read: dict[str, Reading] = {}

    def files(self) -> Reading:
        """Name the files, one a line."""
        found = [str(path.absolute()) for path in self._given] or [*self._usual()]
        text = "".join(f"{name}\n" for name in found[:MOST])
        return Reading("lease files", text, self._clock(), self._observer)

    def contents(self, path: str) -> Reading:
        """Read a file; PowerShell writes UTF-16, all others ASCII or UTF-8."""
        if path not in self._read:
            self._read[path] = self._contents(path)
        return self._read[path]

    def _contents(self, path: str) -> Reading:
        with asking_for(path), Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise CannotAsk(f"{path} is too long", because=f"it has more than {LARGEST >> 20} MiB")
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        text = redact(data.decode(encoding, "replace").replace("\r\n", "\n"))
        return Reading(f"leases {path}", text, self._clock(), self._observer)

    def _usual(self) -> Iterator[str]:
        for pattern in USUAL:
            try:
                yield from sorted(map(str, self._root.glob(pattern.lstrip("/"))))
            except OSError:
                continue  # a folder that is not for us
