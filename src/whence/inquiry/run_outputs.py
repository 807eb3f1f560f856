"""What the runs of a trapped program write, gathered from its sensor until it is asked for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from whence.model import CannotAsk
from whence.model.run_output import (
    STREAMS,
    OutputEnded,
    OutputPiece,
    OutputStatus,
    RunOutput,
    put_together,
)
from whence.world.output_process import OutputProcess

TURN = 0.5  # seconds
HELD = 64 << 20  # bytes of all runs that have not been asked for
FORGOTTEN = 60.0  # seconds after which nobody asks for a run any more
DONE = 10.0  # seconds that reading may take to end


@dataclass(slots=True)
class _Gathered:
    pieces: list[OutputPiece] = field(default_factory=list)
    unheld: list[int] = field(default_factory=lambda: [0] * len(STREAMS))  # bytes
    ended: OutputEnded | None = None
    since: float = 0.0  # that it ended

    @property
    def size(self) -> int:
        return sum(len(piece.data) for piece in self.pieces)


class RunOutputs:
    """Reads the sensor in a thread; give each run's output once."""

    def __init__(self, limit: int) -> None:
        """Begin to look; ``limit`` is in bytes of each stream of a run.

        Raises
        ------
        CannotAsk
            If it cannot be seen here what is written.

        """
        self.status = OutputStatus()
        self.problem = ""  # why nothing is seen any more
        self._process = OutputProcess(limit)
        self._runs: dict[int, _Gathered] = {}
        self._held = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def awaited(self) -> int:
        """The map that the sensor of the trap is to be given."""
        return self._process.awaited

    def let_go_of_map(self) -> None:
        """Close the map here, once that sensor has it."""
        self._process.let_go_of_map()

    def has_all_of(self, number: int) -> bool:
        """Say whether no more is going to be told of a run."""
        with self._lock:
            found = self._runs.get(number)
            return bool(self.problem) or (found is not None and found.ended is not None)

    def reached(self) -> float:
        """Say up to when all that had ended is told, s of time.monotonic; it may be behind."""
        return self.status.until / 1e9 - time.clock_gettime(time.CLOCK_BOOTTIME) + time.monotonic()

    def of(self, number: int) -> RunOutput | None:
        """Give what a run wrote, and forget it; nothing if the run was never seen to begin."""
        with self._lock:
            found = self._runs.pop(number, None)
            if found is None:
                return None
            self._held -= found.size
        return put_together(found.pieces, found.ended, found.unheld)

    def end(self) -> None:
        """Stop looking; all that was written is here afterwards."""
        self._ending.set()
        self._reader.join(DONE)

    def close(self) -> None:
        """End it."""
        self._ending.set()
        self._reader.join(DONE)
        self._process.close()

    def _read(self) -> None:
        try:
            while not self._ending.is_set():
                for told in self._process.read(TURN):
                    self._take(told)
            for told in self._process.end():
                self._take(told)
        except CannotAsk as reason:
            self.problem = f"{reason}: {reason.because}"

    def _take(self, told: OutputPiece | OutputEnded | OutputStatus) -> None:
        with self._lock:
            if isinstance(told, OutputStatus):
                self.status = told
                return
            gathered = self._runs.setdefault(told.run, _Gathered())
            if isinstance(told, OutputEnded):
                gathered.ended, gathered.since = told, time.monotonic()
                self._forget()
            elif self._held + len(told.data) > HELD:
                gathered.unheld[told.stream] += len(told.data)
            else:
                gathered.pieces.append(told)
                self._held += len(told.data)

    def _forget(self) -> None:
        """Let go of runs that ended long ago, and were never told of."""
        oldest = next(iter(self._runs))
        one = self._runs[oldest]
        if one.ended and time.monotonic() - one.since > FORGOTTEN:
            self._held -= self._runs.pop(oldest).size
