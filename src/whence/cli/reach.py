"""How far a question may be heard: what the user allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from whence.model.declare import Reach

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option("--ask-neighbours", is_flag=True,
                 help="Allow packets to machines on the links of this one."),
    click.option("--ask-devices", is_flag=True,
                 help="Allow asking switches and routers by SNMP, and neighbours."),
    click.option("--online", is_flag=True,
                 help="Allow questions that are heard outside, and all of the above."),
)  # fmt: skip


def reach_options(command: Command) -> Command:
    """Add the options, and hand the farthest that is allowed over as ``reach``."""

    @wraps(command)
    def allowed(*, ask_neighbours: bool, ask_devices: bool, online: bool, **others: Any) -> Any:
        given = {
            Reach.LOCAL_NET: ask_neighbours,
            Reach.DEVICE: ask_devices,
            Reach.REMOTE: online,
        }
        reach = max((reach for reach, yes in given.items() if yes), default=Reach.SILENT)
        return command(reach=reach, **others)

    for option in reversed(OPTIONS):
        option(allowed)
    return allowed  # type: ignore[return-value]  # wraps: same parameters but for these
