"""Mirrors of a Linux bridge or router: tc(8), a filter at the ingress of each port.

``clsact`` with a u32 filter that matches everything, and ``mirred egress mirror``: the classifier
``matchall`` is a module that many kernels lack. Our filters have a preference of their own, so that
those of others stay.
"""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from whence.model import BadInput, CannotAsk
from whence.model.bisection import Port
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors, check_ports
from whence.world.mirror_command import Command, run

Row = TypeVar("Row")
PREFERENCE = 30583  # of our filters
MATCH = "u32 match u32 0 0 action mirred egress mirror dev"


class LinuxMirror:
    """The ports of a network namespace; empty: our own."""

    def __init__(self, namespace: str, to: Port, command: Command = run) -> None:
        self.switch = namespace or "this machine"
        self._inside = ("-netns", namespace) if namespace else ()
        self._to = to
        self._run = command
        self._names: tuple[Port, ...] = ()
        check_ports([to], self._all_names(), self.switch)

    def names(self) -> tuple[Port, ...]:
        """Name the interfaces, without the one where we listen."""
        return tuple(name for name in self._all_names() if name not in (self._to, "lo"))

    def mirrored(self) -> Mirrors:
        """Read our filters back."""
        ports, uplinks = [], []
        names = self.names()
        lines = [f"filter show dev {name} {way} pref {PREFERENCE}"
                 for name in names for way in ("ingress", "egress")]  # fmt: skip
        shown = self._tc(lines, "-json").splitlines()
        if len(shown) < len(lines):
            raise CannotAsk(f"could not read the mirrors of {self.switch}",
                            because="tc told less than was asked")  # fmt: skip
        for at, name in enumerate(names):
            if self._goes_to_us(shown[2 * at]):
                ports.append(name)
            if self._goes_to_us(shown[2 * at + 1]):
                uplinks.append(name)
        return Mirrors(frozenset(ports), uplinks[0] if uplinks else "")

    def mirror(self, wanted: Mirrors) -> None:
        """Add and remove filters, all in one go."""
        check_ports([*wanted.ports, *filter(None, [wanted.uplink])], self.names(), self.switch)
        present = self.mirrored()
        self._give_hooks({*wanted.ports, *filter(None, [wanted.uplink])})
        lines = [self._delete(name, "ingress") for name in sorted(present.ports - wanted.ports)]
        if present.uplink and present.uplink != wanted.uplink:
            lines.append(self._delete(present.uplink, "egress"))
        lines += [self._add(name, "ingress") for name in sorted(wanted.ports - present.ports)]
        if wanted.uplink and wanted.uplink != present.uplink:
            lines.append(self._add(wanted.uplink, "egress"))
        if lines:
            self._tc(lines)

    def saved(self) -> str:
        """Write down which ports have a hook for filters already; those stay."""
        return json.dumps({"hooks": sorted(self._hooks())})

    def restore(self, saved: str) -> None:
        """Remove our filters, and the hooks that were not there before."""
        hooked = {str(name) for name in json.loads(saved).get("hooks", ())}
        self.mirror(Mirrors())
        there = self._hooks() & set(self.names())
        empty = [name for name in sorted(there - hooked) if self._is_empty(name)]
        if empty:
            self._tc([f"qdisc del dev {name} clsact" for name in empty])

    def stations(self) -> dict[str, Port]:
        """Say behind which port which station is, where the switch is a bridge."""
        shown = self._run(("bridge", *self._inside, "-json", "fdb", "show"), "")
        names = self.names()
        return {row.mac: row.ifname for row in _rows(shown, _Station)
                if row.master and row.state != "permanent" and row.ifname in names}  # fmt: skip

    def counters(self) -> dict[Port, int]:
        """Give how many packets came in by each port."""
        shown = self._run(("ip", *self._inside, "-json", "-stats", "link", "show"), "")
        names = self.names()
        return {row.ifname: row.stats64.rx.packets for row in _rows(shown, _Link)
                if row.stats64 and row.ifname in names}  # fmt: skip

    def close(self) -> None:
        """There is nothing to let go of."""

    def _give_hooks(self, names: set[Port]) -> None:
        missing = sorted(names - self._hooks())
        if missing:
            self._tc([f"qdisc add dev {name} clsact" for name in missing])

    def _hooks(self) -> set[Port]:
        shown = self._run(("tc", *self._inside, "-json", "qdisc", "show"), "")
        return {row.dev for row in _rows(shown, _Hook) if row.kind == "clsact"}

    def _is_empty(self, name: Port) -> bool:
        shown = self._tc(
            [f"filter show dev {name} {way}" for way in ("ingress", "egress")], "-json"
        )
        return not any(_rows(line, _Filter) for line in shown.splitlines())

    def _goes_to_us(self, shown: str) -> bool:
        return any(
            action.kind == "mirred" and action.to_dev == self._to
            for row in _rows(shown, _Filter)
            for action in row.options.actions
        )

    def _add(self, name: Port, way: str) -> str:
        return f"filter add dev {name} {way} protocol all pref {PREFERENCE} {MATCH} {self._to}"

    def _delete(self, name: Port, way: str) -> str:
        return f"filter del dev {name} {way} protocol all pref {PREFERENCE}"

    def _all_names(self) -> tuple[Port, ...]:
        if not self._names:
            try:
                shown = self._run(("ip", *self._inside, "-json", "link", "show"), "")
            except CannotAsk as reason:
                raise CannotAsk(
                    f"could not list the ports of {self.switch}",
                    because=reason.because or str(reason),
                    try_="ip netns list, for tc://NAMESPACE/INTERFACE" if self._inside else "",
                ) from reason
            self._names = tuple(row.ifname for row in _rows(shown, _Link) if row.ifname)
        return self._names

    def _tc(self, lines: list[str], *options: str) -> str:
        return self._run(("tc", *self._inside, *options, "-batch", "-"), "\n".join(lines) + "\n")


class _Received(msgspec.Struct):
    packets: int = 0


class _Statistics(msgspec.Struct):
    rx: _Received = msgspec.field(default_factory=_Received)


class _Link(msgspec.Struct):
    ifname: str = ""
    stats64: _Statistics | None = None


class _Station(msgspec.Struct):
    mac: str = ""
    ifname: str = ""
    master: str = ""
    state: str = ""


class _Hook(msgspec.Struct):
    kind: str = ""
    dev: str = ""


class _Action(msgspec.Struct):
    kind: str = ""
    to_dev: str = ""


class _Options(msgspec.Struct):
    actions: list[_Action] = msgspec.field(default_factory=list)


class _Filter(msgspec.Struct):
    options: _Options = msgspec.field(default_factory=_Options)


def _rows(text: str, kind: type[Row]) -> list[Row]:
    """Read what iproute2 prints with -json; it prints nothing at all where there is nothing."""
    try:
        return msgspec.json.decode(text or "[]", type=list[kind])  # type: ignore[valid-type]
    except (msgspec.DecodeError, UnicodeEncodeError) as e:
        raise CannotAsk("could not read what iproute2 prints", because=str(e)) from e


def _open(address: MirrorAddress) -> Mirror:
    if not address.to:
        raise BadInput("where are frames to be mirrored to?", try_="tc:///mon0")
    return LinuxMirror(address.host, address.to)


TC = MirrorDriver(("tc",), "tc://[NAMESPACE]/INTERFACE", _open, outlives_boot=False)
