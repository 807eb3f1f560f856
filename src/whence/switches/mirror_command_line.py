"""Mirrors of switches with a command line, over SSH: what to say is in mirror_commands.

Our session has a number, or a name, that people seldom use; if it is in use, what it mirrored is
saved and brought back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from whence.model import BadInput, CannotAsk
from whence.model.bisection import Port
from whence.model.cables import plain_port
from whence.switches.mirror_commands import WORDS, Words
from whence.world import Device, utc_now
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors
from whence.world.ssh_device import PARTS, SHELL, SshDevice
from whence.world.switch_settings import Login

LONGEST = 1 << 20  # characters of what a switch prints
NAME = re.compile(r"[\w./:-]{1,64}")  # of a port; anything else could be a command
REFUSAL = re.compile(
    r"(?mi)^\s*(?:%\s*)?(?:invalid|error|unknown|incomplete|syntax error|bad command|failure"
    r"|expected)\b.*"
)


class CommandLineMirror:
    """A switch that is told by its command line."""

    def __init__(self, words: Words, device: Device, switch: str, to: Port) -> None:
        self.switch = switch
        self._words = words
        self._device = device
        self._to = _checked(to)
        self._names: dict[str, Port] = {}  # of ports, as we were told them

    def names(self) -> tuple[Port, ...]:
        """It is not asked: makers print that in many ways."""
        return ()

    def mirrored(self) -> Mirrors:
        """Read our session back."""
        lines = self._shown(self._words.show)
        ports = frozenset(map(self._as_told, _found(self._words.source, lines)))
        sent = [*map(self._as_told, _found(self._words.sent, lines))]
        return Mirrors(ports, sent[0] if sent else "")

    def _as_told(self, port: Port) -> Port:
        """Name a port as we were told it: GigabitEthernet1/0/7 is shown as Gi1/0/7."""
        return self._names.get(plain_port(port), port)

    def mirror(self, wanted: Mirrors) -> None:
        """Clear our session, and make it anew."""
        told = [*wanted.ports, *filter(None, [wanted.uplink])]
        self._names |= {plain_port(port): port for port in told}
        self._give([*self._clearing(), *self._making(wanted)])

    def saved(self) -> str:
        """Write down the lines of our session."""
        lines = [line.strip() for line in self._shown(self._words.save or self._words.show)]
        ours = [line for line in lines if self._words.ours and re.fullmatch(self._words.ours, line)]
        for pattern, again in self._words.again:
            ours += [again.format(port=_checked(port)) for port in _found(pattern, lines)]
        return json.dumps(ours)

    def restore(self, saved: str) -> None:
        """Clear our session, and give the lines that made it before."""
        lines = [str(line) for line in json.loads(saved)]
        self._give([*self._clearing(), *lines])

    def close(self) -> None:
        """Do nothing: each question logs in and out."""

    def _shown(self, command: str) -> list[str]:
        text = self._device.ask(command).text[:LONGEST]
        return [line.rstrip() for line in text.splitlines()]

    def _clearing(self) -> list[str]:
        shown = self._shown(self._words.show)
        ports = sorted({*_found(self._words.source, shown), *_found(self._words.sent, shown)})
        lines: list[str] = []
        for line in self._words.clear:
            lines += [line.format(port=port) for port in ports] if "{port}" in line else [line]
        return lines

    def _making(self, wanted: Mirrors) -> list[str]:
        if wanted == Mirrors():
            return []
        words = self._words
        lines = [line.format(to=self._to) for line in words.begin]
        lines += [words.add.format(port=_checked(port)) for port in sorted(wanted.ports)]
        if wanted.uplink:
            lines.append(words.add_sent.format(port=_checked(wanted.uplink)))
        return [*lines, *(line.format(to=self._to) for line in words.end)]

    def _give(self, lines: list[str]) -> None:
        if strange := next((line for line in lines if PARTS in line), ""):
            raise CannotAsk(f"{self.switch} is not told “{strange[:80]}”",
                            because="it could be taken for two commands")  # fmt: skip
        typed = PARTS.join((*self._words.enter, *lines, *self._words.leave))
        said = self._device.ask(f"{SHELL}{typed}").text[:LONGEST]
        if refused := REFUSAL.search(said):
            raise CannotAsk(
                f"{self.switch} did not take a command", because=refused[0].strip()[:200],
                try_="whence bisect start --mirror manual: tells a person what to mirror",
            )  # fmt: skip


def _found(pattern: str, lines: Sequence[str]) -> list[Port]:
    if not pattern:
        return []
    found = (found[1] for line in lines if (found := re.search(pattern, line)))
    return [port for ports in found for port in _each(ports)]


def _each(ports: str) -> Iterator[Port]:
    """Give the ports of a list: Gi1/0/1 - 3 , Gi1/0/7."""
    for part in re.split(r"\s*,\s+", ports):
        span = re.fullmatch(r"(.*?)(\d{1,4}) - (?:\1)?(\d{1,4})", part)
        if span:
            yield from (f"{span[1]}{n}" for n in range(int(span[2]), int(span[3]) + 1))
        else:
            yield part


def _checked(port: Port) -> Port:
    if not NAME.fullmatch(port):
        raise BadInput(f"“{port}” is not the name of a port")
    return port


def _open(address: MirrorAddress) -> Mirror:
    if not address.host or not address.user or not address.to:
        raise BadInput("which switch, as whom, and where are frames to be mirrored to?",
                       try_=f"{address.scheme}://USER@192.0.2.2/PORT")  # fmt: skip
    words = WORDS[address.scheme]
    login = Login(address.host, address.port, address.user, address.scheme, address.password)
    device = SshDevice(address.host, login, utc_now)
    return CommandLineMirror(words, device, address.host, address.to)


COMMAND_LINE = MirrorDriver(tuple(WORDS), "cisco-ios://USER@SWITCH/PORT", _open, changes=5.0)
