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

SILENT = 12.0  # seconds with frames to be expected of the stations of a set, of which none came
STRANGE = 3  # frames of a station whose port is not mirrored
STATIONS = 512  # that are kept
ENOUGH = 5  # frames of a station in a first look, to expect it again


@dataclass(slots=True)
class Canary:
    """What stations are known, by their MAC address, and what was heard of them."""

    ports: Mapping[str, Port] = field(default_factory=dict)  # where each is, as the switch says
    rates: dict[str, float] = field(default_factory=dict)  # how many of its seconds have frames
    began: float = 0.0  # when the last setting of the mirrors did
    _heard: Counter[str] = field(default_factory=Counter)  # frames
    _seconds: Counter[str] = field(default_factory=Counter)  # with frames: a burst is one or two
    _last: dict[str, int] = field(default_factory=dict)  # of these seconds
    _anyway: set[str] = field(default_factory=set)  # heard although nothing is mirrored

    def begin(self, at: float) -> None:
        """From now on, other ports are mirrored."""
        self._heard.clear()
        self._seconds.clear()
        self._last.clear()
        self.began = at

    def hear(self, stations: Iterable[str], now: float) -> None:
        """Count frames by who sent them."""
        second = int(now)
        for station in stations:
            if station in self._heard or len(self._heard) < STATIONS:
                self._heard[station] += 1
                self._seconds[station] += self._last.get(station) != second
                self._last[station] = second

    def learn(self, now: float) -> None:
        """Learn who talks, at the end of a look at all ports."""
        seconds = max(now - self.began, 0.001)
        self.rates = {mac: min(1.0, self._seconds[mac] / seconds)
                      for mac, n in self._heard.items() if n >= ENOUGH}  # fmt: skip

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
        expected = {mac: rate * (now - self.began) for mac, rate in self.rates.items()
                    if self.ports.get(mac) in mirrored}  # fmt: skip
        if sum(expected.values()) > SILENT and not any(self._heard[mac] for mac in expected):
            mac = max(expected, key=expected.__getitem__)
            return (
                f"nothing arrives of {mac} behind port {self.ports[mac]}, which is mirrored and "
                f"sent in {100 * self.rates[mac]:.0f} of 100 seconds before"
            )
        return ""

    def is_confirmed(self, mirrored: frozenset[Port]) -> bool:
        """Say whether somebody behind a mirrored port was heard; anybody, if that is not known."""
        if not self.ports:
            return bool(self._heard)
        return any(n and self.ports.get(mac) in mirrored for mac, n in self._heard.items())
