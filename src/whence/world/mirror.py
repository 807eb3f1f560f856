"""What whoever looks for a port may ask of a switch: which ports it mirrors, and to mirror others.

A driver is a file ``mirror_*.py`` in ``whence.switches`` that declares a `MirrorDriver`; nothing
else is edited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qsl, unquote, urlsplit

from whence.model import BadInput
from whence.model.bisection import Port
from whence.world.post import NO_SECRET, Secret


@dataclass(frozen=True, slots=True)
class Mirrors:
    """What a switch mirrors to the port where we listen."""

    ports: frozenset[Port] = frozenset()  # what comes in by them
    uplink: Port = ""  # what leaves by it; empty: nothing


class Mirror(Protocol):
    """A switch whose mirrors can be changed. Each method raises CannotAsk with the reason."""

    switch: str  # its name, for people

    def names(self) -> tuple[Port, ...]:
        """Name the ports that could be mirrored; empty where the switch does not say."""
        ...

    def mirrored(self) -> Mirrors | None:
        """Read back what is mirrored; None where that cannot be read."""
        ...

    def mirror(self, wanted: Mirrors) -> None:
        """Mirror exactly this."""
        ...

    def saved(self) -> str:
        """Write down what was mirrored before, for ``restore``, also one of a later process."""
        ...

    def restore(self, saved: str) -> None:
        """Bring back what was mirrored before. Does no harm when it is done twice."""
        ...

    def close(self) -> None:
        """Let go of the switch."""
        ...


@runtime_checkable
class KnowsStations(Protocol):
    """A switch that says behind which port which station is."""

    def stations(self) -> dict[str, Port]:
        """Give the port of each MAC address that was learned."""
        ...


@runtime_checkable
class CountsPackets(Protocol):
    """A switch that says how many packets came in by each port."""

    def counters(self) -> dict[Port, int]:
        """Give the counters, by port; the port where we listen is left out."""
        ...


@runtime_checkable
class CutsFrames(Protocol):
    """A switch that hands over no frame twice; it cuts those of mirrored ports instead.

    While the uplink is mirrored, too, a frame of so many octets came in by one of these ports.
    """

    cut: int


@dataclass(frozen=True, slots=True)
class MirrorAddress:
    """Where a switch is, and by which of its ports we listen: ``scheme://user@host/TO?key=value``."""

    scheme: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: Secret = NO_SECRET
    to: Port = ""
    options: dict[str, str] = field(default_factory=dict)
    text: str = ""  # the URL, without what is secret


def read_address(url: str) -> MirrorAddress:
    """Read the URL of a switch.

    Raises
    ------
    BadInput
        If it is none.

    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise BadInput("this is not the URL of a switch", because=str(e)) from e
    if not parts.scheme:
        raise BadInput(
            f"“{url}” is not the URL of a switch",
            because="it does not begin with how the switch is spoken to",
            try_="tc:///mon0, ovs://br0/mon0, smon://192.0.2.2/24, or manual:",
        )
    at = parts.hostname or ""
    shown = f"{unquote(parts.username)}@" if parts.username and parts.password else ""
    if parts.username and not parts.password and parts.scheme not in SECRET_USER:
        shown = f"{unquote(parts.username)}@"
    place = f"[{at}]" if ":" in at else at
    place += f":{port}" if port else ""
    query = f"?{parts.query}" if parts.query else ""
    text = f"{parts.scheme}://{shown}{place}{parts.path}{query}"
    return MirrorAddress(
        parts.scheme.lower(),
        at,
        port,
        unquote(parts.username or ""),
        Secret(unquote(parts.password or "")),
        unquote(parts.path).removeprefix("/"),
        dict(parse_qsl(parts.query)),
        text,
    )


SECRET_USER = frozenset({"smon"})  # schemes where the user's place holds an SNMP community


@dataclass(frozen=True, slots=True)
class MirrorDriver:
    """How switches of one kind are told what to mirror."""

    schemes: tuple[str, ...]
    form: str  # of the URL, for the manual
    open: Callable[[MirrorAddress], Mirror]
    changes: float = 0.1  # s that a change takes, about; learned afterwards
    settles: float = 0.05  # s after a change, for frames that were on the way
    by_hand: bool = False  # a person does it
    outlives_boot: bool = True  # whether mirrors are still set when this machine has restarted


def check_ports(wanted: Sequence[Port], names: Sequence[Port], switch: str) -> None:
    """See that a switch has these ports.

    Raises
    ------
    BadInput
        If it has not.

    """
    missing = [port for port in wanted if names and port not in names]
    if missing:
        raise BadInput(
            f"{switch} has no port {', '.join(missing[:5])}",
            because=f"its ports are {', '.join(names[:60])}",
        )
