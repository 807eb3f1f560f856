"""How the command line speaks: errors, confidence, escaped strangers' text."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from datetime import timedelta

from whence.model.errors import CannotStore, NotPermitted, WhenceError
from whence.model.rights import more_rights
from whence.model.visible_text import visible

log = logging.getLogger(__name__)


def safe(text: object) -> str:
    """Show what could steer a terminal, or hide in it, as escapes; everything else as it is."""
    return visible(text)


def explain_error(error: WhenceError) -> int:
    """Tell the user what happened, why, and what to try; give the exit status."""
    with suppress(OSError):  # nobody can be told, but the status still tells
        print(f"whence: {safe(error)}", file=sys.stderr)
        for label, text in (("because", error.because), ("try", error.try_)):
            if text:
                print(f"  {label:8} {safe(text)}", file=sys.stderr)
    return error.exit_code


def explain_fault(fault: Exception) -> int:
    """Tell the user of any error: one of ours, the system's, or a bug; give the exit status."""
    if isinstance(fault, PermissionError):
        because = fault.strerror or str(fault)
        what = f"may not use {fault.filename}" if fault.filename else "may not do that"
        fault = NotPermitted(what, because=because, try_=more_rights())
    elif isinstance(fault, OSError):
        what = f"could not use {fault.filename}" if fault.filename else "could not write the output"
        fault = CannotStore(what, because=fault.strerror or str(fault))
    if not isinstance(fault, WhenceError):
        log.debug("fault", exc_info=True)
        fault = WhenceError(
            "something went wrong that is our fault",
            because=f"{type(fault).__name__}: {fault}",
            try_="run it again as `whence -v …` and report what it prints",
        )
    return explain_error(fault)


def duration(span: timedelta) -> str:
    """Write a time span as people say it: 45 s, 12 min, 1 h 50 min, 3 d 4 h."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 90:
        return f"{seconds} s"
    minutes, hours = divmod(round(seconds / 60), 60)[::-1]
    if not hours:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


class Progress:
    """One line on stderr that is written over; nothing at all where stderr is no terminal."""

    def __init__(self) -> None:
        self._shown = 0
        self._terminal = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Write the line anew."""
        if self._terminal:
            line = safe(text)[: self._width() - 1]  # a line that wraps cannot be written over
            sys.stderr.write(f"\r{line}{' ' * (self._shown - len(line))}")
            sys.stderr.flush()
            self._shown = len(line)

    def _width(self) -> int:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80  # 0 on a serial line

    def clear(self) -> None:
        """Take the line away."""
        if self._terminal and self._shown:
            sys.stderr.write(f"\r{' ' * self._shown}\r")
            sys.stderr.flush()
            self._shown = 0
