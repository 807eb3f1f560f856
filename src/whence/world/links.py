"""The links that this machine is on, and what it knows of who else is: rtnetlink(7).

Nothing is sent to anybody but the kernel.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from whence.model import CannotAsk, Reading
from whence.world.contracts import Clock
from whence.world.namespaces import NetworkNamespace, inside, network_namespaces
from whence.world.netlink import DONE, DUMP, ERROR, HEADER, LARGEST, REQUEST, attributes, messages

GET_LINK, GET_ADDRESS, GET_NEIGHBOUR = 18, 22, 30  # RTM_GET…
_ADDRESS = struct.Struct("=BBBBI")  # struct ifaddrmsg: family, prefix length, flags, scope, index
_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, change
_NEIGHBOUR = struct.Struct("=Bxxxi" + "HBB")  # struct ndmsg: family, index, state, flags, type
_CACHE = struct.Struct("=IIII")  # struct nda_cacheinfo: confirmed, used, updated, references
IFLA_ADDRESS, IFLA_IFNAME = 1, 3
IFA_ADDRESS, IFA_LOCAL = 1, 2
NDA_DST, NDA_LLADDR, NDA_CACHEINFO = 1, 2, 3
NTF_ROUTER = 0x80
ETHERNET = 1  # ARPHRD_ETHER
TICKS = os.sysconf("SC_CLK_TCK")  # a second, of what the kernel tells users
MOST = 65_536  # neighbours of a namespace; the kernel keeps 1,024 unless it is told otherwise
STATES = {  # NUD_… of include/uapi/linux/neighbour.h
    0x01: "INCOMPLETE",
    0x02: "REACHABLE",
    0x04: "STALE",
    0x08: "DELAY",
    0x10: "PROBE",
    0x20: "FAILED",
    0x80: "PERMANENT",
}
OWN = "OWN"  # an address of the machine itself


@dataclass(frozen=True, slots=True)
class Link:
    """An address of this machine, on an interface of it."""

    interface: str
    index: int
    mac: str  # empty where the link has none
    address: str
    prefix: int

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The addresses that are reached on the link, without a router."""
        return ipaddress.ip_network(f"{self.address}/{self.prefix}", strict=False)


@dataclass(frozen=True, slots=True)
class _Interface:
    name: str
    mac: str


def links_to(address: str, named: str = "") -> list[Link]:
    """Give the links of our own namespace on which an address is reached without a router.

    Of IPv6's link-local addresses nobody knows on which link they are: all are given, unless it
    is ``named``.

    Raises
    ------
    CannotAsk
        If there is none: to ask would send packets through a router, to strangers.

    """
    wanted = ipaddress.ip_address(address)
    with _route_socket() as kernel:
        links = [link for link in _links(kernel) if wanted in link.network]
    if named and wanted.is_link_local:
        links = [link for link in links if link.interface == named]
    if not links:
        where = f"not on a link {named}" if named else "on no link"
        raise CannotAsk(
            f"{address} is {where} of this machine",
            because="the question would go through a router, and only neighbours are asked",
            try_="ask from a machine that is on its network",
        )
    longest = max(link.prefix for link in links)
    return [link for link in links if link.prefix == longest]


def known_neighbours(observer: str, clock: Clock, link: str = "") -> Reading:
    """Give what the kernel knows of neighbours, in all network namespaces that we may enter.

    A JSON object a line: ip, mac, state (as ip-neighbour(8) has it, and OWN for the machine's
    own addresses), interface, namespace (whose; empty: our own), age in seconds since it was last
    confirmed, or since nobody answered, router. At the end, what could not be read. If a ``link``
    is named, link-local addresses of others are left out.

    Raises
    ------
    CannotAsk
        If the kernel does not tell.

    """
    lines: list[str] = []
    closed = 0
    for namespace in network_namespaces():
        try:
            with _opened_in(namespace) as kernel:
                rows = [*_rows(kernel, _name(namespace))]
        except CannotAsk:
            closed += 1
        except OSError as e:
            raise CannotAsk("the kernel does not tell of neighbours", because=str(e)) from e
        else:
            lines += (json.dumps(row) for row in rows if not link or _is_on(link, row))
    if closed:
        lines.append(json.dumps({"namespaces_not_entered": closed}))
    text = "".join(f"{line}\n" for line in lines)
    return Reading("neighbours", text, clock(), observer)


def _is_on(link: str, row: Mapping[str, object]) -> bool:
    """Say whether a row is of a link of our own namespace, or of no link: not link-local."""
    here = (row.get("interface"), row.get("namespace")) == (link, "")
    return here or "ip" not in row or not ipaddress.ip_address(str(row["ip"])).is_link_local


def _rows(kernel: socket.socket, namespace: str) -> Iterator[dict[str, object]]:
    interfaces = _interfaces(kernel)
    where = {"namespace": namespace}
    for link in _links(kernel):
        yield {
            "ip": link.address, "mac": link.mac, "state": OWN, "interface": link.interface,
            "prefix": link.prefix,
        } | where  # fmt: skip
    for count, payload in enumerate(_dump(kernel, GET_NEIGHBOUR, _NEIGHBOUR.size)):
        if count >= MOST:
            yield {"neighbours_left_out": f"all after {MOST}"}
            return
        if row := _neighbour(payload, interfaces):
            yield row | where


def _neighbour(payload: bytes, interfaces: dict[int, _Interface]) -> dict[str, object] | None:
    family, index, state, flags, _ = _NEIGHBOUR.unpack_from(payload)
    extra = attributes(payload[_NEIGHBOUR.size :])
    address = _address(family, extra.get(NDA_DST, b""))
    if state not in STATES or not address or ipaddress.ip_address(address).is_multicast:
        return None
    cache = extra.get(NDA_CACHEINFO, b"")
    confirmed, _, updated, _ = _CACHE.unpack(cache[: _CACHE.size].ljust(_CACHE.size, b"\0"))
    mac = extra.get(NDA_LLADDR, b"").hex(":")
    return {
        "ip": address,
        "mac": mac,
        "state": STATES[state],
        "interface": interfaces[index].name if index in interfaces else f"if{index}",
        "age": round((confirmed if mac else updated) / TICKS),
    } | ({"router": True} if flags & NTF_ROUTER else {})


def _links(kernel: socket.socket) -> Iterator[Link]:
    interfaces = _interfaces(kernel)
    for payload in _dump(kernel, GET_ADDRESS, _ADDRESS.size):
        family, prefix, _, _, index = _ADDRESS.unpack_from(payload)
        extra = attributes(payload[_ADDRESS.size :])
        address = _address(family, extra.get(IFA_LOCAL) or extra.get(IFA_ADDRESS, b""))
        if address and index in interfaces:
            there = interfaces[index]
            yield Link(there.name, index, there.mac, address, prefix)


def _interfaces(kernel: socket.socket) -> dict[int, _Interface]:
    found: dict[int, _Interface] = {}
    for payload in _dump(kernel, GET_LINK, _LINK.size):
        _, hardware, index, _, _ = _LINK.unpack_from(payload)
        extra = attributes(payload[_LINK.size :])
        name = extra.get(IFLA_IFNAME, b"").rstrip(b"\0").decode("utf-8", "replace")
        mac = extra.get(IFLA_ADDRESS, b"").hex(":") if hardware == ETHERNET else ""
        found[index] = _Interface(name, mac)
    return found


def _dump(kernel: socket.socket, kind: int, size: int) -> Iterator[bytes]:
    """Ask for a whole table; ``size`` is that of the header that its rows begin with."""
    kernel.send(HEADER.pack(HEADER.size + size, kind, REQUEST | DUMP, 1, 0) + bytes(size))
    rows: list[bytes] = []
    while True:
        for told, payload in messages(kernel.recv(LARGEST)):
            if told == DONE:
                yield from rows
                return
            if told == ERROR:
                number = -struct.unpack_from("=i", payload)[0]
                raise OSError(number, os.strerror(number))
            if len(payload) >= size:
                rows.append(payload)


def _address(family: int, packed: bytes) -> str:
    with suppress(ValueError, OSError):
        return socket.inet_ntop(family, packed)
    return ""


def _name(namespace: NetworkNamespace) -> str:
    if namespace.own:
        return ""
    path = PurePosixPath(namespace.path)
    return f"of process {path.parts[2]}" if path.parts[1] == "proc" else f"of {path.name}"


def _opened_in(namespace: NetworkNamespace) -> socket.socket:
    return _route_socket() if namespace.own else inside(namespace.path, _route_socket)


def _route_socket() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    kernel.settimeout(5)
    return kernel
