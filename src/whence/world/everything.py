"""The only room with a door to the outside."""

from whence.world.contracts import AddressTables, Clock, Host, Internet, PacketWitness, Witness
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "AddressTables",
    "Clock",
    "Host",
    "Internet",
    "PacketWitness",
    "RecordedHost",
    "ThisHost",
    "Witness",
    "utc_now",
]
