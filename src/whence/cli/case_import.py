"""``whence case import``: take in an exported case, after checking all of it."""

from __future__ import annotations

from pathlib import Path

import click

from whence import api
from whence.cli.say import safe
from whence.cli.types import ANY_PATH


@click.command(name="import")
@click.argument("path", type=ANY_PATH)
def command(path: Path) -> int:
    """Take in an exported case, after checking all of it."""
    click.echo(safe(api.import_case(path)))
    return 0
