"""What the readings of a search call their source: the key under which they are recorded."""

from __future__ import annotations

from collections.abc import Sequence

from whence.model.address_forms import Wanted


def names_source(address: str) -> str:
    """Name the names of an address."""
    return f"names of {address}"


def files_source(wanted: Wanted, places: Sequence[str]) -> str:
    """Name a search of files and folders."""
    return f"search {_words(wanted)} in {' '.join(places)}"


def process_source(wanted: Wanted, pid: int, what: str) -> str:
    """Name a search of a process: its traces, its memory."""
    return f"search {_words(wanted)} in the {what} of pid {pid}"


def everywhere_source(wanted: Wanted) -> str:
    """Name a search of all disks."""
    return f"search {_words(wanted)} everywhere"


def rows_source(wanted: Wanted) -> str:
    """Name a search of the user's database."""
    return f"search {_words(wanted)} in the database"


def databases_source(places: Sequence[str]) -> str:
    """Name a search for database servers."""
    return f"databases named in {' '.join(places)}"


def _words(wanted: Wanted) -> str:
    return " ".join((wanted.address, *wanted.names))
