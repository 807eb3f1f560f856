"""What is kept of a search for a port: all that happened, and what has to be put back.

The log is a file of JSON lines, an event each, from which a search goes on after a kill. What the
switch mirrored before is on disk before the first change, and removed when it was put back.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import msgspec

from whence.model import BadInput
from whence.model.bisection import Event, Mirrored, Plan
from whence.world import durable
from whence.world.places import BISECT, UNDO

FOLDER = BISECT
LONGEST = 64 << 20  # octets of a log that are read
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4)
_EVENT = msgspec.json.Decoder(Event)


class Before(msgspec.Struct, frozen=True):
    """What a switch mirrored before whence changed it."""

    mirror: str  # the URL, without what is secret
    switch: str
    saved: str  # in the words of the driver
    boot: str = ""  # of this machine, random(4); empty: not known


class MirrorFolder:
    """The folder of one user's search; there is one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log.jsonl"
        self.last = path / "last.jsonl"  # of the search before
        self._undo = path / UNDO
        self._file: BinaryIO | None = None

    def alone(self) -> AbstractContextManager[None]:
        """Let one process at a time search, or put back."""
        durable.make_folder(self.path, 0o700)
        return durable.only_one(self.path)

    def events(self) -> list[Event]:
        """Give what happened in the search that goes on, else in the last one; none: no search.

        Raises
        ------
        BadInput
            If the log is damaged.

        """
        path = self.log if self.goes_on() else self.last
        try:
            return read_events(path) if path.exists() else []
        except BadInput as e:
            raise BadInput(str(e), because=e.because, try_="whence bisect reset") from e

    def goes_on(self) -> bool:
        """Say whether there is a search that has not ended; an empty log is of none."""
        return self.log.exists() and self.log.stat().st_size > 0

    def note(self, event: Event) -> None:
        """Write down what happened; what changed the switch is on disk before anything else."""
        line = msgspec.json.encode(event) + b"\n"
        if isinstance(event, Plan):  # whole or not at all: a log without a plan is of no use
            self.close()
            durable.replace(self.log, line, 0o600)
            return
        if self._file is None:
            cut_off_unfinished(self.log)
            self._file = self.log.open("ab")
        self._file.write(line)
        if isinstance(event, Mirrored):
            self._file.flush()
            os.fsync(self._file.fileno())

    def flush(self) -> None:
        """Hand what was noted to the kernel."""
        if self._file:
            self._file.flush()

    def close(self) -> None:
        """Close the log."""
        if self._file:
            self._file.close()
            self._file = None

    def before(self) -> Before | None:
        """Give what has to be put back, if anything."""
        try:
            return msgspec.json.decode(self._undo.read_bytes(), type=Before)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as e:
            raise BadInput(
                f"{self._undo} is damaged",
                because=str(e),
                try_="look at the switch's mirrors yourself, and remove the file",
            ) from e

    def will_change(self, before: Before) -> None:
        """Write down what has to be put back; it is on disk when this returns."""
        if self.before() is None:
            durable.replace(self._undo, msgspec.json.encode(before), 0o600)

    def was_put_back(self) -> None:
        """Note that nothing has to be put back any more."""
        durable.remove(self._undo)

    def finish(self) -> None:
        """Put the log of a search that has ended beside, so that another can begin."""
        self.close()
        if self.log.exists():
            self.log.replace(self.last)

    def forget(self) -> bool:
        """Remove the logs, also damaged ones; say whether there was one."""
        self.close()
        there = [path for path in (self.log, self.last) if path.exists()]
        for path in there:
            durable.remove(path)
        return bool(there)


def running_boot() -> str:
    """Give the id of the boot of this machine; empty where the kernel does not tell."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def read_events(path: Path) -> list[Event]:
    """Read a log; a last line that was never finished does not count.

    Raises
    ------
    BadInput
        If it is not one.

    """
    try:
        with path.open("rb") as file:
            lines = file.read(LONGEST).split(b"\n")
        found = [_EVENT.decode(line) for line in lines[:-1]]
    except FileNotFoundError as e:
        raise BadInput(f"there is no file {path}", try_="give a log.jsonl") from e
    except (msgspec.DecodeError, OSError) as e:
        because = (isinstance(e, OSError) and e.strerror) or str(e)
        raise BadInput(f"{path} is not the log of a search", because=because) from e
    if found and not isinstance(found[0], Plan):
        raise BadInput(f"{path} is not the log of a search", because="it begins without a plan")
    return found


def cut_off_unfinished(path: Path) -> None:
    """Remove a last line that was never finished."""
    with path.open("rb+") as file:
        content = file.read(LONGEST)
        file.truncate(content.rfind(b"\n") + 1)
