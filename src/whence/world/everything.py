"""The only room with a door to the outside."""

from whence.world.contracts import (
    Cables,
    Clock,
    Device,
    Host,
    LeaseFiles,
    MacMakers,
    Neighbours,
    PacketWitness,
    Resolver,
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
    "LeaseFiles",
    "MacMakers",
    "Neighbours",
    "PacketWitness",
    "RecordedHost",
    "Resolver",
    "Switch",
    "Switches",
    "ThisHost",
    "Witness",
    "utc_now",
]
