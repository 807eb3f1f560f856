"""Report each run of a program: every verb of ``whence trap`` as a function."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from whence.api.shims import Shim
from whence.inquiry.trapped import Trap
from whence.model import BadInput, CannotStore
from whence.model.run_output import CANNOT_SEE as OUTPUT_CANNOT_SEE
from whence.model.run_output import LIMIT, MOST, OutputStatus, RunOutput
from whence.model.trapped import CANNOT_SEE, SHIM_CANNOT_SEE, Run, TrapStatus
from whence.store.trapped_runs import KeptRuns, RunKeeper, TrapFolder
from whence.world import utc_now
from whence.world.places import Places
from whence.world.processes import LiveProcesses
from whence.world.program_mark import program_at

__all__ = [
    "CANNOT_SEE",
    "LIMIT",
    "MOST",
    "OUTPUT_CANNOT_SEE",
    "SHIM_CANNOT_SEE",
    "KeptRuns",
    "Run",
    "RunOutput",
    "Trapped",
    "find_program",
    "kept",
    "names",
    "remove",
]

SYNC = 1.0  # seconds


class Trapped:
    """A trap that is set, for a ``with`` block; what it sees is kept."""

    def __init__(
        self,
        program: Path,
        level: str = "auto",
        *,
        connections: bool = True,
        until: datetime | None = None,
        output: int = 0,
    ) -> None:
        """Set it; with ``until``, by a shim in the program's place that reports until then.

        ``output`` is how many bytes are kept of what a run writes to each of stdout and stderr.
        """
        self.program = str(program)
        self.host = LiveProcesses.open().host
        self.until = until
        self.put_back: list[str] = []  # what was said of it
        self._shim = Shim(program, until) if until else None
        self.unkept = 0  # runs that were only counted
        self.why_unkept = ""
        self._keeper: RunKeeper | None = None
        self._is_set = False
        self._trap = Trap(
            self.program,
            level,
            connections=connections,
            listener=str(self._shim.listener) if self._shim else "",
            output=output,
        )
        self._began = utc_now()
        self._synced = 0.0

    @property
    def name(self) -> str:
        """What the trap is called; nothing before it is set."""
        return self._keeper.name if self._keeper else ""

    @property
    def pid(self) -> int:
        """The process that is asked before each run."""
        return self._trap.pid

    @property
    def status(self) -> TrapStatus | None:
        """How it is; None: it is not set yet."""
        return self._trap.status if self._is_set else None

    @property
    def blind(self) -> str:
        """Why it is not seen where runs connect to, or not any more; empty if it is."""
        return self._trap.connections.problem if self._trap.connections else ""

    @property
    def connections_lost(self) -> int:
        """How many connections the sensor lost, of whomever."""
        return self._trap.connections.lost if self._trap.connections else 0

    @property
    def connections_untold(self) -> int:
        """How many connections of runs are not told, because a run had too many peers."""
        return self._trap.connections.untold if self._trap.connections else 0

    @property
    def unasked(self) -> int:
        """Of how many runs it was not asked what launched them, because there were too many."""
        return self._trap.launchers.unasked

    @property
    def at_boot(self) -> str:
        """What puts the program back at boot, or why nothing does; empty without a shim."""
        return self._shim.at_boot if self._shim else ""

    @property
    def sees_output(self) -> bool:
        """Whether it is seen what runs write."""
        return self._trap.outputs is not None

    @property
    def outputs_missed(self) -> int:
        """How often there was no room in the kernel to follow a run, or who descends from one."""
        told = self._trap.outputs.status if self._trap.outputs else OutputStatus()
        missed = self.status.outputs_missed if self.status else 0
        return missed + told.runs_missed + told.processes_missed + told.calls_missed

    @property
    def output_problem(self) -> str:
        """Why it is not seen any more what runs write; empty if it is, or was not asked for."""
        return self._trap.outputs.problem if self._trap.outputs else ""

    @property
    def watched(self) -> timedelta:
        """For how long it is set."""
        return utc_now() - self._began

    def runs(self, span: timedelta | None = None, most: int | None = None) -> Iterator[Run | None]:
        """Yield each run as it begins, and once more as it has ended; None in between.

        Raises
        ------
        WhenceError
            If no trap can be set here, or its sensor died.

        """
        for run in self._trap.runs(span, most):
            if self._keeper is None and self._trap.status:
                self._began = self._trap.status.at
                self._keeper = _folder().keep(self.program, self.host, self._began)
                if self._shim:
                    self._shim.put_in_place()
                self._is_set = True
            if run is None:
                self._sync()
            elif run.ended:
                self._keep(run)
            yield run

    def end(self) -> None:
        """Let ``runs`` end soon; nothing that was told is lost by it."""
        self._trap.end()

    def finish(self) -> Iterator[Run]:
        """End the trap; yield the runs whose end was not told yet."""
        self._put_back()
        for run in self._trap.finish():
            self._keep(run)
            yield run
        status = self._trap.status
        unseen = status.overflows + status.unwritten if status else 0
        self._write(lambda keeper: keeper.end(utc_now(), unseen))

    def __enter__(self) -> Trapped:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._put_back()
        finally:
            self._trap.close()
            if self._keeper:
                self._keeper.close()

    def _put_back(self) -> None:
        if self._shim:
            self.put_back += self._shim.put_back()

    def _sync(self) -> None:
        if time.monotonic() - self._synced > SYNC:
            self._synced = time.monotonic()
            self._write(lambda keeper: keeper.sync())

    def _keep(self, run: Run) -> None:
        if not self._write(lambda keeper: keeper.keep(run)):
            self.unkept += 1

    def _write(self, write: Callable[[RunKeeper], object]) -> bool:
        """Write; a full disk does not end the trap, but is told of in the end."""
        if self._keeper is None:
            return True
        try:
            write(self._keeper)
        except CannotStore as reason:
            self.why_unkept = f"{reason}: {reason.because}"
            return False
        return True


def find_program(text: str) -> Path:
    """Find the program that a user names, by path or as a shell does; links are followed.

    Raises
    ------
    BadInput
        If there is none.

    """
    found = text if "/" in text else shutil.which(text)
    if found is None:
        raise BadInput(f"there is no program “{text}” in PATH", try_="give its path")
    return program_at(Path(found))


def names() -> list[str]:
    """Name the traps that there were."""
    return _folder().names()


def kept(name: str) -> KeptRuns:
    """Give what is kept of a trap."""
    return _folder().read(name)


def remove(name: str) -> None:
    """Forget a trap and its runs."""
    _folder().remove(name)


def _folder() -> TrapFolder:
    return TrapFolder(Places.of_this_user().traps)
