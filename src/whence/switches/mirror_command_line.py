"""Mirrors of switches with a command line, over SSH by Netmiko: what to say is in mirror_commands.

Our session has a number, or a name, that people seldom use; if it is in use, what it mirrored is
saved and brought back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Protocol

from whence.model import BadInput, CannotAsk, NotPermitted
from whence.model.bisection import Port
from whence.switches.mirror_commands import WORDS, Words
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors

LONGEST = 1 << 20  # characters of what a switch prints
NAME = re.compile(r"[\w./:-]{1,64}")  # of a port; anything else could be a command
REFUSAL = re.compile(
    r"(?mi)^\s*(?:%\s*)?(?:invalid|error|unknown|incomplete|syntax error|bad command|failure"
    r"|expected)\b.*"
)


class Terminal(Protocol):
    """A command line of a switch."""

    def ask(self, command: str) -> str:
        """Give a command that changes nothing, and get what is printed."""
        ...

    def change(self, commands: Sequence[str], *, commit: bool) -> str:
        """Give commands that change the configuration, and get what is printed."""
        ...

    def close(self) -> None:
        """Log out."""
        ...


class CommandLineMirror:
    """A switch that is told by its command line."""

    def __init__(self, words: Words, terminal: Terminal, switch: str, to: Port) -> None:
        self.switch = switch
        self._words = words
        self._terminal = terminal
        self._to = _checked(to)

    def names(self) -> tuple[Port, ...]:
        """It is not asked: makers print that in many ways."""
        return ()

    def mirrored(self) -> Mirrors:
        """Read our session back."""
        shown = self._terminal.ask(self._words.show)[:LONGEST]
        lines = [line.rstrip() for line in shown.splitlines()]
        ports = frozenset(_found(self._words.source, lines))
        sent = _found(self._words.sent, lines)
        return Mirrors(ports, sent[0] if sent else "")

    def mirror(self, wanted: Mirrors) -> None:
        """Clear our session, and make it anew."""
        self._give([*self._clearing(self.mirrored()), *self._making(wanted)])

    def saved(self) -> str:
        """Write down the lines of our session."""
        shown = self._terminal.ask(self._words.save or self._words.show)[:LONGEST]
        lines = [line.strip() for line in shown.splitlines()]
        ours = [line for line in lines if self._words.ours and re.fullmatch(self._words.ours, line)]
        return json.dumps(ours)

    def restore(self, saved: str) -> None:
        """Clear our session, and give the lines that made it before."""
        lines = [str(line) for line in json.loads(saved)]
        self._give([*self._clearing(self.mirrored()), *lines])

    def close(self) -> None:
        """Log out."""
        self._terminal.close()

    def _clearing(self, present: Mirrors) -> list[str]:
        ports = sorted(present.ports | ({present.uplink} if present.uplink else set()))
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
        said = self._terminal.change(lines, commit=self._words.commit)[:LONGEST]
        if refused := REFUSAL.search(said):
            raise CannotAsk(
                f"{self.switch} did not take a command", because=refused[0].strip()[:200],
                try_="whence bisect start --mirror manual: tells a person what to mirror",
            )  # fmt: skip


class NetmikoTerminal:
    """A command line by way of Netmiko."""

    def __init__(self, address: MirrorAddress, platform: str) -> None:
        try:
            import netmiko  # not before: it takes a second, and few need it
        except ModuleNotFoundError as e:
            raise CannotAsk(
                "switches with a command line need Netmiko",
                because="it is not installed, nor a part of whence: see “Decisions” in its manual",
                try_="pip install netmiko",
            ) from e
        try:
            self._connection: Any = netmiko.ConnectHandler(
                device_type=platform, host=address.host, port=address.port or 22,
                username=address.user, password=address.password.reveal(),
            )  # fmt: skip
        except netmiko.NetmikoAuthenticationException as e:
            raise NotPermitted(
                f"{address.host} did not let {address.user} in",
                try_="WHENCE_SSH_PASSWORD=… in the environment",
            ) from e
        except (netmiko.NetmikoTimeoutException, OSError, ValueError) as e:
            because = str(e).strip().partition("\n")[0]
            raise CannotAsk(f"could not log in to {address.host}", because=because) from e

    def ask(self, command: str) -> str:
        """Give a command that changes nothing."""
        return self._do(lambda: self._connection.send_command(command, read_timeout=30))

    def change(self, commands: Sequence[str], *, commit: bool) -> str:
        """Give commands in configuration mode."""
        said = self._do(lambda: self._connection.send_config_set([*commands], read_timeout=60))
        if commit:
            said += self._do(lambda: self._connection.commit())
        return said

    def close(self) -> None:
        """Log out."""
        self._connection.disconnect()

    def _do(self, what: Any) -> str:
        import netmiko

        try:
            return str(what())
        except (netmiko.NetmikoTimeoutException, netmiko.exceptions.ReadException, OSError) as e:
            because = str(e).strip().partition("\n")[0]
            raise CannotAsk("the switch does not answer any more", because=because) from e


def _found(pattern: str, lines: Sequence[str]) -> list[Port]:
    if not pattern:
        return []
    return [found[1] for line in lines if (found := re.search(pattern, line))]


def _checked(port: Port) -> Port:
    if not NAME.fullmatch(port):
        raise BadInput(f"“{port}” is not the name of a port")
    return port


def _open(address: MirrorAddress) -> Mirror:
    if not address.host or not address.user or not address.to:
        raise BadInput("which switch, as whom, and where are frames to be mirrored to?",
                       try_=f"{address.scheme}://USER@192.0.2.2/PORT")  # fmt: skip
    words = WORDS[address.scheme]
    terminal = NetmikoTerminal(address, words.platform)
    return CommandLineMirror(words, terminal, address.host, address.to)


COMMAND_LINE = MirrorDriver(tuple(WORDS), "cisco-ios://USER@SWITCH/PORT", _open, changes=5.0)
