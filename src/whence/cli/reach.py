"""How far a question may be heard: what the user allows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from whence.model.declare import Reach

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option("--online", is_flag=True,
                 help="Allow questions that are heard outside: name servers, registries."),
    click.option("--touch-remote", is_flag=True,
                 help="Also call the other end, which notices: certificate, banner. "
                 "Allows all that --online does."),
)  # fmt: skip


def reach_options(command: Command) -> Command:
    """Add the options, and hand the farthest that is allowed over as ``reach``."""

    @wraps(command)
    def allowed(*, online: bool, touch_remote: bool, **others: Any) -> Any:
        given = {Reach.REMOTE: online, Reach.OTHER_END: touch_remote}
        reach = max((reach for reach, yes in given.items() if yes), default=Reach.SILENT)
        return command(reach=reach, **others)

    for option in reversed(OPTIONS):
        option(allowed)
    return allowed  # type: ignore[return-value]  # wraps: same parameters but for these
