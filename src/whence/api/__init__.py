"""All that whence can do, as functions. The faces call nothing else.

What a command needs of it may be little, as ``whence talkers`` shows, and all takes long to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.model.on_demand import on_demand

if TYPE_CHECKING:
    from whence.api.everything import *  # noqa: F403

__getattr__ = on_demand(__name__)
