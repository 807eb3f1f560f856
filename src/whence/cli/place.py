"""``whence place IP|MAC``: where is it plugged in?"""

from __future__ import annotations

from contextlib import closing

import click

import whence.api.placing as api
from whence.cli.answer import give
from whence.cli.say import Progress


@click.command(name="place")
@click.argument("target", metavar="IP|MAC")
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="URL",
    help="Ask this switch, instead of those in ~/.config/whence/switches.toml; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def command(target: str, switches: tuple[str, ...], as_json: bool, everything: bool) -> int:
    """Say at which switch port a machine is plugged in, and what else is there.

    Asks the forwarding tables of all switches that are known, side by side, and follows
    them to the edge. Nothing on them is changed.
    """
    progress = Progress()
    with closing(api.open_place(target)) as case:
        try:
            progress.show("asking the switches")
            answer = api.place(case, switches)
        finally:
            progress.clear()
        return give(answer, as_json=as_json, everything=everything)
