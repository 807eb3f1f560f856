"""Where an address stands in a file of dbm: which key. The file is only read."""

from __future__ import annotations

import dbm
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from whence.model.address_forms import Finder, Spot
from whence.model.mentions import NotRead

MOST = 200_000  # keys
MOST_FOUND = 20
SUFFIXES = (".db", ".dbm", ".gdbm", ".pag", ".dat")
LARGEST = 4 << 20  # bytes of the list of keys that dbm.dumb reads at once
READ = ("dbm.gnu", "dbm.ndbm", "dbm.dumb")


def keys_in(path: str, finder: Finder, not_read: NotRead) -> list[tuple[str, Spot, str]]:
    """Give the keys of a dbm file of which the value, or the key, holds the address."""
    base = path.rpartition(".")[0] if path.endswith(SUFFIXES) else path
    kind = dbm.whichdb(path) or (base != path and dbm.whichdb(base))  # ndbm, dumb: by two files
    if kind not in READ:
        return []
    if kind == "dbm.dumb" and Path(f"{base}.dir").stat().st_size > LARGEST:
        not_read.add("dbm with too many keys", path)
        return []
    base = path if kind == "dbm.gnu" else base
    try:
        with dbm.open(base, "r") as database:
            return [*islice(_found(database, finder), MOST_FOUND)]
    except (dbm.error[0], OSError, ImportError, ValueError) as e:
        not_read.add("dbm that cannot be read", f"{path}: {e}")
        return []


def _found(database: Any, finder: Finder) -> Iterator[tuple[str, Spot, str]]:
    for key in islice(_keys(database), MOST):
        value = database.get(key) or b""
        spots = finder.spots(value, most=1) or finder.spots(key, most=1)
        if spots:
            name = key.decode("utf-8", "replace").rstrip("\0")
            yield f"key {name[:200]}", spots[0], value.decode("utf-8", "replace").rstrip("\0")


def _keys(database: Any) -> Iterator[bytes]:
    if hasattr(database, "firstkey"):  # dbm.gnu
        key = database.firstkey()
        while key is not None:
            yield key
            key = database.nextkey(key)
    else:
        yield from database.keys()
