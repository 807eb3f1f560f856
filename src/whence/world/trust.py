"""Whether a service may run a program: who could change it, and who can reach it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import whence
from whence.model import CannotAsk, NotPermitted
from whence.world.systemd import Account

FIRST_PERSON = 1000  # ids below are the system's: UID_MIN, GID_MIN of login.defs(5)


def this_whence() -> tuple[Path, ...]:
    """Name what every command of whence rests on: this Python and this package."""
    return Path(sys.executable), Path(whence.__file__)


def account_for(files: Iterable[Path], root: Path) -> Account:
    """Choose the account of a service that runs these files.

    Raises
    ------
    NotPermitted
        If somebody besides root could change one of them, and so gain what the service may do.
    CannotAsk
        If one is not there.

    """
    account = Account.OWN
    for path in sorted({part for file in files for part in _way_to(file, root)}):
        found = _status(path)
        if _changeable(found):
            raise NotPermitted(
                f"a service with capabilities should not rest on {path}",
                because="somebody besides root can change it",
                try_="install whence for the whole system, for example below /opt",
            )
        needed = stat.S_IXOTH if stat.S_ISDIR(found.st_mode) else stat.S_IROTH
        if not found.st_mode & needed:
            account = Account.ROOT
    return account


def _way_to(file: Path, root: Path) -> Iterator[Path]:
    """Name the file and the folders above it below ``root``, as written and as links lead."""
    for way in (file.absolute(), file.resolve()):
        yield way
        yield from (folder for folder in way.parents if folder.is_relative_to(root))


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as e:
        raise CannotAsk(f"could not look at {path}", because=e.strerror or str(e)) from e


def _changeable(found: os.stat_result) -> bool:
    if found.st_uid not in (0, os.geteuid()):
        return True
    if found.st_mode & stat.S_IWGRP and found.st_gid >= FIRST_PERSON:
        return True
    shared = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX  # as /tmp: own files only
    return bool(found.st_mode & stat.S_IWOTH) and not shared
