"""Open vSwitch: ``ovs-appctl fdb/show``, ``ovs-vsctl --format=json``, lldpd.

Where Open vSwitch runs with folders of its own, OVS_RUNDIR names them, as for its own tools.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

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
from whence.switches._json_lines import Told, rows
from whence.switches._lldpd import neighbours_or_remark
from whence.world import Device
from whence.world.switch_list import Driver, Way

TABLES = "ovs-vsctl --timeout=5 --format=json"
_ROW = re.compile(r"\s*(\d+|LOCAL)\s+(\d+)\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\s+(\d+|static|\?)")


class OpenVSwitch:
    """A bridge of Open vSwitch."""

    def __init__(self, device: Device, way: Way) -> None:
        self.name = way.name
        self._bridge = way.place
        self._device = device
        self._remarks: list[str] = []

    def identity(self) -> Identity:
        """Say by which addresses others know it; its name is that of the settings."""
        own = self._own
        settings = own.inside("other_config")
        ageing = str(settings.get("mac-aging-time", "300"))  # ovs-vswitchd.conf.db(5)
        macs = {told.text("mac_in_use") for told in self._interfaces}
        return Identity(
            self.name,
            f"Open vSwitch bridge {self._bridge}",
            frozenset(macs - {""}),
            (),
            int(ageing) if ageing.isdecimal() else 300,
            (own.evidence,),
        )

    def ports(self) -> Iterator[Port]:
        """Give the interfaces of the bridge, each with the bond that it is a member of."""
        for told in self._interfaces:
            bond = self._bonds.get(told.text("_uuid"), "")
            internal = told.text("type") in ("internal", "patch")
            yield Port(
                told.number("ifindex"),
                told.text("name"),
                "",
                "",
                PortKind.VIRTUAL if internal else PortKind.PHYSICAL,
                told.text("link_state") == "up",
                told.number("link_speed"),
                {"full": Duplex.FULL, "half": Duplex.HALF}.get(told.text("duplex"), Duplex.UNKNOWN),
                told.text("mac_in_use"),
                bond,
                (told.evidence,),
            )

    def learned(self) -> Iterator[Learned]:
        """Give its forwarding table: one for each VLAN, 0 where there is none."""
        by_number = {told.number("ofport"): told for told in self._interfaces}
        question = f"ovs-appctl fdb/show {shlex.quote(self._bridge)}"
        for line in self._device.ask(question).lines(skip=1):
            found = _ROW.match(line)
            if not found or found[1] == "LOCAL":
                continue
            told = by_number.get(int(found[1]))
            if told is None:
                self._remarks.append(f"port {found[1]} of the forwarding table has no name")
                continue
            vlan = int(found[2])
            yield Learned(
                found[3],
                told.text("name"),
                told.number("ifindex"),
                (vlan,) if vlan else (),
                vlan,
                Status.STATIC if found[4] == "static" else Status.LEARNED,
                int(found[4]) if found[4].isdecimal() else None,
                (line.evidence, told.evidence),
            )

    def neighbours(self) -> Iterator[Neighbour]:
        """Give whom lldpd knows at its ports."""
        ports = [port.name for port in self.ports()]
        yield from neighbours_or_remark(self._device, ports, self._remarks)

    def counters(self) -> Iterator[Counters]:
        """Give the counters of its interfaces."""
        for told in self._interfaces:
            counted: dict[str, Any] = told.inside("statistics")
            yield Counters(
                told.text("name"),
                told.number("ifindex"),
                counted.get("rx_bytes"),
                counted.get("tx_bytes"),
                counted.get("rx_packets"),
                counted.get("tx_packets"),
                errors_in=counted.get("rx_errors"),
                errors_out=counted.get("tx_errors"),
                discards_in=counted.get("rx_dropped"),
                discards_out=counted.get("tx_dropped"),
                evidence=(told.evidence,),
            )

    def resolved(self) -> Iterator[Resolved]:
        """Give none: it has no addresses of its own."""
        return iter(())

    def remarks(self) -> tuple[str, ...]:
        """Say what was left out so far."""
        return tuple(dict.fromkeys(self._remarks))

    def missing(self) -> tuple[str, ...]:
        """Give nothing: what it has learned is told as a whole."""
        return ()

    @computed_once
    def _own(self) -> Told:
        bridges = self._device.ask(f"{TABLES} --columns=name,ports,other_config list bridge")
        for told in rows(bridges):
            if told.text("name") == self._bridge:
                return told
        raise CannotAsk(
            f"Open vSwitch has no bridge {self._bridge}",
            because="it lists others only",
            try_="ovs-vsctl list-br",
        )

    @computed_once
    def _members(self) -> dict[str, list[str]]:
        """Name the interfaces of each port of this bridge, by the name of the port."""
        own = set(_several(self._own.fields.get("ports")))
        ports = self._device.ask(f"{TABLES} --columns=_uuid,name,interfaces list port")
        return {
            told.text("name"): _several(told.fields.get("interfaces"))
            for told in rows(ports)
            if told.text("_uuid") in own
        }

    @computed_once
    def _bonds(self) -> dict[str, str]:
        """Give the bond of each interface that is in one."""
        bonds = {name: inside for name, inside in self._members.items() if len(inside) > 1}
        return {interface: name for name, inside in bonds.items() for interface in inside}

    @computed_once
    def _interfaces(self) -> tuple[Told, ...]:
        own = {interface for inside in self._members.values() for interface in inside}
        told = rows(self._device.ask(f"{TABLES} list interface"))
        return tuple(one for one in told if one.text("_uuid") in own and one.text("name"))


def _several(value: object) -> list[str]:
    """Read a set of OVSDB; one element stands without its set."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


OVS = Driver("ovs", OpenVSwitch)
