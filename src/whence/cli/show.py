"""``whence show E5``: what a claim rests on."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe
from whence.model import ecs

AROUND = 3  # lines before and after the one that is cited


@click.command(name="show")
@click.argument("label")
@click.option("--case", "case_id", default="last", help="The case; without it, the last one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; with --all, the text too.")
@click.option("--all", "everything", is_flag=True, help="The whole text that was read.")
def command(label: str, case_id: str, as_json: bool, everything: bool) -> int:
    """Show a piece of evidence: what was read, where, when, by whom; with the cited line."""
    with api.case(case_id) as case:
        evidence, text = case.evidence(label)
        if as_json:
            cited = api.as_builtins(evidence) | {"label": case.label(evidence)}
            cited |= {"text": text} if everything else {}
            document = {
                "@timestamp": ecs.time_text(evidence.taken),
                "host": {"name": evidence.observer},
                "whence": {"case": case.id, "evidence": cited},
            }
            click.echo(ecs.encode(document))
            return 0
        click.echo(safe(f"{label.upper()} of case {case.id}: {evidence.source}"))
        click.echo(f"read {evidence.taken:%Y-%m-%d %H:%M:%S} UTC on {safe(evidence.observer)}, "
                   f"SHA-256 {evidence.reading}")  # fmt: skip
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            near = abs(number - evidence.line) <= AROUND or not evidence.line
            if everything or near:
                mark = "→" if number == evidence.line else " "
                click.echo(f"{mark} {number:5}  {safe(line)}")
    return 0
