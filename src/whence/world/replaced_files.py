"""What appears in a folder: inotify(7), so that a file that takes another's place is noticed."""

from __future__ import annotations

import ctypes
import os
import struct

from whence.model import CannotAsk

CREATE, MOVED_TO, DELETE_SELF, MOVE_SELF = 0x100, 0x80, 0x400, 0x800  # IN_* of linux/inotify.h
UNMOUNT, Q_OVERFLOW, IGNORED = 0x2000, 0x4000, 0x8000
EVENT = struct.Struct("=iIII")  # struct inotify_event, before the name
GONE = DELETE_SELF | MOVE_SELF | UNMOUNT | IGNORED

_libc = ctypes.CDLL(None, use_errno=True)


class FolderWatch:
    """Tells which names appear in a folder, by creating, linking or renaming."""

    def __init__(self, folder: str) -> None:
        self.missed = False  # whether something may have appeared that was not told of
        self.gone = False  # whether the folder itself was moved or removed
        self._file: int = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        wanted = CREATE | MOVED_TO | DELETE_SELF | MOVE_SELF
        if self._file < 0 or _libc.inotify_add_watch(self._file, os.fsencode(folder), wanted) < 0:
            because = f"inotify(7): {os.strerror(ctypes.get_errno())}"
            self.close()
            raise CannotAsk(f"what appears in {folder} cannot be watched", because=because)

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._file

    def appeared(self) -> list[str]:
        """Give the names that appeared since the last time, each once."""
        try:
            data = os.read(self._file, 64 << 10)
        except BlockingIOError:
            return []
        names: dict[str, None] = {}
        at = 0
        while at + EVENT.size <= len(data):
            _, mask, _, length = EVENT.unpack_from(data, at)
            at += EVENT.size
            if mask & Q_OVERFLOW:
                self.missed = True
            if mask & GONE:
                self.gone = True
            if mask & (CREATE | MOVED_TO):
                names[os.fsdecode(data[at : at + length].rstrip(b"\0"))] = None
            at += length
        return [*names]

    def close(self) -> None:
        """Watch no longer."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
