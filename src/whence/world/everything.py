"""The only room with a door to the outside."""

from whence.world.contracts import Clock, Host, PacketWitness, Witness
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Clock",
    "Host",
    "PacketWitness",
    "RecordedHost",
    "ThisHost",
    "Witness",
    "utc_now",
]
