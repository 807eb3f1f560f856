"""Processes of a table that names the parent of each by its pid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._sessions import table_time
from whence.model.reported import Started

MOST_PARENTS = 16
MOST_PIDS = 11  # digits


@dataclass(frozen=True, slots=True)
class Ran:
    """A row of such a table."""

    pid: int
    program: str
    command_line: str = ""
    user: str = ""
    parent: int | None = None
    working_directory: str = ""
    began: int | None = None  # µs since 1970


class ProcessTable:
    """Keeps the processes of a file to its end, since a parent may stand below its child."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._told: dict[tuple[str, int], tuple[int, int, Ran]] = {}

    def take(self, line: int, ran: Ran, host: str = "", at: int | None = None) -> bool:
        """Keep a process; False where one is known that has its pid and program."""
        known = self._told.get((host, ran.pid))
        if known and known[2].program == ran.program:
            return False
        if known:  # the pid was given to another: both are told, the earlier without parents
            self._told[(f"{host}\0{len(self._told)}", ran.pid)] = known
        moment = table_time(self._given) if at is None else at
        self._told[(host, ran.pid)] = (line, moment, ran)
        return True

    def end(self) -> Iterator[Started]:
        """Give all, each with its ancestors."""
        for (host, _), told in self._told.items():
            yield self._started(host.partition("\0")[0], told, {told[2].pid})

    def _started(self, host: str, told: tuple[int, int, Ran], below: set[int]) -> Started:
        line, at, ran = told
        above = self._told.get((host, ran.parent)) if ran.parent is not None else None
        parent = None
        if above and above[2].pid not in below and len(below) < MOST_PARENTS:
            parent = self._started(host, above, below | {above[2].pid})
        return Started(
            line, at, host, ran.pid, ran.program, ran.command_line,
            ran.working_directory, ran.user, began=ran.began, parent=parent, only_met=True,
        )  # fmt: skip


def pid_of(text: str) -> int | None:
    """Read a pid; None where it is none, or says that it is not known."""
    if text.isascii() and text.isdigit() and len(text) < MOST_PIDS and text != "0":
        return int(text)
    return None
