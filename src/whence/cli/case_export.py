"""``whence case export``: write a case into one file that others can import."""

from __future__ import annotations

from pathlib import Path

import click

from whence import api
from whence.cli.say import safe
from whence.cli.types import ANY_PATH


@click.command(name="export")
@click.argument("case_id", default="last")
@click.option("-o", "--output", type=ANY_PATH, required=True, help="The file to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def command(case_id: str, output: Path, overwrite: bool) -> int:
    """Write a case into one file that others can import, verify and replay."""
    api.export_case(case_id, output, overwrite=overwrite)
    click.echo(f"wrote {safe(output)}", err=True)
    return 0
