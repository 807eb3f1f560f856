"""``whence program PATH``."""

from __future__ import annotations

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.model import ecs


@click.command(name="program")
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(path: str, as_json: bool, everything: bool) -> int:
    """Say whose program a file is: its package, its maker, what is odd about it."""
    case = api.open_program(path)
    answer = api.explain(case)
    case.close()
    if as_json:
        click.echo(ecs.encode(as_document(answer)))
    else:
        show_answer(answer, everything=everything, waited=None)
    return 0 if answer.story.verdict != api.Verdict.INSUFFICIENT else 1
