"""``whence case replay``: ask all questions again of what was recorded."""

from __future__ import annotations

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.cli.say import safe
from whence.model import ecs
from whence.model.plural import many


@click.command(name="replay")
@click.argument("case_id", default="last")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(case_id: str, as_json: bool, everything: bool) -> int:
    """Ask all questions again of what was recorded; say where the answer differs."""
    with api.case(case_id) as case:
        answer, differences = api.replay(case)
        believed, facts = len(api.taken_as_they_stand(case)), len(case.facts())
    if as_json:
        document = as_document(answer)
        document["whence"]["differences"] = differences
        document["whence"]["not_replayed"] = believed
        click.echo(ecs.encode(document))
        return 1 if differences else 0
    show_answer(answer, everything=everything, waited=None)
    for difference in differences:
        click.echo(safe(difference), err=True)
    if not differences:
        click.echo("the replay came to the same facts", err=True)
    if believed:
        click.echo(
            f"{believed} of {many(facts, 'fact')} could not be replayed, and stand as the case "
            "has them: nobody can watch it again, or this whence has no such question",
            err=True,
        )
    return 1 if differences else 0
