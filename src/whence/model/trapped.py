"""What a trap tells of the runs of a program, as lines of JSON from its sensor and as words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from whence.model.refusal import Refusal
from whence.model.run_output import RunOutput
from whence.model.sightings import ProcessRecord

# What no trap of this kind sees; the documentation has the reasons.
CANNOT_SEE = (
    "a script that is given to its interpreter (`sh program`), or a program to the loader "
    "(`ld.so program`)",
    "copies of the program, and the same program in the layers of a container",
    "the first moment after another file was moved into its place",
)
# What is not seen where a shim tells of the runs.
SHIM_CANNOT_SEE = (
    "runs of another name of the file, or of the file as it is diverted",
    "runs inside a sandbox that limits system calls (seccomp), or where our socket is out of reach",
    "what a run was before it executed the program, without a fork",
)


class TrapSettings(msgspec.Struct, frozen=True):
    """What to watch."""

    path: str  # of the file itself, no link
    listener: str = ""  # the socket that a shim in its place calls; empty: the kernel asks
    awaited: int = -1  # a descriptor: the map in which to name who is about to run it; -1: none


class RunBegan(msgspec.Struct, frozen=True, tag="began"):
    """A process is about to execute the program; this was read while it waited."""

    number: int  # from 1
    at: datetime
    lineage: tuple[ProcessRecord, ...]  # the process, with the program as its last execution
    terminal: int = 0  # device number, 0: none
    waited: int = 0  # ns that it waited for us


class RunEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The process of a run ended, or executes the program once more."""

    number: int
    at: datetime
    executed: bool  # whether the kernel told that it was executed
    status: int | None = None  # as wait(2) gives it; None: nobody told
    nanoseconds: int | None = None
    again: bool = False  # it executed the program once more: the process lives


class TrapStatus(msgspec.Struct, frozen=True, tag="status"):
    """How the trap is; the first one says that it is set."""

    at: datetime
    runs: int = 0
    overflows: int = 0  # times that the kernel let programs run unseen, because it had no room
    ends_lost: int = 0  # times that it had no room for how processes end
    unwritten: int = 0  # lines that were not read in time
    replaced: int = 0  # times that another file took the program's place
    problem: str = ""  # what is wrong now
    blind: str = ""  # why the exit status is not told
    outputs_missed: int = 0  # runs whose output is not seen, because the map was full


TrapLine = RunBegan | RunEnded | TrapStatus | Refusal


@dataclass(frozen=True, slots=True)
class Called:
    """Where a run, or what it started, connected to."""

    address: str
    port: int | None
    transport: str | None
    count: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}" if self.port else host


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program, as far as it is known."""

    number: int
    at: datetime
    lineage: tuple[ProcessRecord, ...]
    terminal: int = 0
    launch: str = ""  # what started it, in words; empty: nothing says so
    executed: bool = True
    ended: datetime | None = None
    status: int | None = None  # as wait(2) gives it
    lasted: timedelta | None = None
    again: bool = False
    called: tuple[Called, ...] = ()
    output: RunOutput | None = None  # None: it was not asked for, or not seen

    @property
    def exit_code(self) -> int | None:
        """What it exited with; None where a signal ended it, or nobody told."""
        return None if self.status is None or self.status & 0x7F else self.status >> 8

    @property
    def signal(self) -> int | None:
        """The signal that ended it."""
        return (self.status & 0x7F) or None if self.status is not None else None
