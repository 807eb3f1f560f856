"""``whence data update --from FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from whence import api
from whence.cli.say import safe
from whence.cli.types import ANY_PATH
from whence.model import ecs


@click.command(name="update")
@click.option(
    "--from",
    "files",
    multiple=True,
    required=True,
    type=ANY_PATH,
    metavar="FILE",
    help="IEEE's CSV (oui.csv …), Wireshark's manuf, oui-data's JSON, or a folder of such, as "
    "/usr/share/ieee-data; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(files: tuple[Path, ...], as_json: bool) -> int:
    """Take the makers of network cards from newer files. Nothing is fetched.

    What the files say is laid over what is in use; the table is as old as the newest of them.
    """
    status = api.update_makers(files)
    if as_json:
        table = api.as_builtins(status) | {"name": "makers of network cards"}
        click.echo(ecs.encode({"whence": {"table": table}}))
        return 0
    count = sum(status.assignments.values())
    click.echo(safe(f"{count:,} blocks of addresses, as of {status.date}, in {status.path}"))
    return 0
