"""Ranges of addresses in lines of text, sorted: found by halving, without reading the whole."""

from __future__ import annotations

import gzip
import ipaddress
from collections.abc import Callable
from pathlib import Path

LARGEST = 512 << 20  # bytes of a table, unpacked; all networks of the Internet take 40 MB
PIECE = 1 << 20

First = Callable[[str], int | None]  # line → the first address of its range; None: no range


def table_bytes(path: Path) -> bytes:
    """Read a table, also one that gzip packed.

    Raises
    ------
    OSError, EOFError
        If it cannot be read or unpacked.
    ValueError
        If it is larger than any table.

    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        pieces, size = [], 0
        while piece := file.read(PIECE):
            size += len(piece)
            if size > LARGEST:
                raise ValueError(f"it is larger than {LARGEST >> 20} MB")
            pieces.append(piece)
    return b"".join(pieces)


def line_before(table: bytes, address: int, first: First) -> str:
    """Give the last line whose range begins at or before an address, or nothing.

    Lines that are no range, such as notes, are to stand before all others.
    """
    low, high, found = 0, len(table), ""
    while low < high:
        begin = table.rfind(b"\n", 0, (low + high) // 2) + 1
        end = table.find(b"\n", begin)
        end = len(table) if end < 0 else end
        line = table[begin:end].decode("utf-8", "replace")
        at = first(line)
        if at is None or at <= address:
            found, low = ("" if at is None else line), end + 1
        else:
            high = begin
    return found


def number_of(text: str) -> int | None:
    """Read an address, dotted or as a number; None where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 40:
        return int(text)
    try:
        return int(ipaddress.ip_address(text))
    except ValueError:
        return None
