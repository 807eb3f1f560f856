"""The network interfaces of this machine, netdevice(7)."""

from __future__ import annotations

import errno
import fcntl
import socket
import struct
from dataclasses import dataclass

from whence.model import BadInput

SIOCGIFHWADDR = 0x8927  # include/uapi/linux/sockios.h
SIOCGIFFLAGS = 0x8913  # there, too
UP, LOOPS = 1, 8  # IFF_UP, IFF_LOOPBACK of include/uapi/linux/if.h
ETHERNET, LOOPBACK = 1, 772  # ARPHRD_ of include/uapi/linux/if_arp.h
_REQUEST = struct.Struct("=16sH14x")


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface."""

    name: str
    index: int
    hardware: int  # ARPHRD_, which says what the packets' outermost header is

    @property
    def has_ethernet_header(self) -> bool:
        """Whether its packets begin with an Ethernet header."""
        return self.hardware in (ETHERNET, LOOPBACK)


def interface(name: str) -> Interface:
    """Find an interface by its name.

    Raises
    ------
    BadInput
        If there is none.

    """
    try:
        index = socket.if_nametoindex(name)
        return Interface(name, index, _hardware(name))
    except OSError as e:
        if e.errno not in (None, errno.ENODEV, errno.ENXIO, errno.EINVAL):
            raise
        there = ", ".join(name for _, name in socket.if_nameindex())
        raise BadInput(f"there is no interface “{name}”", try_=f"one of {there}") from e


def interface_at(index: int) -> Interface:
    """Find an interface by its number; one that is gone keeps the number as its name."""
    try:
        name = socket.if_indextoname(index)
        return Interface(name, index, _hardware(name))
    except OSError:
        return Interface(f"if{index}", index, 0)


def interfaces_up() -> list[str]:
    """Name the interfaces that are up, without loopback, whose packets pass nothing."""
    return [name for _, name in socket.if_nameindex() if _flags(name) & (UP | LOOPS) == UP]


def _flags(name: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, _REQUEST.pack(name.encode(), 0))
        except OSError:  # gone meanwhile
            return 0
    found: int = _REQUEST.unpack(answer)[1]
    return found


def _hardware(name: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, SIOCGIFHWADDR, _REQUEST.pack(name.encode(), 0))
    found: int = _REQUEST.unpack(answer)[1]
    return found
