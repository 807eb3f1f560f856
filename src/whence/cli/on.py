"""Which machine is asked about: ``--on``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import click

from whence.api.looked_at import LookedAt, look_at
from whence.model import BadInput
from whence.world.ssh_shell import SshLogin

Command = TypeVar("Command", bound=Callable[..., Any])
NOTICEABLE = 2.0  # seconds that a clock may be off before it is told


def on_options(command: Command) -> Command:
    """Add --on and --sudo, and hand both over as ``on``, an ``SshLogin`` or None."""

    @click.option(
        "--on",
        "machine",
        metavar="USER@HOST",
        help="Ask about another machine, by ssh; nothing is installed there.",
    )
    @click.option("--sudo", is_flag=True, help="With --on: look as root, by sudo there.")
    @wraps(command)
    def allowed(*, machine: str | None, sudo: bool, **given: Any) -> Any:
        if machine is None and sudo:
            raise BadInput("--sudo goes with --on", try_="sudo whence …, for this machine")
        login = None if machine is None else SshLogin.parse(machine, sudo=sudo)
        return command(on=login, **given)

    return allowed  # type: ignore[return-value]  # wraps: same parameters but for these


@contextmanager
def asked_about(on: SshLogin | None) -> Iterator[LookedAt]:
    """Give the machine; if its clock is off, say so, for its files have times of that clock."""
    with look_at(on) as machine:
        if abs(machine.ahead) > NOTICEABLE:
            way = "ahead of" if machine.ahead > 0 else "behind"
            click.echo(
                f"whence: the clock of {machine.host.name} is {abs(machine.ahead):.0f} s {way} "
                "this machine’s; what its files and logs say when is by its own clock",
                err=True,
            )
        yield machine
