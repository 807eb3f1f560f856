"""``whence data``: the tables that whence brings along, and newer ones."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS = {
    "status": ("data_status", "Say which tables are in use, of when and from where."),
    "update": ("data_update", "Take newer tables from files that you have."),
}


@click.command(cls=OnCall, table=COMMANDS)
def command() -> None:
    """Show and renew the tables that whence looks things up in."""
