"""What the firewall and the servers of an office log when nothing is wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SERVERS = ("app01", "app02", "db01", "web01", "mail01")
HISTORY = timedelta(days=7, minutes=40)
BUSY = timedelta(minutes=40)  # around the same time of each day: when the innocent are at work

Line = Callable[[], str]  # host and message


def stamp(moment: datetime) -> str:
    """Write a time as RFC 3164 has it."""
    return f"{MONTHS[moment.month - 1]} {moment.day:2} {moment:%H:%M:%S}"


class Usual:
    """Makes ordinary lines; those of the firewall only where there is no real one for them."""

    def __init__(self, seed: int, firewall: str, lan: str, wan: str) -> None:
        self._dice = random.Random(f"usual {seed}")
        self._firewall, self._wan = firewall, wan
        # Stations of their own: whoever is drawn for the story has numbers from 10 to 249.
        self._known = [f"{lan}.{number}" for number in (*range(2, 10), *range(250, 255))]
        self._sites = [f"203.0.113.{self._dice.randrange(1, 250)}" for _ in range(80)]
        pid = self._dice.randrange
        self._kinds: list[tuple[int, Line]] = [
            (22, self._built), (22, self._closed), (10, self._asked), (6, self._denied),
            (8, lambda: f"{self._server()} CRON[{pid(900, 9999)}]: (root) CMD (sa1 1 1)"),
            (8, lambda: f"{self._server()} sshd[{pid(900, 9999)}]: Accepted publickey for deploy "
                        f"from {self._near()} port {pid(1024, 65535)} ssh2"),
            (16, lambda: f"{self._server()} app[{pid(900, 9999)}]: request "
                         f"path=/api/items/{pid(1, 5000)} status=200 ms={pid(1, 900)}"),
            (8, lambda: f"mail01 postfix/smtpd[{pid(900, 9999)}]: connect from "
                        f"relay{pid(1, 9)}.example.net[{self._far()}]"),
        ]  # fmt: skip

    def line(self) -> str:
        """Give one line, without its time."""
        [(_, make)] = self._dice.choices(self._kinds, [weight for weight, _ in self._kinds])
        return make()

    def pause(self, per_hour: float) -> float:
        """Draw the seconds until the next line."""
        return self._dice.expovariate(per_hour / 3600)

    def _server(self) -> str:
        return self._dice.choice(SERVERS)

    def _near(self) -> str:
        return self._known[int(self._dice.random() ** 2 * len(self._known))]

    def _far(self) -> str:
        return self._sites[int(self._dice.random() ** 2 * len(self._sites))]

    def _ends(self) -> tuple[str, int, str, int]:
        port = self._dice.choice((443, 443, 443, 80, 993, 587))
        return self._near(), self._dice.randrange(1024, 65535), self._far(), port

    def _asa(self, severity: int, code: int, text: str) -> str:
        return f"{self._firewall} %ASA-{severity}-{code}: {text}"

    def _built(self) -> str:
        near, own, far, port = self._ends()
        number = self._dice.getrandbits(28)
        text = (
            f"Built outbound TCP connection {number} for outside:{far}/{port} ({far}/{port}) to "
            f"inside:{near}/{own} ({self._wan}/{own})"
        )
        return self._asa(6, 302013, text)

    def _closed(self) -> str:
        near, own, far, port = self._ends()
        size = int(200 * math.exp(7 * self._dice.random()))
        number, seconds = self._dice.getrandbits(28), self._dice.randrange(60)
        text = (
            f"Teardown TCP connection {number} for outside:{far}/{port} to inside:{near}/{own} "
            f"duration 0:00:{seconds:02} bytes {size} TCP FINs"
        )
        return self._asa(6, 302014, text)

    def _asked(self) -> str:
        number, own = self._dice.getrandbits(28), self._dice.randrange(1024, 65535)
        near, far = self._near(), self._far()
        return self._asa(6, 302015, f"Built outbound UDP connection {number} for outside:{far}/53 "
                         f"({far}/53) to inside:{near}/{own} ({self._wan}/{own})")  # fmt: skip

    def _denied(self) -> str:
        far, own = self._far(), self._dice.randrange(1024, 65535)
        port = self._dice.choice((22, 23, 445, 3389, 8080))
        return self._asa(4, 106023, f"Deny tcp src outside:{far}/{own} dst inside:{self._wan}/"
                         f'{port} by access-group "OUTSIDE_IN" [0x0, 0x0]')  # fmt: skip


def innocent_lines(
    dice: random.Random, firewall: str, backup: str, scanner: str, web: str, port: int
) -> tuple[str, ...]:
    """Give what one finished connection of the backup, or of the scanner, makes the firewall log.

    Both have an answer; they are busy at the same hour of each day.
    """
    near = dice.choice((backup, scanner))
    to = port if near == backup else dice.choice((22, 25, 80, 443))
    own, number = dice.randrange(32768, 61000), dice.getrandbits(28)
    size = dice.randrange(200_000, 9_000_000) if near == backup else dice.randrange(0, 900)
    return (
        f"{firewall} %ASA-6-302013: Built outbound TCP connection {number} for outside:{web}/{to} "
        f"({web}/{to}) to inside:{near}/{own} ({near}/{own})",
        f"{firewall} %ASA-6-302014: Teardown TCP connection {number} for outside:{web}/{to} to "
        f"inside:{near}/{own} duration 0:00:00 bytes {size} TCP FINs",
    )


def week(usual: Usual, per_hour: float, until: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield the lines of a week and some minutes, in order of their time."""
    now = until - HISTORY
    while (now := now + timedelta(seconds=usual.pause(per_hour))) < until:
        yield now, usual.line()
