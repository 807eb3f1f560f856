"""Switches made of rows, for tests of what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field

from whence.model import Evidence
from whence.model.switching import Duplex, Identity, Learned, Neighbour, Port, PortKind, Resolved
from whence.model.wiring import SwitchView, Wiring, wiring_of
from whence.world import EPOCH


def cite(text: str) -> tuple[Evidence, ...]:
    return (Evidence("digest", "walk 1.3.6", 1, text, EPOCH, "sw"),)


@dataclass
class Office:
    """Switches, as a probe is handed them."""

    views: list[SwitchView] = field(default_factory=list)

    def switch(
        self,
        name: str,
        heard: dict[str, str],
        *,
        own: str = "",
        said: tuple[Neighbour, ...] = (),
        members: dict[str, str] | None = None,
        duplex: dict[str, Duplex] | None = None,
        resolved: dict[str, str] | None = None,
        alias: dict[str, str] | None = None,
        kind: dict[str, PortKind] | None = None,
        vlan: dict[str, int] | None = None,
    ) -> Office:
        """Add a switch that hears, at each port, these addresses (words of one letter will do)."""
        names = {*heard, *(one.port for one in said), *(members or {})}
        ports = [
            Port(
                number,
                port,
                alias=(alias or {}).get(port, ""),
                kind=(kind or {}).get(port, PortKind.PHYSICAL),
                aggregate=(members or {}).get(port, ""),
                duplex=(duplex or {}).get(port, Duplex.UNKNOWN),
                evidence=cite(f"{name} {port}"),
            )
            for number, port in enumerate(sorted(names), 1)
        ]
        learned = [
            Learned(
                mac,
                port,
                vlans=((vlan or {}).get(port, 10),),
                evidence=cite(f"{name} {port} {mac}"),
            )
            for port, macs in heard.items()
            for mac in macs.split()
        ]
        arp = [Resolved(ip, mac, cite(f"{ip} {mac}")) for ip, mac in (resolved or {}).items()]
        identity = Identity(name, macs=frozenset({own} - {""}), ageing=300, evidence=cite(name))
        view = SwitchView(name, identity, tuple(ports), tuple(learned), said, tuple(arp))
        self.views.append(view)
        return self

    def wiring(self, *silent: str) -> Wiring:
        return wiring_of(self.views, silent)


def neighbour(
    port: str, name: str, *able: str, chassis: str = "", protocol: str = "lldp"
) -> Neighbour:
    evidence = cite(f"{port} {name}")
    return Neighbour(port, protocol, None, chassis, "1", name, "", frozenset(able), (), evidence)
