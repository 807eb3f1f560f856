"""Who is who in the office: drawn from a seed, so that nothing can be tuned to one office."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, get_args

from whence.model import BadInput

Variant = Literal["anacron", "cron", "disguised", "backup", "undone", "second", "nat", "clocks"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

STEMS = ("kor", "tel", "ver", "sol", "mar", "bel", "dun", "lor", "pax", "rin", "sev", "tor", "vex")
ENDS = ("vane", "mora", "idia", "onix", "aris", "etta", "umbra", "ostra", "ena", "ivo", "alta")
PRODUCTS = ("asset", "licence", "health", "usage", "fleet", "policy", "backup", "quota")
DUTIES = ("sync", "check", "report", "beacon", "refresh", "collect", "upload")
# Some networks of clouds, in which the remote address lies; nothing leaves the lab.
CLOUDS = (
    ("34.240", "Amazon EC2 in eu-west-1"),
    ("18.157", "Amazon EC2 in eu-central-1"),
    ("35.178", "Amazon EC2 in eu-west-2"),
    ("34.76", "Google Cloud in europe-west1"),
    ("34.88", "Google Cloud in europe-north1"),
    ("34.91", "Google Cloud in europe-west4"),
)
LEGAL = ("Networks Ltd", "Cloud Services GmbH", "Systems Inc.", "Hosting B.V.")
PORTS = (443, 443, 443, 4443, 5671, 8443, 8883, 9443)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The names and addresses of one office. What the mystery is, is in ``truth``."""

    seed: int
    variant: Variant
    vendor: str
    package: str
    module: str  # the Python package of the vendor's program
    program: str  # the file name of its stub
    job: str  # the file name of what starts it
    decoy: str  # the file name of an innocent job at the same minute
    hostname: str
    remote: str  # the address nobody can explain
    port: int
    cloud: str  # that it belongs to, and its region
    holder: str  # whom it is registered to
    innocent: str  # an ordinary address in the same network, same port
    web: str  # an ordinary web server outside
    lan: str  # first three octets of the inside network
    wan: str  # the firewall's own address outside
    desk: str
    files: str
    becomes: bool  # the daily job turns into the program, instead of waiting for it
    remedy: str  # which kind of suggestion is carried out: “setting” or “job”
    inside: tuple[str, ...]  # addresses that call the same place through the firewall, by NAT
    ahead: int  # seconds that the provider's clock is ahead, or behind; 0: it is right

    @property
    def stub(self) -> str:
        """Where the vendor's stub script lies."""
        return f"/usr/bin/{self.program}"

    @property
    def script(self) -> str:
        """The script that is run in the end: the stub, or what that becomes."""
        return f"/usr/lib/{self.vendor}/worker" if self.variant == "disguised" else self.stub

    @property
    def settings(self) -> str:
        """Where the vendor's program is told whom to call."""
        return f"/etc/{self.vendor}/{self.program}.conf"

    @property
    def job_file(self) -> str:
        """The file because of which the program runs."""
        folder = "cron.d" if self.variant == "cron" else "cron.daily"
        return f"/etc/{folder}/{self.job}"

    @property
    def second_job(self) -> str:
        """Another file because of which it runs, in one variant."""
        return f"/etc/cron.weekly/{self.job}" if self.variant == "second" else ""


def draw(seed: int, variant: str) -> Drawn:
    """Draw an office; the same seed and variant give the same one.

    Raises
    ------
    BadInput
        If there is no such variant.

    """
    known = next((name for name in VARIANTS if name == variant), None)
    if known is None:
        raise BadInput(f"the lab has no variant “{variant}”", try_=f"one of {', '.join(VARIANTS)}")
    dice = random.Random(seed)
    vendor = dice.choice(STEMS) + dice.choice(ENDS)
    product, other = dice.sample(PRODUCTS, 2)
    duty, other_duty, third = dice.sample(DUTIES, 3)
    block, cloud = dice.choice(CLOUDS)
    third_octet = dice.randrange(2, 255)
    remote, innocent = (f"{block}.{third_octet}.{last}" for last in dice.sample(range(2, 255), 2))
    web, wan = (f"198.51.100.{last}" for last in dice.sample(range(2, 255), 2))
    lan = f"10.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}"
    desk, files = (f"{lan}.{last}" for last in dice.sample(range(2, 255), 2))
    more = random.Random(f"more {seed}")  # what was thought of later; seeds stay as they were
    remedy = "job" if known == "second" else more.choice(("setting", "job"))
    ahead = more.choice((-1, 1)) * more.randrange(150, 900)
    others = [f"{lan}.{last}" for last in range(2, 255) if f"{lan}.{last}" not in (desk, files)]
    inside = tuple(more.sample(others, 2))
    return Drawn(
        seed=seed,
        variant=known,
        vendor=vendor,
        package=f"{vendor}-{product}-agent",
        module=f"{vendor}_{product}",
        program=f"{product}-{duty}",
        job=f"{vendor[:3]}-{third}",
        decoy=f"{other}-{other_duty}",
        hostname=f"fw-{dice.choice(STEMS)}{dice.randrange(10, 100)}",
        remote=remote,
        port=dice.choice(PORTS),
        cloud=cloud,
        holder=f"{vendor.capitalize()} {dice.choice(LEGAL)}",
        innocent=innocent,
        web=web,
        lan=lan,
        wan=wan,
        desk=desk,
        files=files,
        becomes=dice.random() < 0.5,
        remedy=remedy,
        inside=inside if known == "nat" else (),
        ahead=ahead if known == "clocks" else 0,
    )
