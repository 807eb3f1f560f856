"""What probes and sensors may ask of the world. All of it only looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from whence.model import Flow, Process, Reading

Clock = Callable[[], datetime]  # aware, UTC


class Host(Protocol):
    """A machine we can look at: this one, one over ssh, or a recording.

    Each method raises CannotAsk, with the reason, where it cannot look.
    """

    name: str

    @property
    def boot(self) -> str:
        """The id of the running boot."""
        ...

    def read(self, path: str) -> Reading:
        """Read a file."""
        ...

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory, sorted, one a line."""
        ...

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points, as it is written there."""
        ...

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path as JSON, following links.

        Keys: mode (octal text), uid, gid, size, inode, device, links, modified and changed
        (seconds since 1970), kind ("file", "directory", "other").
        """
        ...

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing, and give what it printed."""
        ...


class Witness(Protocol):
    """Who saw connections: recorded history, the sockets open now, a sensor that waits."""

    def connections(self, flow: Flow) -> Reading:
        """Give each sighting that ``flow`` covers, oldest first: a line each, as model.ecs."""
        ...

    def process(self, process: Process) -> Reading:
        """Give what is known of a process and its ancestors: a line each, as model.ecs."""
        ...


class PacketWitness(Protocol):
    """Who read captures."""

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow that goes either way: a JSON object a line.

        Objects with ``flow`` are rows of the flow table as ECS documents, those with ``way`` say
        which way it goes, those with ``name`` what an end of it is called, and in which packet
        that was said.
        """
        ...


class AddressTables(Protocol):
    """Tables of addresses on this machine; nothing is asked of anybody."""

    def look_up(self, table: str, address: str) -> Reading:
        """Say what a table has of an address: a JSON object a line.

        Each line names the table: ``table``, ``date`` (of its data), ``source``, ``path``. One with
        a ``network`` is what it has of the address; one without says that it has nothing. Tables:
        "special", "cloud", "country", "networks", "tor-exits". Raises CannotAsk where there is none
        of a kind.
        """
        ...


class Internet(Protocol):
    """Others, whom one may ask about an address; each of them hears it, and of whom."""

    def dns(self, name: str, kind: str) -> Reading:
        """Ask the resolver for a name's records ("A", "AAAA"), or an address's ("PTR").

        Gives a value a line. No lines: there are none, or there is no such name.
        """
        ...

    def rdap(self, address: str) -> Reading:
        """Give what the registry of an address says by RDAP: JSON, RFC 9083."""
        ...

    def whois(self, address: str) -> Reading:
        """Give what whois servers say of an address, each after a line ``% from SERVER``."""
        ...

    def origin(self, address: str) -> Reading:
        """Ask a service by DNS which network announces an address, in Team Cymru's form."""
        ...

    def certificate(self, address: str, port: int) -> Reading:
        """Call it and give the certificates that it shows: PEM, after a line with the protocol."""
        ...

    def banner(self, address: str, port: int) -> Reading:
        """Call it and give the first that it says."""
        ...
