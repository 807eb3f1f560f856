"""``whence case show``: show a case: its answer, the chain, the notes."""

from __future__ import annotations

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.cli.say import safe
from whence.model import ecs


@click.command(name="show")
@click.argument("case_id", default="last")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(case_id: str, as_json: bool, everything: bool) -> int:
    """Show a case: its answer, the chain, the notes."""
    with api.case(case_id) as case:
        answer = api.answer_of(case)
        if as_json:
            click.echo(ecs.encode(as_document(answer)))
            return 0
        show_answer(answer, everything=everything, waited=None)
        for row in case.notes():
            click.echo(safe(f"note by {row.author}, {row.when:%Y-%m-%d %H:%M}: {row.text}"))
    return 0
