"""Receiving log lines: the receiver beside, and what it spools made into rows here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from whence.model.log_receiving import ReceiverSettings, ReceiverStatus
from whence.world.log_receiver_process import LogReceiverProcess

FINISHING = 20.0  # seconds for what waits in the spool, when somebody wants to stop


class Keeping(Protocol):
    """Takes what is in the spool into rows that can be asked."""

    rows: int  # that were taken
    behind: float  # seconds: how old what is not taken yet is
    problem: str  # why nothing is taken now
    notes: list[str]  # what the user should know of, once

    def step(self, *, at_once: bool = False) -> bool:
        """Take some of it, if it is time; say whether more waits."""
        ...

    def close(self) -> None:
        """Let another process take."""
        ...


@dataclass(frozen=True, slots=True)
class LogReceptionStatus:
    """How reception is."""

    receiver: ReceiverStatus
    rows: int = 0  # lines that can be asked now, of this run
    behind: float = 0  # seconds
    problem: str = ""  # why lines are not made into rows now
    notes: tuple[str, ...] = ()  # what the user should know of, once
    ended: bool = False


class LogReception:
    """Runs until ``end`` is called or somebody wants to stop; then the spool is whole."""

    def __init__(
        self, settings: ReceiverSettings, begin_keeping: Callable[[], Keeping | None]
    ) -> None:
        self.settings = settings
        self._process = LogReceiverProcess(settings)
        try:
            self._keeping = begin_keeping()  # beside it: this takes longer to begin
        except BaseException:
            self._process.close()
            raise

    @property
    def receiver_pid(self) -> int:
        """The process that receives."""
        return self._process.pid

    @property
    def spool(self) -> Path:
        """The folder that what is received goes to first."""
        return Path(self.settings.spool)

    def statuses(
        self, seconds: float | None, stop: Callable[[], bool]
    ) -> Iterator[LogReceptionStatus]:
        """Yield how it is, once a second; the last when all that came can be asked.

        Raises
        ------
        WhenceError
            If it cannot receive here, or died.

        """
        end = None
        last = ReceiverStatus()
        for status in self._process.statuses():
            if status and end is None and seconds is not None:  # the first: now it listens
                end = time.monotonic() + seconds
            if stop() or (end is not None and time.monotonic() >= end):
                self._process.end()
            if self._keeping:
                self._keeping.step()
            if status:
                last = status
                yield self._now(last)
        last = replace(last, notes=())  # they were given
        patience = time.monotonic() + (FINISHING if stop() else float("inf"))
        while self._keeping and self._keeping.step(at_once=True):
            if time.monotonic() > patience:
                break  # the rest waits in the spool
            yield self._now(last)
        yield self._now(last, ended=True)

    def close(self) -> None:
        """End it."""
        self._process.close()
        if self._keeping:
            self._keeping.close()

    def __enter__(self) -> LogReception:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _now(self, status: ReceiverStatus, *, ended: bool = False) -> LogReceptionStatus:
        if not self._keeping:
            return LogReceptionStatus(status, ended=ended)
        keeping = self._keeping
        notes = tuple(keeping.notes)
        keeping.notes.clear()
        return LogReceptionStatus(
            status, keeping.rows, keeping.behind, keeping.problem, notes, ended
        )
