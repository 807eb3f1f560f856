"""``whence logs``: what syslog servers receive, and what makes it more than usual."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS: dict[str, tuple[str, str]] = {
    "explain": ("logs_explain", "Say what makes a log so long, in shares that add up."),
    "forecast": ("logs_forecast", "Say when the file system of logs is full."),
    "load": ("logs_load", "Put files of log lines into the lake, each line once."),
    "rate": ("logs_rate", "Say how many lines there are, and which hours are not as usual."),
    "tidy": ("logs_tidy", "Keep the lake small: join files, sum up, drop what is old."),
}


@click.command(cls=OnCall, table=COMMANDS)
def command() -> None:
    """Receive, read and explain log lines."""
