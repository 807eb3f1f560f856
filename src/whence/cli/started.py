"""``whence started PID``."""

from __future__ import annotations

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.model import BadInput, ecs


@click.command(name="started")
@click.argument("pid")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(pid: str, as_json: bool, everything: bool) -> int:
    """Say what started a process, and what that in turn."""
    if not (pid.isascii() and pid.isdigit()):
        raise BadInput(f"“{pid}” is not a pid", try_="whence started 4242")
    case = api.open_case(pid)
    answer = api.explain(case)
    case.close()
    if as_json:
        click.echo(ecs.encode(as_document(answer)))
    else:
        show_answer(answer, everything=everything, waited=None)
    return 0 if answer.story.verdict != api.Verdict.INSUFFICIENT else 1
