"""Take in what other people's tools wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from whence.inquiry.importing import Options, Summary, Taking, import_name, kinds
from whence.model import BadInput
from whence.model.ecs import Document
from whence.store.imports import Imports, Receipt
from whence.world import utc_now
from whence.world.import_files import open_import
from whence.world.local_time import local_zone
from whence.world.places import Places
from whence.world.service_names import port_of


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of importing a file."""

    receipt: Receipt
    is_new: bool  # False: it had been imported before, and nothing changed


def imports() -> Imports:
    """Give what this user imported."""
    return Imports(Places.of_this_user().imports)


def take_in(path: str, options: Options) -> Imported:
    """Import a file; one that was imported before changes nothing.

    Raises
    ------
    BadInput
        If it is of no kind that is known, or was imported before with other options.

    """
    with open_import(path) as file:
        name = import_name(file, options.host)
        store = imports()
        if known := store.receipt(name):
            if known.options != str(options):
                raise BadInput(
                    f"{file.name} was imported before, as {name}",
                    because=f"with {known.options or 'no options'}; now with"
                    f" {str(options) or 'none'}",
                    try_=f"whence import --forget {name}, and import it again",
                )
            return Imported(known, is_new=False)
        taking = Taking(file, options, local_zone(), utc_now())
        store.add(name, taking.statements(name, port_of))
        return Imported(taking.receipt, is_new=True)


def preview(path: str, options: Options, hear: Callable[[Summary], None]) -> Iterator[Document]:
    """Give what an import of a file would take in, an ECS document for each row; then sum up."""
    with open_import(path) as file:
        taking = Taking(file, options, local_zone(), utc_now())
        yield from taking.documents()
        hear(taking.summary)


def receipts() -> list[Receipt]:
    """Give what was imported, the oldest first."""
    return sorted((one.receipt for one in imports().each()), key=lambda one: one.imported)


def forget(name: str) -> Receipt:
    """Delete an import for good.

    Raises
    ------
    BadInput
        If there is none of that id.

    """
    store = imports()
    receipt = store.receipt(name) if name.isalnum() else None
    if receipt is None:
        raise BadInput(f"there is no import {name}", try_="whence import --list")
    store.forget(name)
    return receipt


__all__ = [
    "Imported", "Options", "Receipt", "Summary", "forget", "imports", "kinds", "preview",
    "receipts", "take_in",
]  # fmt: skip
