"""Which switch is meant, how it is asked, and which driver knows how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from whence.world.contracts import Device, Switch


@dataclass(frozen=True, slots=True)
class Way:
    """How a switch is asked, without anything that is secret: this is kept in cases."""

    name: str  # by which people know it
    scheme: str  # of the driver: "snmp", "bridge", "ovs", "ssh"
    place: str = ""  # an address, or the name of a bridge
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        more = "&".join(f"{name}={value}" for name, value in sorted(self.options.items()))
        return f"{self.scheme}:{self.place}" + (f"?{more}" if more else "")


@dataclass(frozen=True, slots=True)
class Driver:
    """What makes a switch of a device that answers questions."""

    scheme: str
    make: Callable[[Device, Way], Switch]
