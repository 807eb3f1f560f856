"""What an office with ten firewalls and thirty machines logs when nothing is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

Message = Callable[[], str]  # a line behind time and host

FIREWALLS = ("fw-dc1", "fw-dc2", "fw-edge1", "fw-edge2", *(f"fw-br{n:02}" for n in range(1, 7)))
ROUTERS = ("rt-core1", "rt-core2", *(f"sw-fl{n:02}" for n in range(1, 9)))
SERVERS = (
    *(f"app{n:02}" for n in range(1, 13)), *(f"db{n:02}" for n in range(1, 5)),
    *(f"web{n:02}" for n in range(1, 7)), "mail01", "zbx01", "zbx02",
)  # fmt: skip
HOSTS = (*FIREWALLS, *ROUTERS, *SERVERS)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of line of one host, and how many of a million lines it is on a usual day."""

    host: str
    share: float
    message: Message
    office: bool  # follows the hours in which people work


def hour_factor(hour: int, office: bool) -> float:
    """How busy an hour is; hours count from a Monday's midnight, the mean of a week is about 1."""
    day, time = divmod(hour, 24)
    if not office:
        return 1 + 0.1 * math.sin(time / 24 * 2 * math.pi)
    if day % 7 >= 5:
        return 0.45
    return 0.5 + 1.5 * math.exp(-(((time - 12.5) / 4.2) ** 2))


def usual(random: Random) -> list[Kind]:
    """Give everything that is logged, with weights that differ from host to host."""
    kinds: list[Kind] = []
    for host in FIREWALLS:
        size = 3.0 if host.startswith("fw-dc") else 1.6 if "edge" in host else 0.6
        kinds += _firewall(host, size * random.uniform(0.8, 1.2), random)
    for host in ROUTERS:
        kinds += _router(host, random.uniform(0.5, 1.5), random)
    for host in SERVERS:
        kinds += _server(host, random.uniform(0.5, 1.5), random)
    return kinds


def _firewall(host: str, size: float, random: Random) -> list[Kind]:
    pick, number = random.random, random.getrandbits
    site = FIREWALLS.index(host) + 10
    inside = [f"10.{site}.{random.randrange(1, 12)}.{random.randrange(2, 250)}" for _ in range(300)]
    outside = [_public(random) for _ in range(2000)]
    own = f"198.51.100.{site}"
    ports = (443, 443, 443, 443, 80, 80, 53, 123, 993, 587, 8443, 22)

    def ends() -> tuple[str, int, str, int]:
        return (
            inside[int(pick() ** 2 * 300)], 1024 + number(15),
            outside[int(pick() ** 3 * 2000)], ports[int(pick() * 12)],
        )  # fmt: skip

    def built(transport: str, code: str) -> Message:
        def message() -> str:
            near, port, far, called = ends()
            return (
                f"%ASA-6-{code}: Built outbound {transport} connection {number(30)} for "
                f"outside:{far}/{called} ({far}/{called}) to inside:{near}/{port} ({own}/{port})"
            )

        return message

    def teardown(transport: str, code: str) -> Message:
        reasons = ("TCP FINs", "TCP FINs", "TCP FINs", "TCP Reset-O", "TCP Reset-I", "SYN Timeout")

        def message() -> str:
            near, port, far, called = ends()
            reason = reasons[int(pick() * 6)] if transport == "TCP" else ""
            size = 0 if reason == "SYN Timeout" else int(200 * math.exp(pick() * 7))
            return (
                f"%ASA-6-{code}: Teardown {transport} connection {number(30)} for "
                f"outside:{far}/{called} to inside:{near}/{port} "
                f"duration 0:{int(pick() * 3):02}:{int(pick() * 60):02} bytes {size} {reason}"
            ).rstrip()

        return message

    def translation() -> str:
        near, port, _, _ = ends()
        return (
            "%ASA-6-305011: Built dynamic TCP translation from "
            f"inside:{near}/{port} to outside:{own}/{port}"
        )

    def denied() -> str:
        _, port, far, called = ends()
        return (
            f"%ASA-4-106023: Deny tcp src outside:{far}/{port} dst inside:{own}/{called} by "
            'access-group "OUTSIDE_IN" [0x0, 0x0]'
        )

    def permitted() -> str:
        near, port, far, called = ends()
        return (
            f"%ASA-6-106100: access-list INSIDE_IN permitted tcp inside/{near}({port}) -> "
            f"outside/{far}({called}) hit-cnt {1 + int(pick() ** 8 * 40)} 300-second interval "
            "[0x9a5f1c02, 0x0]"
        )

    def twice() -> str:
        near, port, far, called = ends()
        return (
            f"%ASA-4-419002: Received duplicate TCP SYN from inside:{near}/{port} to "
            f"outside:{far}/{called} with different initial sequence number"
        )

    def user() -> str:
        return (
            "%ASA-6-113004: AAA user authentication Successful : server = 10.20.5.2 : "
            f"user = user{int(pick() * 80):02}"
        )

    shares: list[tuple[float, Message]] = [
        (22000, built("TCP", "302013")), (22000, teardown("TCP", "302014")),
        (9000, built("UDP", "302015")), (9000, teardown("UDP", "302016")), (6000, translation),
        (4500, denied), (2500, permitted), (60, twice), (150, user),
    ]  # fmt: skip
    return [Kind(host, size * share, message, office=True) for share, message in shares]


def _router(host: str, size: float, random: Random) -> list[Kind]:
    pick = random.random
    sequence = iter(range(1, 1 << 40)).__next__

    def port() -> str:
        return f"GigabitEthernet1/0/{1 + int(pick() * 48)}"

    def link() -> str:
        state = ("up", "down")[int(pick() * 2)]
        return f"{sequence()}: %LINK-3-UPDOWN: Interface {port()}, changed state to {state}"

    def protocol() -> str:
        state = ("up", "down")[int(pick() * 2)]
        return (
            f"{sequence()}: %LINEPROTO-5-UPDOWN: Line protocol on Interface {port()}, "
            f"changed state to {state}"
        )

    def login() -> str:
        return (
            f"{sequence()}: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: backup] "
            "[Source: 10.20.5.9] [localport: 22] at 02:00:00 UTC"
        )

    def flap() -> str:
        return (
            f"{sequence()}: %SW_MATM-4-MACFLAP_NOTIF: Host 0050.56{int(pick() * 256):02x}.1a2b in "
            f"vlan {10 + int(pick() * 8)} is flapping between port Gi1/0/3 and port Gi1/0/4"
        )

    return [
        Kind(host, 300 * size, link, office=True),
        Kind(host, 300 * size, protocol, office=True),
        Kind(host, 60 * size, login, office=False),
        Kind(host, 40 * size, flap, office=False),
    ]


def _server(host: str, size: float, random: Random) -> list[Kind]:
    pick, number = random.random, random.getrandbits

    def cron() -> str:
        return f"CRON[{1000 + number(15)}]: (root) CMD (command -v debian-sa1 > /dev/null)"

    def ssh() -> str:
        return (
            f"sshd[{1000 + number(15)}]: Accepted publickey for deploy from 10.20.5."
            f"{10 + int(pick() * 5)} port {1024 + number(15)} ssh2: ED25519 SHA256:q0Xw"
        )

    def unknown() -> str:
        return (
            f"sshd[{1000 + number(15)}]: Failed password for invalid user admin from "
            f"{_public(random)} port {1024 + number(15)} ssh2"
        )

    def started() -> str:
        unit = ("logrotate", "apt-daily", "man-db", "fstrim", "sysstat-collect")[int(pick() * 5)]
        return f"systemd[1]: Started {unit}.service."

    def session() -> str:
        return "systemd-logind[612]: New session " + f"{number(14)} of user deploy."

    def kernel() -> str:
        return f"kernel: [{number(22)}.{number(19):06}] eth0: Link is Up - 10Gbps/Full"

    def application() -> str:
        return (
            f"app[{4000 + number(3)}]: request id={number(48):012x} path=/api/v2/items/"
            f"{int(pick() * 5000)} status={(200, 200, 200, 304, 404)[int(pick() * 5)]} "
            f"ms={int(pick() ** 3 * 900)} bytes={int(pick() * 40000)}"
        )

    shares: list[tuple[float, Message, bool]] = [
        (700, cron, False), (500, ssh, True), (300, unknown, False), (500, started, False),
        (400, session, True), (15, kernel, False), (4500, application, True),
    ]  # fmt: skip
    if host == "mail01":
        shares.append((6000, _mail(random), True))
    return [Kind(host, size * share, message, office) for share, message, office in shares]


def _mail(random: Random) -> Message:
    def message() -> str:
        return (
            f"postfix/smtpd[{1000 + random.getrandbits(12)}]: {random.getrandbits(40):010X}: "
            f"client=relay{int(random.random() * 9)}.example.net[{_public(random)}]"
        )

    return message


def _public(random: Random) -> str:
    """Make an address of the ranges for documentation and benchmarks (RFC 5737, RFC 2544)."""
    first = ("192.0.2", "198.51.100", "203.0.113")[int(random.random() * 3)]
    if random.random() < 0.5:
        return f"{first}.{int(random.random() * 256)}"
    return f"198.{18 + random.getrandbits(1)}.{random.getrandbits(8)}.{random.getrandbits(8)}"


def cumulated(weights: Sequence[float]) -> list[float]:
    """Give the running sum, as ``Random.choices`` wants it."""
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums
