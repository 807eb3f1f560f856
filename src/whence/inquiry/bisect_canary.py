"""The positive control: is what arrives what a mirror of these ports would bring? Pure.

A switch may take a change, show it when asked, and not carry it out. While all ports are mirrored
we learn who talks and how often; after each change the same stations tell. Which port a station is
behind is learned, too: of the sets with it and without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from whence.model.bisection import Port

SILENT = 12.0  # frames to be expected of the stations of a set, of which none came
STRANGE = 3  # frames of a station whose port is not mirrored
STATIONS = 512  # that are kept
ENOUGH = 5  # frames of a station in a first look, to expect it again


@dataclass(slots=True)
class Canary:
    """What stations are known, by their MAC address, and what was heard of them."""

    ports: Mapping[str, Port] = field(default_factory=dict)  # where each is, as the switch says
    rates: dict[str, float] = field(default_factory=dict)  # frames a second, all mirrored
    _heard: Counter[str] = field(default_factory=Counter)
    _anyway: set[str] = field(default_factory=set)  # heard although nothing is mirrored
    _began: float = 0.0

    def begin(self, at: float) -> None:
        """From now on, other ports are mirrored."""
        self._heard.clear()
        self._began = at

    def hear(self, stations: Iterable[str]) -> None:
        """Count frames by who sent them."""
        for station in stations:
            if station in self._heard or len(self._heard) < STATIONS:
                self._heard[station] += 1

    def learn(self, now: float) -> None:
        """Learn who talks, at the end of a look at all ports."""
        seconds = max(now - self._began, 0.001)
        self.rates = {mac: n / seconds for mac, n in self._heard.items() if n >= ENOUGH}

    def complaint(self, mirrored: frozenset[Port], now: float) -> str:
        """Say what speaks against the switch mirroring just these ports; empty: nothing."""
        strange = {
            mac: port
            for mac, port in self.ports.items()
            if port not in mirrored and self._heard[mac] >= STRANGE and mac not in self._anyway
        }
        if not mirrored and 2 * len(strange) <= len(self.rates):
            self._anyway.update(strange)  # flooded: the switch does not know where they send to
            strange.clear()
        for mac, port in strange.items():
            return f"frames of {mac} arrive, which is behind port {port}, and that is not mirrored"
        expected = {mac: rate * (now - self._began) for mac, rate in self.rates.items()
                    if self.ports.get(mac) in mirrored}  # fmt: skip
        if sum(expected.values()) > SILENT and not any(self._heard[mac] for mac in expected):
            mac = max(expected, key=expected.__getitem__)
            return (
                f"nothing arrives of {mac} behind port {self.ports[mac]}, which is mirrored and "
                f"sent {self.rates[mac]:.1f} frames a second before"
            )
        return ""

    def is_confirmed(self, mirrored: frozenset[Port]) -> bool:
        """Say whether somebody behind a mirrored port was heard; anybody, if that is not known."""
        if not self.ports:
            return bool(self._heard)
        return any(n and self.ports.get(mac) in mirrored for mac, n in self._heard.items())
