"""``whence doctor``."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe
from whence.model import ecs


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> int:
    """Say what this machine lets whence see, and what would give more. Tries each part."""
    works = False
    for checked in api.doctor():
        works = works or (checked.works and checked.what.startswith("level"))
        if as_json:
            check = api.as_builtins(checked)
            check["try"] = check.pop("try_")
            click.echo(ecs.encode({"whence": {"check": check}}))
            continue
        click.echo(safe(f"{'yes' if checked.works else 'no ':3}  {checked.what}"))
        for label, text in (
            ("", checked.says),
            ("cannot see: ", "; ".join(checked.cannot_see)),
            ("because: ", checked.because),
            ("try: ", checked.try_),
        ):
            if text:
                click.echo(safe(f"       {label}{text}"))
    return 0 if works else 1
