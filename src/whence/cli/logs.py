"""``whence logs``: what syslog servers receive, and what makes it more than usual."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS = {
    "parse": ("logs_parse", "Say what log lines mean, one by one or by their wordings."),
}


@click.command(cls=OnCall, table=COMMANDS)
def command() -> None:
    """Receive, read and explain log lines."""
