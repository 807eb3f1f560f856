"""Being asked before a program is executed: fanotify(7), FAN_OPEN_EXEC_PERM.

Whoever executes a marked file waits until we answer. The kernel answers for us, with yes, as soon
as our end is closed, also by kill -9; see world.deadline for what happens if we hang.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from whence.model import CannotAsk, NotPermitted
from whence.world.capabilities import CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE

# What is left to be done once the gate is open: to mark files that only their user may read, and
# to see what programs of other users were given. Opening it takes CAP_SYS_ADMIN.
CAPABILITIES = frozenset({CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE})

CLOEXEC, NONBLOCK, CLASS_CONTENT, REPORT_TID = 0x1, 0x2, 0x4, 0x100  # FAN_* of linux/fanotify.h
MARK_ADD, MARK_FLUSH = 0x1, 0x80
OPEN_EXEC_PERM, Q_OVERFLOW = 0x00040000, 0x4000
ALLOW = 0x1
EVENT = struct.Struct("=IBBHQii")  # struct fanotify_event_metadata
ANSWER = struct.Struct("=iI")  # struct fanotify_response
AT_ONCE = 32  # events that are taken with one read
AT_FDCWD = -100

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fanotify_mark.argtypes = (
    ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A thread is about to execute a marked file, and waits."""

    thread: int  # its number in our pid namespace; 0: it is in none that we see
    file: int  # open, until it is answered


class ExecutionGate:
    """Asks us before the files that we mark are executed. The answer is always yes."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.overflows = 0  # times that the kernel had no room, and let them run without us

    @classmethod
    def open(cls) -> ExecutionGate:
        """Open it, with nothing marked.

        Raises
        ------
        NotPermitted
            If we lack CAP_SYS_ADMIN.
        CannotAsk
            If the kernel was built without permission events.

        """
        flags = CLOEXEC | NONBLOCK | CLASS_CONTENT | REPORT_TID
        file = _libc.fanotify_init(flags, os.O_RDONLY | os.O_CLOEXEC | os.O_LARGEFILE)
        if file >= 0:
            return cls(file)
        number = ctypes.get_errno()
        what = "the kernel does not ask us before a program is executed"
        if number == errno.EPERM:
            raise NotPermitted(
                what, because="fanotify(7) wants CAP_SYS_ADMIN for it", try_="run it as root"
            )
        raise CannotAsk(what, because=f"fanotify_init: {os.strerror(number)}", try_="Linux 5.0")

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._file

    def mark(self, path: str | Path) -> None:
        """Ask about this file from now on, whatever its names become.

        Raises
        ------
        NotPermitted, CannotAsk
            If the file is gone, may not be read, or its file system cannot be marked.

        """
        if not _libc.fanotify_mark(
            self._file, MARK_ADD, OPEN_EXEC_PERM, AT_FDCWD, os.fsencode(path)
        ):
            return
        number = ctypes.get_errno()
        kind = NotPermitted if number in (errno.EACCES, errno.EPERM) else CannotAsk
        if number == errno.EINVAL:
            because = "this kernel has no permission events (CONFIG_FANOTIFY_ACCESS_PERMISSIONS)"
        else:
            because = os.strerror(number)
        raise kind(f"runs of {path} cannot be watched", because=because)

    def read(self) -> Iterator[Asked]:
        """Yield who waits. Each has to be allowed before the next one is asked for."""
        try:
            events = os.read(self._file, AT_ONCE * EVENT.size)
        except BlockingIOError:
            return
        at = 0
        while at + EVENT.size <= len(events):
            length, _, _, _, mask, file, thread = EVENT.unpack_from(events, at)
            at += max(length, EVENT.size)
            if mask & Q_OVERFLOW:
                self.overflows += 1
            if file >= 0:
                yield Asked(thread, file)

    def allow(self, asked: Asked) -> None:
        """Let it run."""
        try:
            os.write(self._file, ANSWER.pack(asked.file, ALLOW))
        except FileNotFoundError:
            pass  # it was killed while it waited
        finally:
            os.close(asked.file)

    def close(self) -> None:
        """Ask no more: whoever still waits is let through by the kernel."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
