"""The part of whence that is compiled: is it there?"""

from __future__ import annotations

import importlib

from whence.model import CannotAsk


def load_native_part(
    what_fails: str = "captures and flow exports cannot be read",
) -> None:
    """Load ``whence._native``, which decodes packets and flow exports and searches files.

    Raises
    ------
    CannotAsk
        If it was not built, or was built for another Python or machine.

    """
    try:
        importlib.import_module("whence._native")
    except ImportError as reason:
        raise CannotAsk(
            what_fails,
            because=f"the native part of whence does not load: {reason}",
            try_="install a wheel of this machine, or build it, which takes cargo: make install",
        ) from reason
