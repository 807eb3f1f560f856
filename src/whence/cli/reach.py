"""How far a question may be heard: what the user allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from whence.model.declare import Reach

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = {
    Reach.LOCAL_NET: click.option(
        "--ask-neighbours", is_flag=True,
        help="Allow packets to machines on the links of this one."),
    Reach.DEVICE: click.option(
        "--ask-devices", is_flag=True,
        help="Allow asking switches and routers by SNMP, and neighbours."),
    Reach.REMOTE: click.option(
        "--online", is_flag=True,
        help="Allow questions that are heard outside: name servers, registries. "
        "Allows neighbours and devices, too."),
    Reach.OTHER_END: click.option(
        "--touch-remote", is_flag=True,
        help="Also call the other end, which notices: certificate, banner. "
        "Allows all that --online does."),
}  # fmt: skip
NAMES = {
    Reach.LOCAL_NET: "ask_neighbours",
    Reach.DEVICE: "ask_devices",
    Reach.REMOTE: "online",
    Reach.OTHER_END: "touch_remote",
}


def reach_options(*reaches: Reach) -> Callable[[Command], Command]:
    """Add the options of these, and hand the farthest that is allowed over as ``reach``."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def allowed(**given: Any) -> Any:
            said = [reach for reach in reaches if given.pop(NAMES[reach])]
            return command(reach=max(said, default=Reach.SILENT), **given)

        for reach in reversed(reaches):
            OPTIONS[reach](allowed)
        return allowed  # type: ignore[return-value]  # wraps: same parameters but for these

    return decorate
