"""The tables that whence looks things up in, and newer ones that the user brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from whence.model import BadInput
from whence.model.given_file import reading
from whence.model.mac_blocks import blocks
from whence.world import ThisHost, utc_now
from whence.world.address_tables import LocalTables
from whence.world.data_tables import DataTable
from whence.world.mac_registry import MacRegistry, Registry, RegistryStatus
from whence.world.places import Places

LARGEST = 64 << 20  # bytes of a file of assignments
KNOWN = ("*.csv", "manuf", "index.json")  # of a folder; IEEE's texts beside them say the same


def mac_registry() -> MacRegistry:
    """Give the registry of the makers of network cards, as this user has it."""
    return MacRegistry(Places.of_this_user().state, ThisHost().name, utc_now)


def address_tables() -> list[DataTable]:
    """Give the tables of addresses that there are: clouds, countries, networks, Tor exits.

    Raises
    ------
    CannotAsk
        If one cannot be read.

    """
    return [*LocalTables(Places.of_this_user().tables, ThisHost().name, utc_now).tables()]


def absent_tables() -> list[tuple[str, str]]:
    """Name the kinds of tables of addresses that are not here, each with how to get one."""
    tables = Places.of_this_user().tables
    found = LocalTables(tables, ThisHost().name, utc_now).absent()
    return [(kind.name, f"{kind.advice} ({tables})") for kind in found]


def update_makers(given: Sequence[Path]) -> RegistryStatus:
    """Lay what files say over the registry in use, and say what is in use then.

    Raises
    ------
    BadInput
        If a file is not there or no registry, or they are older than what is in use.
    CannotStore
        If a file cannot be read.

    """
    registry = mac_registry()
    files = [file for path in given for file in _files(path)]
    makers: dict[str, str] = {}
    newest = date.min
    for file in sorted(files, key=_day):
        with reading(file), file.open("rb") as opened:
            text = opened.read(LARGEST).decode("utf-8", "replace")
        makers |= blocks(text, str(file))
        newest = max(newest, _day(file))
    now = registry.status()
    if newest < now.date:
        raise BadInput(
            f"what is in use is newer: of {now.date}, and these files are of {newest}",
            because="the date is that of the files' last change",
            try_="download them anew from the IEEE, or touch them if you know better",
        )
    source = ", ".join(map(str, given))
    registry.update(Registry(newest, source, "", makers))
    return registry.status()


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for pattern in KNOWN for file in path.glob(pattern))
    if not found:
        raise BadInput(f"there is no registry in {path}", because=f"none of {', '.join(KNOWN)}")
    yield from found


def _day(file: Path) -> date:
    with reading(file):
        return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
