"""Who sits where in the loud host's office: drawn from a seed, so that nothing is tuned to one."""

from __future__ import annotations

import random
from dataclasses import dataclass

VARIANTS = ("hub", "mirror", "spoofed", "twins", "moved", "off", "backup", "clocks")
PORTS = 24  # of the switch; the gateway is at the last one
MOST = 3  # machines behind the hub
# Some blocks of the IEEE registry, and how the names of their owners begin.
MAKERS = (
    ("00:14:22", "Dell"),
    ("00:1b:21", "Intel"),
    ("00:11:32", "Synology"),
    ("00:80:77", "Brother"),
    ("b8:27:eb", "Raspberry Pi"),
    ("00:40:8c", "Axis"),
    ("3c:d9:2b", "Hewlett Packard"),
    ("00:26:73", "RICOH"),
    ("00:00:48", "Seiko Epson"),
    ("ac:1f:6b", "Super Micro"),
)
STEMS = ("KOR", "TEL", "VER", "SOL", "MAR", "BEL", "DUN", "LOR", "PAX", "RIN", "SEV", "TOR", "VEX")
KINDS = ("PC", "WS", "NB", "LAB", "TILL", "CAM", "SIGN")
FLOORS = ("Ground", "First", "Second", "Third")
REMOTE_PORTS = (443, 4500, 5938, 8000, 8883, 9993, 27015)


@dataclass(frozen=True, slots=True)
class Seat:
    """A machine of the office, and where its cable leads."""

    name: str  # as NetBIOS and the leases have it
    address: str
    mac: str
    maker: str
    port: int  # of the switch; three of them have the one of the hub

    @property
    def machine(self) -> str:
        """What the machine is called in the lab: nothing of this is told."""
        return f"host-{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Cable:
    """A way from a switch port to the wall."""

    port: int
    panel: str
    panel_port: int
    outlet: str
    room: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One office."""

    seed: int
    variant: str
    lan: str  # first three octets of the inside network
    wan: str
    web: str  # an ordinary server outside
    backup: str  # where one of the innocent saves what it has
    remote: str  # where the loud one sends to
    port: int
    seats: tuple[Seat, ...]
    loud: Seat
    twin: Seat  # an innocent one; in a variant it has the same address
    forged: str  # an address that nobody has
    hub: int  # the port of the switch with the hub
    spare: int  # a free port, to which something may move
    cables: tuple[Cable, ...]
    rate: int  # datagrams a second
    skew: int  # seconds that the clock of the lease server is ahead, or behind
    switch: str
    hostname: str  # of the gateway

    @property
    def neighbours(self) -> tuple[Seat, ...]:
        """Who shares the hub, the loud one among them or not."""
        return tuple(seat for seat in self.seats if seat.port == self.hub)

    def cable(self, port: int) -> Cable:
        """Give the cable of a port."""
        return next(cable for cable in self.cables if cable.port == port)


def draw(seed: int, variant: str) -> Drawn:
    """Draw an office; the same seed and variant give the same one."""
    dice = random.Random(seed)
    lan = f"10.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}"
    wan, web, backup = (f"198.51.100.{last}" for last in dice.sample(range(2, 255), 3))
    count = dice.randrange(8, 12)
    ports = dice.sample(range(1, PORTS), count)
    hub, spare, *single = ports
    free = dice.randrange(3, 10)
    places = [hub] * MOST + single[: count - MOST]
    seats = _seats(dice, lan, places)
    # What is plugged in elsewhere later on, or shares its address, is not behind the hub.
    loud = dice.choice(seats[MOST:-2] if variant in ("moved", "twins") else seats[:MOST])
    return Drawn(
        seed=seed,
        variant=variant,
        lan=lan,
        wan=wan,
        web=web,
        backup=backup,
        remote=f"203.0.113.{dice.randrange(2, 255)}",
        port=dice.choice(REMOTE_PORTS),
        seats=seats,
        loud=loud,
        twin=seats[-1],
        forged=f"{lan}.{free}",
        hub=hub,
        spare=spare,
        cables=_cables(dice),
        rate=dice.randrange(120, 260),
        skew=dice.choice((-1, 1)) * dice.randrange(400, 3000) if variant == "clocks" else 0,
        switch=f"sw-{dice.choice(STEMS).lower()}{dice.randrange(1, 10)}",
        hostname=f"gw-{dice.choice(STEMS).lower()}{dice.randrange(10, 100)}",
    )


def _seats(dice: random.Random, lan: str, places: list[int]) -> tuple[Seat, ...]:
    names = dice.sample([f"{stem}-{kind}" for stem in STEMS for kind in KINDS], len(places))
    lasts = dice.sample(range(10, 250), len(places))
    seats = []
    for place, name, last in zip(places, names, lasts, strict=True):
        block, maker = dice.choice(MAKERS)
        mac = ":".join([block, *(f"{dice.randrange(256):02x}" for _ in range(3))])
        seats.append(Seat(f"{name}{dice.randrange(1, 100)}", f"{lan}.{last}", mac, maker, place))
    return tuple(seats)


def _cables(dice: random.Random) -> tuple[Cable, ...]:
    """Plug each port of the switch into some port of a patch panel, and that into a room."""
    panel_ports = dice.sample(range(1, PORTS + 1), PORTS)
    cables = []
    for port, there in enumerate(panel_ports, start=1):
        floor = dice.randrange(len(FLOORS))
        room = f"{FLOORS[floor]} {floor}{dice.randrange(1, 30):02d}"
        outlet = f"{floor}.{there:02d}{dice.choice('ab')}"
        cables.append(Cable(port, f"PP-{dice.choice('ABC')}", there, outlet, room))
    return tuple(cables)
