"""``whence program PATH``."""

from __future__ import annotations

from contextlib import closing

import click

from whence import api
from whence.cli.answer import give
from whence.cli.on import asked_about, on_options
from whence.world.ssh_shell import SshLogin


@click.command(name="program")
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
@on_options
def command(path: str, as_json: bool, everything: bool, on: SshLogin | None) -> int:
    """Say whose program a file is: its package, its maker, what is odd about it."""
    with asked_about(on) as machine, closing(api.open_program(path, on=machine)) as case:
        return give(api.explain(case, on=machine), as_json=as_json, everything=everything)
