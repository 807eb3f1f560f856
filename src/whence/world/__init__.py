"""The only room with a door to the outside.

Who needs one door imports its module, which is quicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.model.on_demand import on_demand

if TYPE_CHECKING:
    from whence.world.everything import *  # noqa: F403

__getattr__ = on_demand(__name__)
