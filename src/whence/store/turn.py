"""Who may write to a folder: one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from whence.model import CannotStore
from whence.store.refusals import in_words


def take_turn(folder: Path, mode: int, *, because: str, try_: str) -> int:
    """Become the one process that writes to a folder, until the file descriptor given is closed.

    The folder is made with ``mode`` if it is not there. ``because`` and ``try_`` are what is said
    where another process is (flock(2)).

    Raises
    ------
    CannotStore
        If another process is, or the folder cannot be made.

    """
    with in_words(folder):
        if not folder.is_dir():
            folder.mkdir(mode=mode, parents=True, exist_ok=True)  # or another just did
            folder.chmod(mode)  # mkdir(2) may have given less: umask
        turn = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        os.close(turn)
        raise CannotStore(f"could not write to {folder}", because=because, try_=try_) from e
    return turn
