"""The only room with a door to the outside.

Who needs one door imports its module, which is quicker.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whence.world.everything import *  # noqa: F403


def __getattr__(name: str) -> object:
    """Import all of it when something of it is asked for (PEP 562)."""
    everything = import_module(f"{__name__}.everything")
    try:
        return everything.__dict__[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
