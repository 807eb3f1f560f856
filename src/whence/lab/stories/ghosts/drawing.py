"""Who is who in the office whose log grows: drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

VARIANTS = ("usual", "windows", "spoofed", "innocent", "clocks", "sporadic-only", "one-left")

COMPANIES = ("Korvane", "Telmora", "Veridia", "Solonix", "Marbella", "Dunaris", "Lorumbra")
PRODUCTS = {
    "inventory": ("inventory", "discovery", "stocktake", "netscan"),
    "monitoring": ("monitor", "watchtower", "pulse", "sentinel"),
    "management": ("manager", "agent", "control", "steward"),
}
TCP_PORTS = {
    "inventory": (17777, 135, 5985, 8834, 62078, 9182),
    "monitoring": (10050, 5666, 9100, 12489, 6556),
}
TABLES = {
    "inventory": (("targets", "range"), ("sites", "network"), ("scopes", "cidr")),
    "monitoring": (("hosts", "address"), ("probes", "host_ip"), ("interfaces", "ip")),
}
SITES = ("old depot", "branch closed in 2021", "lab 2 (moved)", "pilot", "former annex", "line 3")
PEOPLE = ("jdoe", "mkeller", "asmith", "tnovak")
KINDS = ("inventory", "monitoring", "management")
ENDED, GOES_ON = "ended", "goes on"  # how it is with a ghost in the end


@dataclass(frozen=True, slots=True)
class Ghost:
    """One of the causes: a host, its program, and what it calls though nobody is there."""

    kind: str  # of KINDS
    host: str
    address: str
    company: str
    package: str
    network: str  # that does not exist any more
    targets: tuple[str, ...]  # in it, as the program calls them
    port: int
    table: str = ""  # where it stands
    column: str = ""
    row: int = 0
    pause: float = 0.0  # seconds between two calls
    windows: bool = False  # nobody can ask whence there

    @property
    def program(self) -> str:
        """Where its program lies; of a Windows host, what netstat calls it."""
        if self.windows:
            return f"{self.package}.exe"
        return f"/usr/sbin/{self.package}"

    @property
    def written(self) -> str:
        """The network that is scanned, as its row has it; of others, the address that is called."""
        if self.kind != "inventory":
            return self.targets[0]
        first = int(self.targets[0].rpartition(".")[2]) - 1
        return f"{self.network}.{first}/29"

    @property
    def settings(self) -> str:
        """Where its settings lie."""
        return f"/etc/{self.package}/{self.package}.conf"

    @property
    def state(self) -> str:
        """Where its database lies."""
        return f"/var/lib/{self.package}/{self.package}.db"

    @property
    def service(self) -> str:
        """The unit that keeps it running; the agent has a line of cron instead."""
        return "" if self.kind == "management" else f"{self.package}.service"

    @property
    def launcher(self) -> str:
        """What an answer must name as what started it."""
        return self.service or f"/etc/cron.d/{self.package}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """The names, addresses and numbers of one office."""

    seed: int
    variant: str
    ghosts: tuple[Ghost, ...]
    updated: str  # the package that was brought up to date before it began
    firewall: str
    syslog: str  # the name of the log server
    lan: str  # first three octets
    log_address: str
    desk: str
    files: str
    wan: str
    web: str
    person: str  # who changed the firewall
    image: str  # of the firewall's new system
    minutes_before: float  # that the firewall was started anew
    usual_per_hour: int  # lines
    ahead: int  # seconds that the firewall's clock is ahead, or behind
    traditional: bool  # how the log server writes times: RFC 3164, else RFC 3339
    left: str  # the kind of the ghost that nobody lays
    spoofed: str = ""  # an address that no station has
    spoofed_target: str = ""
    spoofed_port: int = 0

    def right(self, ghost: Ghost) -> str:
        """Say what should stand where a ghost is told whom to call: what moved into the office."""
        return f"{self.lan}.248/29" if ghost.kind == "inventory" else self.files

    @property
    def active(self) -> tuple[Ghost, ...]:
        """Those that call in this variant."""
        if self.variant == "sporadic-only":
            return tuple(ghost for ghost in self.ghosts if ghost.kind == "management")
        return self.ghosts


def draw(seed: int, variant: str) -> Drawn:
    """Draw an office; the same seed and variant give the same one."""
    dice = random.Random(f"ghosts {seed}")
    lan = f"10.{dice.randrange(1, 120)}.{dice.randrange(1, 255)}"
    hosts = dice.sample(range(10, 250), 9)
    companies = dice.sample(COMPANIES, 3)
    networks = _networks(dice, lan)
    windows = dice.choice(("inventory", "monitoring")) if variant == "windows" else ""
    ghosts = tuple(
        _ghost(kind, dice, f"{lan}.{hosts[number]}", companies[number], networks[number], windows)
        for number, kind in enumerate(KINDS)
    )
    updated = dice.choice([ghost for ghost in ghosts if not ghost.windows])
    minutes = dice.choice((-1, 1)) * dice.randrange(180, 560) if variant == "clocks" else 0
    return Drawn(
        seed=seed,
        variant=variant,
        ghosts=ghosts,
        updated=updated.package,
        firewall=f"fw-{dice.choice(('core', 'dc', 'hq', 'edge'))}{dice.randrange(1, 10)}",
        syslog=f"log{dice.randrange(1, 10)}",
        lan=lan,
        log_address=f"{lan}.{hosts[3]}",
        desk=f"{lan}.{hosts[4]}",
        files=f"{lan}.{hosts[5]}",
        wan=f"198.51.100.{dice.randrange(2, 120)}",
        web=f"198.51.100.{dice.randrange(120, 250)}",
        person=dice.choice(PEOPLE),
        image=f"asa9-{dice.randrange(12, 20)}-{dice.randrange(1, 5)}-smp-k8.bin",
        minutes_before=round(dice.uniform(1.5, 8.0), 2),
        usual_per_hour=dice.randrange(600, 1000, 20),
        ahead=minutes,
        traditional=dice.random() < 0.5,
        left=dice.choice(KINDS) if variant == "one-left" else "",
        spoofed=f"{lan}.{hosts[6]}" if variant == "spoofed" else "",
        spoofed_target=f"{networks[3]}.{dice.randrange(2, 250)}",
        spoofed_port=dice.choice((445, 3389, 1433)),
    )  # fmt: skip


def _networks(dice: random.Random, lan: str) -> list[str]:
    """Draw networks of four kinds; none of them is the office's own."""
    second = int(lan.split(".")[1])
    found = [
        f"10.{dice.randrange(second + 1, 250)}.{dice.randrange(1, 250)}",
        f"192.168.{dice.randrange(2, 250)}",
        f"172.{dice.randrange(16, 24)}.{dice.randrange(1, 250)}",
        f"172.{dice.randrange(24, 32)}.{dice.randrange(1, 250)}",
    ]
    dice.shuffle(found)
    return found


def _ghost(
    kind: str, dice: random.Random, address: str, company: str, network: str, windows: str
) -> Ghost:
    product = dice.choice(PRODUCTS[kind])
    first = dice.randrange(8, 240) // 8 * 8
    last = [*range(first + 1, first + 7)]  # the hosts of a network of eight addresses
    if kind != "inventory":
        last = dice.sample(range(2, 250), dice.randrange(1, 3))
    table, column = dice.choice(TABLES[kind]) if kind in TABLES else ("", "")
    return Ghost(
        kind=kind,
        host=f"{kind[:3]}-{dice.choice(('srv', 'vm', 'app'))}{dice.randrange(10, 99)}",
        address=address,
        company=company,
        package=f"{company.lower()}-{product}",
        network=network,
        targets=tuple(f"{network}.{each}" for each in last),
        port=dice.choice(TCP_PORTS[kind]) if kind in TCP_PORTS else 161,
        table=table,
        column=column,
        row=dice.randrange(3, 40),
        pause=dice.uniform(0.07, 0.12) if kind == "inventory" else dice.uniform(0.15, 0.3),
        windows=kind == windows,
    )
