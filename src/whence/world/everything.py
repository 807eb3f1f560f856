"""The only room with a door to the outside."""

from whence.world.contracts import (
    Cables,
    Clock,
    Device,
    Host,
    PacketWitness,
    Switch,
    Switches,
    Witness,
)
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Cables",
    "Clock",
    "Device",
    "Host",
    "PacketWitness",
    "RecordedHost",
    "Switch",
    "Switches",
    "ThisHost",
    "Witness",
    "utc_now",
]
