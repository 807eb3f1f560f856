"""``whence data status``."""

from __future__ import annotations

import click

from whence import api
from whence.cli.say import safe
from whence.model import ecs


@click.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> int:
    """Say which tables are in use, of when they are, and where they are from."""
    status = api.mac_registry().status()
    if as_json:
        table = api.as_builtins(status) | {"name": "makers of network cards"}
        click.echo(ecs.encode({"whence": {"table": table}}))
        for other in api.address_tables():
            own = {"name": other.name, "date": other.date.isoformat(), "source": other.source,
                   "licence": other.licence, "path": str(other.path)}  # fmt: skip
            click.echo(ecs.encode({"whence": {"table": own}}))
        for name, advice in api.absent_tables():
            click.echo(ecs.encode({"whence": {"table": {"name": name, "absent": True,
                                                        "try": advice}}}))  # fmt: skip
        return 0
    click.echo(f"makers of network cards: {sum(status.assignments.values()):,} blocks of addresses")
    counts = ", ".join(f"{count:,} {name}" for name, count in status.assignments.items())
    click.echo(f"  as of    {status.date}  ({counts})")
    click.echo(safe(f"  from     {status.source}"))
    click.echo(safe(f"  licence  {status.licence or 'not told'}"))
    click.echo(safe(f"  file     {status.path}"))
    for other in api.address_tables():
        click.echo(safe(other.name))
        click.echo(f"  as of    {other.date}")
        click.echo(safe(f"  from     {other.source}"))
        click.echo(safe(f"  licence  {other.licence or 'not told'}"))
        click.echo(safe(f"  file     {other.path}"))
    for name, advice in api.absent_tables():
        click.echo(safe(f"{name}: there is none here"))
        click.echo(safe(f"  try      {advice}"))
    return 0
