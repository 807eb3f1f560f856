"""What an inquiry works with: the contracts that probes may ask, and how they are recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from whence.world import (
    Cables,
    Clock,
    Host,
    LeaseFiles,
    MacMakers,
    Neighbours,
    PacketWitness,
    Resolver,
    Switches,
    Witness,
)
from whence.world.recording import (
    Keep,
    RecordingCables,
    RecordingHost,
    RecordingLeases,
    RecordingMakers,
    RecordingNeighbours,
    RecordingPackets,
    RecordingResolver,
)

if TYPE_CHECKING:
    from whence.world.switch_settings import Configured

# What an inquiry has for probes to ask; a recording answers for all of them.
ASKED: tuple[type, ...] = (
    Host,
    Witness,
    PacketWitness,
    Neighbours,
    MacMakers,
    LeaseFiles,
    Resolver,
    Switches,
    Cables,
)
GIVE: dict[type, tuple[str, str]] = {  # what is missing where a probe cannot be asked
    PacketWitness: ("no capture was read", "--read FILE"),
}


@dataclass(frozen=True, slots=True)
class Means:
    """What an inquiry on this machine works with."""

    host: Host
    witnesses: tuple[Witness, ...]  # history first, then what is there now
    clock: Clock
    packets: PacketWitness | None = None  # captures that were read for it
    switches: tuple[Configured, ...] | None = None  # None: they may not be asked
    cables: Cables | None = None
    neighbours: Neighbours | None = None
    makers: MacMakers | None = None
    leases: LeaseFiles | None = None
    resolver: Resolver | None = None

    def recorded_by(self, keep: Keep) -> dict[type, object]:
        """Give what probes may ask, each so that what it answers is kept."""
        given: dict[type, object] = {Host: RecordingHost(self.host, keep)}
        if self.packets:
            given[PacketWitness] = RecordingPackets(self.packets, keep)
        if self.cables:
            given[Cables] = RecordingCables(self.cables, keep)
        if self.neighbours:
            given[Neighbours] = RecordingNeighbours(self.neighbours, keep)
        if self.makers:
            given[MacMakers] = RecordingMakers(self.makers, keep)
        if self.leases:
            given[LeaseFiles] = RecordingLeases(self.leases, keep)
        if self.resolver:
            given[Resolver] = RecordingResolver(self.resolver, keep)
        return given
