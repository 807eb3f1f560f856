"""``whence case forget``: delete cases for good."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe


@click.command(name="forget")
@click.argument("case_ids", nargs=-1, required=True)
def command(case_ids: tuple[str, ...]) -> int:
    """Delete cases for good."""
    for case_id in case_ids:
        for path in api.forget_case(case_id):
            click.echo(safe(f"deleted {path}"))
    return 0
