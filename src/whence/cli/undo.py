"""``whence undo``: take back what a whence that was killed left changed."""

from __future__ import annotations

import click

from whence.api import undoing
from whence.cli.say import safe
from whence.model import ecs


@click.command(name="undo")
@click.option("--all", "everything", is_flag=True,
              help="Also what is meant to stay for a while, as at boot.")  # fmt: skip
@click.option("--list", "only_list", is_flag=True, help="Only say what there is.")
@click.option("--print-unit", is_flag=True,
              help="Show a systemd unit that does it at boot, and end.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(everything: bool, only_list: bool, print_unit: bool, as_json: bool) -> int:
    """Take back what a whence left changed when it was killed, or the power went.

    Such as the mirrors that `whence bisect` set. Any whence that starts does the same. What another
    whence uses just now is left alone. Exit status 1: something could not be taken back; why is
    told.
    """
    if print_unit:
        click.echo(undoing.unit_text(), nl=False)
        return 0
    if only_list:
        return _list(as_json)
    outcomes = [*undoing.take_back(everything=everything, ask=True)]
    for outcome in outcomes:
        if as_json:
            click.echo(ecs.encode(_document(outcome.left, outcome.said, done=outcome.done)))
            continue
        for line in outcome.said:
            click.echo(safe(line))
        if not outcome.done:
            click.echo(safe(f"not taken back: {outcome.left.kind} {outcome.left.name}"))
    if not outcomes and not as_json:
        click.echo("there is nothing to take back")
    return 0 if all(outcome.done for outcome in outcomes) else 1


def _list(as_json: bool) -> int:
    found = undoing.left()
    for one in found:
        if as_json:
            click.echo(ecs.encode(_document(one)))
        else:
            click.echo(safe(f"{one.kind:8} {one.name}  ({_state(one)})"))
    if not found and not as_json:
        click.echo("nothing is changed")
    return 0


def _state(one: undoing.Left) -> str:
    if one.held:
        return "in use"
    return f"until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else "left behind"


def _document(one: undoing.Left, said: tuple[str, ...] = (), **more: bool) -> ecs.Document:
    until = {"until": ecs.time_text(one.until)} if one.until else {}
    told = {"said": [*said]} if said else {}
    undo = {"kind": one.kind, "name": one.name, "held": one.held, **until, **told, **more}
    return {"event": {"kind": "state"}, "whence": {"undo": undo}}
