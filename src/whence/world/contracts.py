"""What probes and sensors may ask of the world. All of it only looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from whence.model import Flow, Process, Reading
from whence.model.address_forms import Wanted

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


class Search(Protocol):
    """Who looks for an address where programs may have it from.

    What was found is a line each, as model.mentions; the last line says what was not read. Each
    method raises CannotAsk where it cannot look, or the user has not allowed it.
    """

    def names(self, address: str) -> Reading:
        """Give the names that the user knows the address by, one a line."""
        ...

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Look through files and folders, closely: ranges, compressed files too."""
        ...

    def named_files(self, path: str) -> Reading:
        """Give the files and folders that a program's own file names, one a line."""
        ...

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Look at a process's command line and environment."""
        ...


class DeepSearch(Protocol):
    """Who looks where it takes long, or where only the user can say that one may."""

    def memory(self, wanted: Wanted, pid: int) -> Reading:
        """Look through a process's memory."""
        ...

    def everywhere(self, wanted: Wanted) -> Reading:
        """Look through all that is on this machine's disks; ranges are left out."""
        ...

    def rows(self, wanted: Wanted) -> Reading:
        """Look through the database that the user named."""
        ...


class FileChanges(Protocol):
    """Who knows which files were changed."""

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        """Name what below these folders has a ctime in a span: a JSON object a line.

        Keys: path, kind ("file", "directory", "link"), uid, mode, size, modified, changed (seconds
        since 1970). The last line has the key ``not_read`` in place of these: reason → count.
        """
        ...
