"""``whence case list``: list the cases, the newest last."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe
from whence.model import ecs


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> int:
    """List the cases, the newest last."""
    found = api.cases().list()
    for row in found.cases:
        verdict, sentence = row.verdict or ("open", str(row.subject))
        if as_json:
            click.echo(ecs.encode(_as_document(row)))
        else:
            click.echo(safe(f"{row.id}  {verdict:12}  {sentence}"))
    if not (found.cases or found.unreadable):
        click.echo("there is no case yet; begin with: whence TARGET", err=True)
    for path, reason in found.unreadable:
        click.echo(safe(f"{path}: {reason}: {reason.because}"), err=True)
    return 0


def _as_document(row: api.CaseRow) -> ecs.Document:
    verdict, sentence = row.verdict or ("open", None)
    return {
        "@timestamp": ecs.time_text(row.changed),
        "event": {"kind": "state", "created": ecs.time_text(row.created)},
        "whence": {
            "case": row.id,
            "target": str(row.subject),
            "verdict": verdict,
            "sentence": sentence,
            "steps": row.steps,
        },
        "file": {"path": str(row.path)},
    }
