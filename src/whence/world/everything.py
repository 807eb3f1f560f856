"""The only room with a door to the outside."""

from whence.world.contracts import Clock, Device, Host, PacketWitness, Switch, Witness
from whence.world.recorded import EPOCH, RecordedHost
from whence.world.this_host import ThisHost, utc_now

__all__ = [
    "EPOCH",
    "Clock",
    "Device",
    "Host",
    "PacketWitness",
    "RecordedHost",
    "Switch",
    "ThisHost",
    "Witness",
    "utc_now",
]
