"""All that whence can do, as functions. The faces call nothing else.

What a command needs of it may be little, as ``whence talkers`` shows, and all takes long to import.
Cases that are kept stand in ``kept_cases``, and what asks about a connection in ``asking``: these
are looked into first. What is about logs, in the modules ``log_*``, is asked for by its module
alone: it needs the engine that reads Parquet, which nobody who asks about a connection is to wait
for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whence.model.on_demand import on_demand

if TYPE_CHECKING:
    from whence.api.everything import *  # noqa: F403

__getattr__ = on_demand(__name__, "kept_cases", "asking")
