"""``whence started PID``."""

from __future__ import annotations

from contextlib import closing

import click

from whence import api
from whence.cli.answer import give
from whence.cli.on import asked_about, on_options
from whence.model import BadInput
from whence.world.ssh_shell import SshLogin


@click.command(name="started")
@click.argument("pid")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
@on_options
def command(pid: str, as_json: bool, everything: bool, on: SshLogin | None) -> int:
    """Say what started a process, and what that in turn."""
    if not (pid.isascii() and pid.isdigit()):
        raise BadInput(f"“{pid}” is not a pid", try_="whence started 4242")
    with asked_about(on) as machine, closing(api.open_case(pid, on=machine)) as case:
        return give(api.explain(case, on=machine), as_json=as_json, everything=everything)
