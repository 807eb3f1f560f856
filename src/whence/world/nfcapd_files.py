"""Files of nfcapd, known by how they begin."""

from __future__ import annotations

import struct
from pathlib import Path

NFCAPD = struct.pack("=H", 0xA50C)  # MAGIC of nfdump's nffile.h, in either version of the format


def is_nfcapd(file: Path) -> bool:
    """Say whether a file begins as nfcapd's do, as written by a machine like this one."""
    try:
        if not file.is_file():  # reading from a pipe would take its beginning away
            return False
        with file.open("rb") as opened:
            return opened.read(len(NFCAPD)) == NFCAPD
    except OSError:
        return False  # who reads it says why it cannot be read
