"""Rooms whose whole is imported only when something of it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module


def on_demand(room: str, *quick: str) -> Callable[[str], object]:
    """Give a package's ``__getattr__`` (PEP 562), which offers what its ``everything`` does.

    What one of the ``quick`` modules offers (its ``__all__``) is taken from there, and no more is
    imported for it.
    """

    def offered(name: str) -> object:
        for part in quick:
            module = import_module(f"{room}.{part}")
            if name in module.__all__:
                return module.__dict__[name]
        everything = import_module(f"{room}.everything")
        try:
            return everything.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {room!r} has no attribute {name!r}") from None

    return offered
