"""``whence case verify``: check that nothing in a case was changed."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe
from whence.cli.types import Digest
from whence.model import ecs
from whence.model.plural import many


@click.command(name="verify")
@click.argument("case_id", default="last")
@click.option("--head", type=Digest(), help="The head that you noted, or were told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(case_id: str, head: str | None, as_json: bool) -> int:
    """Check that nothing in a case was changed since it was written down.

    The chain alone cannot tell a case that was written anew, or cut off at its end, from the one
    that it was: give the head from the report, or from whoever sent the case, with --head.
    """
    verified = api.verify_case(case_id, head)
    if as_json:
        click.echo(ecs.encode({"whence": api.as_builtins(verified)}))
        return 65 if verified.problems else 0
    for problem in verified.problems:
        click.echo(safe(problem))
    if not verified.problems:
        entries = many(verified.entries, "entry", "entries")
        click.echo(f"nothing was changed: {entries}, head {verified.head}")
    if verified.noted:
        later = many(verified.entries - verified.noted, "entry was", "entries were")
        click.echo(
            f"the head that was noted is that of entry {verified.noted}; {later} added since"
        )
    return 65 if verified.problems else 0
