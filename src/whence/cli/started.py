"""``whence started PID``."""

from __future__ import annotations

from contextlib import closing

import click

from whence import api
from whence.cli.answer import give
from whence.model import BadInput


@click.command(name="started")
@click.argument("pid")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(pid: str, as_json: bool, everything: bool) -> int:
    """Say what started a process, and what that in turn."""
    if not (pid.isascii() and pid.isdigit()):
        raise BadInput(f"“{pid}” is not a pid", try_="whence started 4242")
    with closing(api.open_case(pid)) as case:
        return give(api.explain(case), as_json=as_json, everything=everything)
