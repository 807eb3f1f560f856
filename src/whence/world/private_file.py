"""Files that hold secrets."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from whence.model import BadSettings

LARGEST = 1 << 20  # bytes; it is written by hand


def read_private(path: Path) -> str:
    """Read a file that only its owner may read.

    Raises
    ------
    BadSettings
        If it cannot be read, or others could have read or written it.

    """
    try:
        with path.open("rb") as file:
            _check(path, os.fstat(file.fileno()))
            return file.read(LARGEST).decode("utf-8")
    except OSError as e:
        raise BadSettings(f"could not read {path}", because=e.strerror or str(e)) from e
    except UnicodeDecodeError:
        raise BadSettings(f"could not read {path}", because="it is not UTF-8 text") from None


def _check(path: Path, found: os.stat_result) -> None:
    if found.st_uid not in (0, os.geteuid()):
        raise BadSettings(f"{path} may hold secrets", because="it belongs to somebody else")
    if found.st_mode & 0o077:
        raise BadSettings(
            f"{path} may hold secrets and others can read it",
            because=f"its mode is {stat.S_IMODE(found.st_mode):04o}",
            try_=f"chmod 600 {path}",
        )
