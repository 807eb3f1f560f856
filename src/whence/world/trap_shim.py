"""The small program that stands in a trapped program's place: trap_shim.c, filled in."""

from __future__ import annotations

import os
import struct
from datetime import datetime
from pathlib import Path

from whence.model import BadInput, CannotAsk
from whence.world.bpf import packaged

MARK = b"whence trap shim"
SETTINGS = struct.Struct("<16sq112s4096s4096s")  # struct settings of trap_shim.c
LONGEST_LISTENER = 107


def shim_for(place: Path, original: Path, listener: Path, until: datetime) -> bytes:
    """Fill in a shim that stands in ``place``, calls ``listener``, and becomes ``original``.

    Raises
    ------
    CannotAsk
        If there is none for this processor.
    BadInput
        If a path is too long for it.

    """
    machine = os.uname().machine
    shim = packaged("whence.world", f"trap_shim.{machine}")
    if not shim:
        raise CannotAsk(
            f"there is no shim for {machine}",
            because="it is built for x86_64 only",
            try_="whence trap without --script",
        )
    paths = [os.fsencode(path) for path in (listener, original, place)]
    if len(paths[0]) > LONGEST_LISTENER or max(map(len, paths[1:])) > 4095:
        raise BadInput(f"the path {place} or {listener} is too long for the shim")
    at = shim.index(MARK)
    filled = SETTINGS.pack(MARK, int(until.timestamp()), *paths)
    return shim[:at] + filled + shim[at + len(filled) :]
