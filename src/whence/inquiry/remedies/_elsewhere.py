"""Processes of which only files of another tool tell: their machine is not the one at hand."""

from __future__ import annotations

from collections.abc import Sequence

from whence.model import Evidence, Process
from whence.model.suggestions import Words, command

# As model.ecs writes where a sighting is from; in what a stranger says, quotes are escaped.
FROM_WINDOWS = '"sensor":"windows_'


def place(process: Process) -> str:
    """Say on which machine that must be done, where it is another one."""
    return f" on {process.host or 'the machine that was told of'}" if process.is_reported else ""


def ending(process: Process, evidence: Sequence[Evidence]) -> tuple[Words, ...]:
    """Give what ends it there; nothing where it is not known which system that is."""
    if any(FROM_WINDOWS in piece.excerpt for piece in evidence):
        return command("taskkill", "/PID", str(process.pid))
    return ()
