"""Parts are found by being there: a file in a room's folder, nothing to register."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def discover(room: ModuleType, kind: type[T], absent: dict[str, str] | None = None) -> Iterator[T]:
    """Yield every ``kind`` that a file in ``room``, or an installed plug-in, declares.

    Plug-ins name their module in the entry-point group of the room, such as ``whence.probes``.
    A file whose third-party import is missing is noted in ``absent``, by module, and skipped.
    """
    inside = (found.name for found in pkgutil.iter_modules(room.__path__, room.__name__ + "."))
    outside = (point.value for point in entry_points(group=room.__name__))
    for name in (*inside, *outside):
        if name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as e:
            if absent is None or (e.name or "").partition(".")[0] == "whence":
                raise
            absent[name] = e.name or ""
        else:
            yield from (thing for thing in vars(module).values() if isinstance(thing, kind))
