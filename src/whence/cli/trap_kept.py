"""``whence trap ls``, ``show`` and ``rm``: what traps have seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from whence.cli.columns import lines
from whence.cli.say import duration, safe
from whence.cli.trap_output import output_lines
from whence.cli.trap_rows import all_of, began, ended
from whence.model import ecs
from whence.model.plural import many
from whence.model.trap_words import Tally, document, sentence

if TYPE_CHECKING:
    from whence.api.trapping import KeptRuns

SHOWN = 20  # runs that `show` lists, unless told otherwise


@click.command(name="ls")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(as_json: bool) -> int:
    """List the traps that there were, and how many runs each has seen."""
    from whence.api import trapping

    found = [trapping.kept(name) for name in trapping.names()]
    if as_json:
        for one in found:
            click.echo(ecs.encode(_kept_document(one)))
    elif found:
        rows = [
            (one.name, one.program, f"{len(one.runs) + one.unkept}",
             f"{one.began:%Y-%m-%d %H:%M}", f"{one.ended:%Y-%m-%d %H:%M}", duration(one.watched))
            for one in found
        ]  # fmt: skip
        heads = ("name", "program", "runs", "first", "last (UTC)", "watched")
        click.echo("\n".join(lines(heads, rows, "llrlll")))
    else:
        click.echo("no trap was set yet; see: whence trap PROGRAM")
    return 0 if found else 1


@click.command()
@click.argument("name")
@click.option("--all", "everything", is_flag=True, help=f"Every run, not the last {SHOWN}.")
@click.option("--output", "whole", is_flag=True, help="All that is kept of what each run wrote.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
def show(name: str, everything: bool, whole: bool, as_json: bool) -> int:
    """Show the runs that a trap has seen; what it says in sum comes first."""
    from whence.api import trapping

    kept = trapping.kept(name)
    shown = kept.runs if everything or as_json else kept.runs[-SHOWN:]
    if as_json:
        click.echo(ecs.encode(_kept_document(kept)))
        for run in shown:
            click.echo(ecs.encode(document(run, kept.program, kept.host, action="end")))
        return 0 if kept.runs else 1
    click.echo(safe(_sentence(kept)))
    left_out = len(kept.runs) - len(shown)
    if left_out:
        click.echo(f"the last {len(shown)}; {left_out} more with --all")
    for run in shown:
        click.echo(safe(f"{run.at:%Y-%m-%d}  {began(run)}"))
        click.echo(safe(f"            {ended(run)}"))
        for line in output_lines(run.output, all_of(name), everything=whole):
            click.echo(line)
    for count, one, several in (
        (kept.unkept, "run was counted and not kept, because the file was full",
         "runs were counted and not kept, because the file was full"),
        (kept.unseen, "time that runs may have gone by unseen",
         "times that runs may have gone by unseen"),
        (kept.damaged, "line of the file cannot be read", "lines of the file cannot be read"),
    ):  # fmt: skip
        if count:
            click.echo(many(count, one, several))
    return 0 if kept.runs else 1


@click.command()
@click.argument("names", nargs=-1, required=True)
def rm(names: tuple[str, ...]) -> int:
    """Forget traps and the runs that they have seen."""
    from whence.api import trapping

    for name in names:
        trapping.remove(name)
        click.echo(safe(f"forgot {name}"))
    return 0


def _sentence(kept: KeptRuns) -> str:
    return sentence(kept.program, Tally(kept.runs), duration(kept.watched), kept.unkept)


def _kept_document(kept: KeptRuns) -> ecs.Document:
    return {
        "@timestamp": ecs.time_text(kept.ended),
        "event": {"kind": "state", "start": ecs.time_text(kept.began)},
        "host": {"name": kept.host},
        "whence": {
            "trap": {
                "name": kept.name, "program": kept.program, "sentence": _sentence(kept),
                "runs": len(kept.runs), "not_kept": kept.unkept, "unseen": kept.unseen,
                "damaged": kept.damaged, "watched": kept.watched.total_seconds(),
            }
        },
    }  # fmt: skip
