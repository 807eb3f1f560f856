"""A firewall that logs as a Cisco ASA does, by the packets that really pass through it.

Usage: ``python -m whence.lab.stories.ghosts.asa SETTINGS`` (JSON, see ``Settings``). It listens at
the interfaces of the machine that it runs on, and sends each line to the log server (RFC 3164 over
UDP). Among them are the ordinary lines of an office, so many an hour.
"""

from __future__ import annotations

import heapq
import json
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from whence.lab.stories.ghosts.usual import Usual, stamp

ETH_P_IP = 0x0800
OUTGOING = 4  # if_packet.h
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16
LOCAL4 = 20

Key = tuple[int, str, int, str, int]  # protocol, source and port, destination and port


@dataclass(frozen=True, slots=True)
class Settings:
    """What the firewall is set to."""

    seed: int
    name: str
    lan: str  # first three octets
    wan: str
    log_server: str
    ahead: int  # seconds
    usual_per_hour: float
    idle: float  # seconds after which what nobody answers is given up: “timeout embryonic”, “udp”


@dataclass(slots=True)
class Connection:
    """A connection that the firewall knows."""

    number: int
    began: float
    sequence: int
    answered: bool = False
    size: int = 0
    ended: set[str] = field(default_factory=set)


class Asa:
    """Packets in, lines out."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[Key, Connection] = {}
        self._waiting: list[tuple[float, int, Key]] = []
        self._numbers = count(settings.seed % 1_000_000 + 40_000_000)
        self._log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def say(self, severity: int, code: int, text: str) -> None:
        """Log a message of its own."""
        self.send(f"{self._settings.name} %ASA-{severity}-{code}: {text}", severity)

    def send(self, line: str, severity: int = 6) -> None:
        """Send a line with the time of this clock; those of other hosts have the right one."""
        own = line.startswith(f"{self._settings.name} ")
        now = datetime.now(UTC) + timedelta(seconds=self._settings.ahead if own else 0)
        text = f"<{LOCAL4 * 8 + severity}>{stamp(now)} {line}"
        self._log.sendto(text.encode(), (self._settings.log_server, 514))

    def hear(self, packet: bytes, now: float) -> None:
        """Look at one IPv4 packet that came in."""
        size, protocol = packet[0] % 16 * 4, packet[9]
        source, destination = (socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16))
        ours = f"{self._settings.lan}."
        if protocol not in (TCP, UDP) or source.startswith(ours) == destination.startswith(ours):
            return
        own, called = struct.unpack_from("!HH", packet, size)
        if destination == self._settings.wan:
            return
        if protocol == UDP:
            self._datagram((UDP, source, own, destination, called), len(packet), now)
        else:
            key = (TCP, source, own, destination, called)
            data = len(packet) - size - (packet[size + 12] >> 4) * 4
            [sequence] = struct.unpack_from("!I", packet, size + 4)
            self._segment(key, packet[size + 13], sequence, data, now)

    def tick(self, now: float) -> None:
        """Give up what was not answered in time."""
        while self._waiting and self._waiting[0][0] <= now:
            _, number, key = heapq.heappop(self._waiting)
            known = self._known.get(key)
            if known and known.number == number and not known.answered:
                del self._known[key]
                self._closed(key, known, now, "SYN Timeout" if key[0] == TCP else "")

    def _segment(self, key: Key, flags: int, sequence: int, data: int, now: float) -> None:
        back = (TCP, key[3], key[4], key[1], key[2])
        if flags & (SYN | ACK) == SYN:
            known = self._known.get(key)
            if known is None:
                self._begin(key, sequence, now)
            elif known.sequence != sequence:
                way = f"inside:{key[1]}/{key[2]} to outside:{key[3]}/{key[4]}"
                text = f"Received duplicate TCP SYN from {way} with different initial sequence"
                self.say(4, 419002, f"{text} number")
            return
        forth = key if key in self._known else back
        if (known := self._known.get(forth)) is None:
            return
        known.size += data
        known.answered = known.answered or forth == back
        if flags & FIN:
            known.ended.add(key[1])
        if flags & RST or len(known.ended) == 2:
            del self._known[forth]
            reason = "TCP FINs" if not flags & RST else f"TCP Reset-{'OI'[forth == key]}"
            self._closed(forth, known, now, reason)

    def _datagram(self, key: Key, size: int, now: float) -> None:
        back = (UDP, key[3], key[4], key[1], key[2])
        forth = back if back in self._known else key
        known = self._known.get(forth) or self._begin(key, 0, now)
        known.size += max(0, size - 28)

    def _begin(self, key: Key, sequence: int, now: float) -> Connection:
        known = self._known[key] = Connection(next(self._numbers), now, sequence)
        heapq.heappush(self._waiting, (now + self._settings.idle, known.number, key))
        protocol, source, own, destination, called = key
        name, code = ("TCP", 302013) if protocol == TCP else ("UDP", 302015)
        self.say(6, code, f"Built outbound {name} connection {known.number} for outside:"
                          f"{destination}/{called} ({destination}/{called}) to inside:{source}/"
                          f"{own} ({source}/{own})")  # fmt: skip
        return known

    def _closed(self, key: Key, known: Connection, now: float, reason: str) -> None:
        protocol, source, own, destination, called = key
        name, code = ("TCP", 302014) if protocol == TCP else ("UDP", 302016)
        lasted = round(now - known.began)
        text = (
            f"Teardown {name} connection {known.number} for outside:{destination}/{called} to "
            f"inside:{source}/{own} duration 0:{lasted // 60:02}:{lasted % 60:02} bytes "
            f"{known.size} {reason}"
        )
        self.say(6, code, text.rstrip())


def main(text: str) -> None:
    """Listen and log until killed."""
    settings = Settings(**json.loads(text))
    usual = Usual(settings.seed + 1, settings.name, settings.lan, settings.wan)
    asa = Asa(settings)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP)) as heard:
        due = time.monotonic() + usual.pause(settings.usual_per_hour)
        while True:
            ready, _, _ = select.select([heard], [], [], 0.2)
            now = time.monotonic()
            if ready:
                packet, (interface, _, kind, *_) = heard.recvfrom(2048)
                if kind != OUTGOING and interface in ("inside", "outside"):
                    asa.hear(packet, now)
            asa.tick(now)
            if now >= due:
                asa.send(usual.line())
                due = now + usual.pause(settings.usual_per_hour)


if __name__ == "__main__":
    main(sys.argv[1])
