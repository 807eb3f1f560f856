"""Files and folders that may or may not be there."""

from __future__ import annotations

from whence.model import CannotAsk, Reading
from whence.world import Host


def names_in(host: Host, folder: str) -> list[str]:
    """Name the entries of a folder; none where it cannot be read."""
    try:
        return [name for name in host.list(folder).text.split("\n") if name]
    except CannotAsk:
        return []


def read_if_there(host: Host, path: str) -> Reading | None:
    """Read a file; None where it cannot be read."""
    try:
        return host.read(path)
    except CannotAsk:
        return None
