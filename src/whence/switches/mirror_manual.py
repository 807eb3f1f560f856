"""Mirrors that a person sets in the pages of a switch, and cables that a person pulls."""

from __future__ import annotations

from whence.model.bisection import Port, in_words
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors
from whence.world.person import Ask, ask_to


class ManualMirror:
    """A switch whose pages only a person can use."""

    def __init__(self, switch: str, to: Port, ask: Ask = ask_to) -> None:
        self.switch = switch or "the switch"
        self._to = to
        self._ask = ask

    def names(self) -> tuple[Port, ...]:
        """It does not say."""
        return ()

    def mirrored(self) -> Mirrors | None:
        """It cannot be read back."""
        return None

    def mirror(self, wanted: Mirrors) -> None:
        """Say exactly which ports to mirror, and wait."""
        to = f" to port {self._to}" if self._to else ""
        if wanted == Mirrors():
            self._ask(f"{self.switch}: switch port mirroring off")
            return
        parts = []
        if wanted.ports:
            ports = in_words(tuple(sorted(wanted.ports, key=_order)))
            parts.append(f"what comes in (RX, ingress) by {ports}")
        if wanted.uplink:
            parts.append(f"what leaves (TX, egress) by {wanted.uplink}")
        self._ask(f"{self.switch}: mirror{to} {' and '.join(parts)}, and nothing else")

    def saved(self) -> str:
        """Only the person knows."""
        return ""

    def restore(self, saved: str) -> None:
        """Ask for it."""
        self._ask(f"{self.switch}: set port mirroring as it was before")

    def close(self) -> None:
        """There is nothing to let go of."""


class Cables:
    """Machines behind one outlet or hub: what is not wanted is unplugged."""

    def __init__(self, place: str, machines: tuple[Port, ...], ask: Ask = ask_to) -> None:
        self.switch = place or "the outlet"
        self._machines = machines
        self._unplugged: frozenset[Port] = frozenset()
        self._ask = ask

    def names(self) -> tuple[Port, ...]:
        """Give what was said to be there."""
        return self._machines

    def mirrored(self) -> Mirrors | None:
        """Nobody can read which cables are plugged in."""
        return None

    def mirror(self, wanted: Mirrors) -> None:
        """Say which cables to plug in and which to pull, and wait."""
        out = frozenset(self._machines) - wanted.ports
        plug, pull = self._unplugged - out, out - self._unplugged
        said = [f"plug in: {_named(plug)}"] if plug else []
        said += [f"unplug: {_named(pull)}"] if pull else []
        if said:
            self._ask("; ".join(said))
        self._unplugged = out

    def saved(self) -> str:
        """All were plugged in."""
        return ""

    def restore(self, saved: str) -> None:
        """Ask for all cables to be plugged in."""
        if self._unplugged or saved == "":
            self._ask("plug in all cables again")
        self._unplugged = frozenset()

    def close(self) -> None:
        """There is nothing to let go of."""


def _named(machines: frozenset[Port]) -> str:
    return in_words(tuple(sorted(machines, key=_order)))


def _order(port: Port) -> tuple[int, str]:
    return (int(port), "") if port.isascii() and port.isdigit() else (0, port)


def _open(address: MirrorAddress) -> Mirror:
    return ManualMirror(address.host, address.to)


def _open_cables(address: MirrorAddress) -> Mirror:
    return Cables(address.host, tuple(filter(None, address.options.get("machines", "").split(","))))


MANUAL = MirrorDriver(("manual",), "manual:[//NAME/PORT]", _open, changes=45.0, by_hand=True)
# A link that was plugged in is agreed on within two seconds or three, and only then used.
CABLES = MirrorDriver(
    ("cable",), "cable:[//OUTLET]", _open_cables, changes=30.0, settles=3.0, by_hand=True
)
