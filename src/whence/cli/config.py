"""``whence config``: what whence is told once and keeps."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS = {
    "cables": ("config_cables", "Keep a plan of cables, and show the way from a switch port."),
}


@click.group(name="config", cls=OnCall, table=COMMANDS)
def command() -> None:
    """Say once what whence cannot find out, such as where cables lead."""
