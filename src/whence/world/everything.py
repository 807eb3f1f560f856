"""The only room with a door to the outside."""

from whence.world.contracts import (
    Clock,
    Host,
    LeaseFiles,
    MacMakers,
    Neighbours,
    PacketWitness,
    Resolver,
    Witness,
)
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Clock",
    "Host",
    "LeaseFiles",
    "MacMakers",
    "Neighbours",
    "PacketWitness",
    "RecordedHost",
    "Resolver",
    "ThisHost",
    "Witness",
    "utc_now",
]
