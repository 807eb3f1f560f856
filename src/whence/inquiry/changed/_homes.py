"""Places in the home folders of those who log in: only these are looked at, not the whole home."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from whence.inquiry.changed._declare import Past
from whence.probes._accounts import homes
from whence.probes._files import names_in

MOST = 200  # homes that are looked into


def in_homes(past: Past, *places: str) -> list[str]:
    """Give these places of each home; ``*`` in a part of one stands for what is there."""
    found = homes(past.host)
    if len(found) > MOST:
        past.not_read[f"beyond {MOST} home folders"] = len(found) - MOST
    return [
        path
        for home in [*found][:MOST]
        for place in places
        for path in _expanded(past, home, place.split("/"))
    ]


def _expanded(past: Past, folder: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield folder
        return
    names = [parts[0]]
    if "*" in parts[0]:
        names = [name for name in names_in(past.host, folder) if fnmatchcase(name, parts[0])]
    for name in names:
        yield from _expanded(past, f"{folder}/{name}", parts[1:])
