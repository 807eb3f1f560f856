"""What gives a user the rights that were lacking."""

from __future__ import annotations

import os


def more_rights() -> str:
    """Say what to try where the kernel did not permit something: root has no more to ask for."""
    if os.geteuid():
        return "use sudo"
    return (
        "this is root already: its capabilities may be limited, as in a container, or the file is "
        "immutable (lsattr) or on a file system that is read-only"
    )
