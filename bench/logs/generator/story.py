"""The night on which the log grew to many times its size: what was logged, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

BEGIN = datetime(2026, 8, 10, tzinfo=UTC)  # a Monday
ONSET = datetime(2026, 8, 17, 3, 17, tzinfo=UTC)
END = datetime(2026, 8, 17, 11, 40, tzinfo=UTC)
WHOLE = 5_000_000  # lines of a file for which the numbers below are meant


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that logs much more than it should, from a moment on."""

    name: str
    host: str
    onset: datetime
    lines: int  # of WHOLE
    messages: Callable[[Random], Callable[[], str]]
    truth: dict[str, object]


def _proxy(random: Random) -> Callable[[], str]:
    """Monitoring proxies that call three machines which were taken away: nobody answers."""
    pick, number = random.random, random.getrandbits
    # What 1,270,450 lines are made of.
    twice, built = 916_085 / 1_270_450, 177_537 / 1_270_450

    def message() -> str:
        source = "10.20.5.17" if pick() < 0.8 else "10.20.5.18"
        port = 1024 + number(15)
        target = f"192.168.77.{10 + int(pick() * 3)}"
        chance = pick()
        if chance < twice:
            return (
                f"%ASA-4-419002: Received duplicate TCP SYN from inside:{source}/{port} to "
                f"transit:{target}/10050 with different initial sequence number"
            )
        if chance < twice + built:
            return (
                f"%ASA-6-302013: Built outbound TCP connection {number(30)} for "
                f"transit:{target}/10050 ({target}/10050) to inside:{source}/{port} "
                f"({source}/{port})"
            )
        return (
            f"%ASA-6-302014: Teardown TCP connection {number(30)} for transit:{target}/10050 to "
            f"inside:{source}/{port} duration 0:00:30 bytes 0 SYN Timeout"
        )

    return message


def _sweep(random: Random) -> Callable[[], str]:
    """A machine that looks for devices in a network that does not let it in."""

    def message() -> str:
        target = f"198.51.100.{int(random.random() * 256)}"
        return (
            f"%ASA-4-106023: Deny udp src inside:10.20.8.44/{1024 + random.getrandbits(15)} "
            f'dst outside:{target}/1900 by access-group "INSIDE_IN" [0x0, 0x0]'
        )

    return message


def _full(random: Random) -> Callable[[], str]:
    """A server whose table of connections is full."""

    def message() -> str:
        return (
            f"kernel: [{random.getrandbits(22)}.{random.getrandbits(19):06}] nf_conntrack: "
            f"nf_conntrack: table full, dropping packet"
        )

    return message


CAUSES = (
    Cause(
        "proxy", "fw-dc1", ONSET, 1_270_450, _proxy,
        {"source": ["10.20.5.17", "10.20.5.18"], "destination": "192.168.77.0/24", "port": 10050},
    ),
    Cause(
        "sweep", "fw-edge2", ONSET, 118_056, _sweep,
        {"source": ["10.20.8.44"], "destination": "198.51.100.0/24", "port": 1900},
    ),
    Cause(
        "full", "app07", ONSET + timedelta(minutes=8, seconds=12), 88_839, _full,
        {"program": "kernel"},
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed; the log says so."""

    time: datetime
    host: str
    message: str


CHANGES = (
    Change(
        ONSET - timedelta(hours=31), "app07",
        "kernel: [    0.000000] Linux version 6.1.0-37-amd64 (debian-kernel@lists.debian.org)",
    ),
    Change(
        ONSET - timedelta(hours=11, minutes=4), "rt-core2",
        "48811: %SYS-5-CONFIG_I: Configured from console by netops on vty0 (10.20.5.31)",
    ),
    Change(
        ONSET - timedelta(minutes=25, seconds=53), "fw-edge2",
        "%ASA-5-111008: User 'jdoe' executed the 'access-list INSIDE_IN deny udp any any eq 1900' "
        "command.",
    ),
    Change(
        ONSET - timedelta(minutes=25, seconds=53), "fw-edge2",
        "%ASA-5-111010: User 'jdoe', running 'CLI' from IP 10.20.8.9, executed "
        "'access-list INSIDE_IN deny udp any any eq 1900'",
    ),
    Change(
        ONSET - timedelta(seconds=31), "zbx01",
        "dpkg: upgrade zabbix-proxy-sqlite3:amd64 1:6.0.30-1+debian12 1:7.0.3-1+debian12",
    ),
    Change(
        ONSET - timedelta(seconds=4), "zbx01",
        "systemd[1]: Started zabbix-proxy.service - Zabbix Proxy.",
    ),
)  # fmt: skip
