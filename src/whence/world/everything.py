"""The only room with a door to the outside."""

from whence.world.contracts import (
    Clock,
    DeepSearch,
    FileChanges,
    Host,
    PacketWitness,
    Search,
    Witness,
)
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Clock",
    "DeepSearch",
    "FileChanges",
    "Host",
    "PacketWitness",
    "RecordedHost",
    "Search",
    "ThisHost",
    "Witness",
    "utc_now",
]
