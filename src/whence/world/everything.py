"""The only room with a door to the outside."""

from whence.world.contracts import (
    AddressTables,
    Cables,
    Clock,
    DeepSearch,
    Device,
    FileChanges,
    Host,
    Internet,
    LeaseFiles,
    MacMakers,
    Neighbours,
    PacketWitness,
    PortSearches,
    Resolver,
    Search,
    Switch,
    Switches,
    Witness,
)
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "AddressTables",
    "Cables",
    "Clock",
    "DeepSearch",
    "Device",
    "FileChanges",
    "Host",
    "Internet",
    "LeaseFiles",
    "MacMakers",
    "Neighbours",
    "PacketWitness",
    "PortSearches",
    "RecordedHost",
    "Resolver",
    "Search",
    "Switch",
    "Switches",
    "ThisHost",
    "Witness",
    "utc_now",
]
