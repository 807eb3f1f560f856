"""The only room with a door to the outside."""

from whence.world.contracts import Clock, DeepSearch, Host, PacketWitness, Search, Witness
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Clock",
    "DeepSearch",
    "Host",
    "PacketWitness",
    "RecordedHost",
    "Search",
    "ThisHost",
    "Witness",
    "utc_now",
]
