"""``whence place IP|MAC``: where is it plugged in?"""

from __future__ import annotations

from contextlib import closing

import click

import whence.api.placing as placing
from whence import api
from whence.cli.answer import as_document, give
from whence.cli.say import Progress
from whence.model import ecs


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
    with closing(placing.open_place(target)) as case:
        try:
            progress.show("asking the switches")
            answer = placing.place(case, switches, on=api.beside(target))
        finally:
            progress.clear()
        if as_json:
            print(ecs.encode(_document(answer)))
            return 0 if answer.story.verdict != api.Verdict.INSUFFICIENT else 1
        return give(answer, as_json=False, everything=everything)


def _document(answer: api.Answer) -> ecs.Document:
    """Add the ports to the document of an answer, and the first as ECS names a switch port."""
    document = as_document(answer)
    spots = placing.spots(answer)
    document["whence"]["places"] = [
        {
            "mac": spot.mac,
            "switch": spot.switch,
            "port": spot.port,
            "confidence": spot.confidence,
            "is_place": spot.is_place,
            "outlets": [{"name": end.name, "room": end.room} for end in spot.outlets],
        }
        for spot in spots
    ]
    if spots:
        ingress = {"interface": {"name": spots[0].port}}
        document["observer"] = {"name": spots[0].switch, "ingress": ingress}
    return document
