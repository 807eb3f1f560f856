"""Bridges of Linux: ``bridge -json fdb``, ``ip -json link``, lldpd."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from whence.model import CannotAsk
from whence.model.computed_once import computed_once
from whence.model.switching import (
    Counters,
    Duplex,
    Identity,
    Learned,
    Neighbour,
    Port,
    PortKind,
    Resolved,
    Status,
)
from whence.switches._json_lines import Told, objects
from whence.switches._lldpd import neighbours_or_remark
from whence.world import Device
from whence.world.switch_list import Driver, Way

LINKS = "ip -json -details -statistics link show"
BRIDGES = "ip link show type bridge"
NEIGHBOURS = "ip -json neighbour show"
AGGREGATES = frozenset({"bond", "team"})
VIRTUAL = frozenset({"vlan", "vxlan", "bridge", "gre", "gretap", "macvlan", "ipvlan", "wireguard"})


class LinuxBridge:
    """A bridge of this machine, or of one of its network namespaces."""

    def __init__(self, device: Device, way: Way) -> None:
        self.name = way.name
        self._bridge = way.place
        self._namespace = way.options.get("namespace", "")
        self._device = device
        self._remarks: list[str] = []

    def identity(self) -> Identity:
        """Say by which addresses others know it; its name is that of the settings."""
        own = self._own
        macs = {own.text("address"), *(port.mac for port in self.ports())}
        ageing = own.inside("linkinfo", "info_data").get("ageing_time")
        return Identity(
            self.name,
            f"Linux bridge {self._bridge}",
            frozenset(macs - {""}),
            (),
            ageing // 100 if isinstance(ageing, int) else None,  # hundredths of a second
            (own.evidence,),
        )

    def ports(self) -> Iterator[Port]:
        """Give the interfaces that are in the bridge, and the members of a bond in it."""
        inside = {told.text("ifname") for told in self._members}
        for told in self._links:
            if told.text("ifname") in inside or told.text("master") in inside:
                master = told.text("master")
                yield Port(
                    told.number("ifindex"),
                    told.text("ifname"),
                    "",
                    told.text("ifalias"),
                    _kind(told),
                    told.text("operstate") in ("UP", "UNKNOWN"),
                    None,
                    Duplex.UNKNOWN,
                    told.text("address"),
                    "" if master == self._bridge else master,
                    (told.evidence,),
                )

    def learned(self) -> Iterator[Learned]:
        """Give its forwarding table, without the addresses of its own ports."""
        question = f"bridge -json -statistics fdb show br {shlex.quote(self._bridge)}"
        indexes = {port.name: port.index for port in self.ports()}
        for told in objects(self._device.ask(question)):
            port, vlan = told.text("ifname"), told.number("vlan")
            if port not in indexes or told.text("state") == "permanent":
                continue
            if told.text("master") != self._bridge or not told.text("mac"):
                continue
            yield Learned(
                told.text("mac"),
                port,
                indexes[port],
                () if vlan is None else (vlan,),
                vlan or 0,
                Status.STATIC if told.text("state") == "static" else Status.LEARNED,
                told.number("updated"),
                (told.evidence,),
            )

    def neighbours(self) -> Iterator[Neighbour]:
        """Give whom lldpd knows at its ports."""
        ports = [port.name for port in self.ports()]
        if self._namespace:
            self._remarks.append("lldpd is asked on this machine only, not in other namespaces")
            return
        yield from neighbours_or_remark(self._device, ports, self._remarks)

    def counters(self) -> Iterator[Counters]:
        """Give the counters of its ports."""
        for told in self._members:
            into, out = told.inside("stats64", "rx"), told.inside("stats64", "tx")
            yield Counters(
                told.text("ifname"),
                told.number("ifindex"),
                into.get("bytes"),
                out.get("bytes"),
                into.get("packets"),
                out.get("packets"),
                errors_in=into.get("errors"),
                errors_out=out.get("errors"),
                discards_in=into.get("dropped"),
                discards_out=out.get("dropped"),
                evidence=(told.evidence,),
            )

    def resolved(self) -> Iterator[Resolved]:
        """Give the neighbour table of the machine that it is on."""
        for told in objects(self._device.ask(NEIGHBOURS)):
            if told.text("dst") and told.text("lladdr"):
                yield Resolved(told.text("dst"), told.text("lladdr"), (told.evidence,))

    def remarks(self) -> tuple[str, ...]:
        """Say what could not be asked so far."""
        return tuple(dict.fromkeys(self._remarks))

    def missing(self) -> tuple[str, ...]:
        """Give nothing: what it has learned is told as a whole."""
        return ()

    @computed_once
    def _links(self) -> tuple[Told, ...]:
        return tuple(objects(self._device.ask(LINKS)))

    @property
    def _own(self) -> Told:
        for told in self._links:
            if told.text("ifname") == self._bridge:
                if told.inside("linkinfo").get("info_kind") == "bridge":
                    return told
                raise CannotAsk(
                    f"{self._bridge} is no bridge",
                    because="it is another interface",
                    try_=BRIDGES,
                )
        raise CannotAsk(
            f"there is no bridge {self._bridge}",
            because="no interface is called so",
            try_=BRIDGES,
        )

    @property
    def _members(self) -> tuple[Told, ...]:
        """The interfaces in the bridge; none in one that is there, and is empty."""
        name = self._own.text("ifname")
        return tuple(
            told for told in self._links if told.text("master") == name and told.text("ifname")
        )


def _kind(told: Told) -> PortKind:
    kind = told.inside("linkinfo").get("info_kind", "")
    if kind in AGGREGATES:
        return PortKind.AGGREGATE
    return PortKind.VIRTUAL if kind in VIRTUAL else PortKind.PHYSICAL


BRIDGE = Driver("bridge", LinuxBridge)
