"""The words everything else is written in. Imports nothing else of whence.

Who needs only a few of them imports their modules, which is quicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.model.on_demand import on_demand

if TYPE_CHECKING:
    from whence.model.everything import *  # noqa: F403

__getattr__ = on_demand(__name__)
