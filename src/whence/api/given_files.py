"""Files that were given where something else was to be: what they are, and what takes them."""

from __future__ import annotations

import os
import stat
from errno import EACCES
from pathlib import Path

from whence.model.errors import BadInput, NotPermitted, WhenceError
from whence.model.rights import more_rights


def what_takes(path: str) -> tuple[str, str] | None:
    """Say what a file is, and what to type; None where that is not known, or it is no file."""
    try:
        if not Path(path).is_file():
            return None  # a pipe may have been read already
        from whence.inquiry import importing  # large, and seldom needed
        from whence.world.import_files import open_import

        with open_import(path) as opened:
            told = importing.what_takes(opened)
    except (OSError, WhenceError):  # of a name too long, or what may not be read
        return None
    return (told[0], told[1].replace("FILE", path)) if told else None


def no_target(path: str) -> WhenceError | None:
    """Say what to do with a file or folder named in place of an address; None if it is none."""
    try:
        kind = Path(path).stat().st_mode
        may_read = os.access(path, os.R_OK)
    except PermissionError:
        may_read, kind = False, 0
    except FileNotFoundError:
        return _not_there(path)
    except (OSError, ValueError):  # of a name too long, or one with a zero
        return None
    if not may_read:
        return NotPermitted(
            f"{path} is no address, and may not be read",
            because=os.strerror(EACCES),
            try_=more_rights(),
        )
    if stat.S_ISDIR(kind):
        files = f"{path.rstrip('/')}/*"
        return BadInput(
            f"{path} is a folder, and no address",
            try_=f"give a file in it: whence says what takes it; or whence import {files}",
        )
    told = what_takes(path)
    if told is None:
        return None
    what, instead = told
    return BadInput(f"{path} is a file, and no address", because=f"it is {what}", try_=instead)


def _not_there(path: str) -> BadInput | None:
    """Say so of what can only be meant as a file."""
    if not path.startswith(("/", "./", "../")):
        return None
    return BadInput(f"there is no file {path}", try_="give one that is there, or an address")
