"""``whence case record``: write what a case read as a folder of files."""

from __future__ import annotations

from pathlib import Path

import click

from whence import api
from whence.cli.say import safe
from whence.cli.types import ANY_PATH
from whence.model.plural import many


@click.command(name="record")
@click.argument("case_id", default="last")
@click.argument("directory", type=ANY_PATH)
def command(case_id: str, directory: Path) -> int:
    """Write what a case read as a folder of files: a recording for a test."""
    count = api.record_case(case_id, directory)
    click.echo(f"wrote {many(count, 'reading')} into {safe(directory)}", err=True)
    return 0
