"""``whence logs``: what syslog servers receive, and what makes it more than usual."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS: dict[str, tuple[str, str]] = {
    "receive": ("logs_receive", "Hear senders of log lines, and keep what they say."),
}


@click.command(cls=OnCall, table=COMMANDS)
def command() -> None:
    """Receive, read and explain log lines."""
