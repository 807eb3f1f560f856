"""What an inquiry works with: who answers what probes may ask, and how the answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whence.inquiry.look import Sensor
from whence.model import Flow, Reach
from whence.world import Clock, Host, PacketWitness, Switches, Witness
from whence.world.recording import RECORDING, Keep
from whence.world.sensor_process import SensorProcess

if TYPE_CHECKING:
    from whence.world.switch_settings import Configured

# What an inquiry has for probes to ask; a recording answers for all of them.
ASKED: tuple[type, ...] = (*RECORDING, Switches)
GIVE: dict[type, tuple[str, str]] = {  # what is missing where a probe cannot be asked
    PacketWitness: ("no capture was read", "--read FILE"),
}


@dataclass(frozen=True, slots=True)
class Means:
    """What an inquiry about a machine works with."""

    host: Host
    witnesses: tuple[Witness, ...]  # history first, then what is there now
    clock: Clock
    switches: tuple[Configured, ...] | None = None  # None: they may not be asked
    others: Mapping[type, object] = field(default_factory=dict)  # who keeps which contract
    quiet: frozenset[Reach] = frozenset()  # what is not asked although it is within the limit
    waits: Callable[[Sequence[Flow], str], AbstractContextManager[Sensor]] = SensorProcess

    def recorded_by(self, keep: Keep, witness: Witness) -> dict[type, object]:
        """Give what probes may ask, each so that what it answers is kept."""
        asked = {Host: self.host, Witness: witness, **self.others}
        return {
            contract: RECORDING[contract](source, keep)
            for contract, source in asked.items()
            if source is not None  # it is not there: no plan of cables was given, say
        }
