"""``whence config cables FILE`` and ``whence config cables show PORT``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

import whence.api.cables as api
from whence.cli.say import safe
from whence.cli.types import ANY_PATH
from whence.model import CannotStore, ecs
from whence.model.plural import many

MOST = 20  # mistakes that are shown


@click.command(name="cables")
@click.argument("words", nargs=-1, required=True, metavar="FILE | show SWITCH PORT")
@click.option("--svg", type=ANY_PATH, help="With show: draw the way into this file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(words: tuple[str, ...], svg: Path | None, as_json: bool) -> int:
    """Keep a plan of cables, or show the way from a switch port to its outlet.

    FILE is CSV, as spreadsheets write it: its first line names the columns switch, port,
    panel, panel_port, outlet, room and note, in any order; what is not needed may be missing.
    """
    if words[0] == "show":
        switch, _, port = " ".join(words[1:]).strip().partition(" ")
        if len(words) == 3:  # a name of a switch may have blanks
            switch, port = words[1:]
        if not port:
            raise click.UsageError("name the switch and the port: show sw1 Gi1/0/7")
        return _show(switch, port.strip(), svg, as_json)
    if len(words) != 1 or svg:
        raise click.UsageError("name one file, or: show SWITCH PORT")
    return _keep(Path(words[0]), as_json)


def _keep(path: Path, as_json: bool) -> int:
    plan = api.keep(path)
    unused = sum(not mistake.used for mistake in plan.mistakes)
    if as_json:
        for mistake in plan.mistakes:
            entry = {"line": mistake.line, "what": mistake.what, "used": mistake.used}
            click.echo(ecs.encode({"file": {"path": str(path)}, "whence": {"mistake": entry}}))
        counted = {"cables": len(plan.cables), "lines_left_out": unused}
        click.echo(ecs.encode({"file": {"path": str(path)}, "whence": counted}))
        return 0
    click.echo(
        f"{many(len(plan.cables), 'cable is', 'cables are')} kept; "
        f"{many(unused, 'line')} could not be used."
    )
    for mistake in plan.mistakes[:MOST]:
        kept = " (kept all the same)" if mistake.used else ""
        click.echo(safe(f"  line {mistake.line}: {mistake.what}{kept}"))
    if len(plan.mistakes) > MOST:
        click.echo(f"  … and {len(plan.mistakes) - MOST} more; --json shows all")
    return 0


def _show(switch: str, port: str, svg: Path | None, as_json: bool) -> int:
    stops = api.path_from(switch, port)
    for stop in stops:
        if as_json:
            document = {name: getattr(stop, name) for name in stop.__dataclass_fields__}
            click.echo(ecs.encode({"whence": {"stop": document}}))
            continue
        if stop.kind == "switch port" and stop.way > 1:
            click.echo("or:")
        note = f"  ({stop.note})" if stop.note else ""
        arrow = "" if stop.kind == "switch port" else "→ "
        text = stop.name if stop.kind == "break" else str(stop)
        click.echo(safe(f"  {arrow}{text}{note}"))
        for doubt in stop.doubts:
            click.echo(safe(f"      doubtful: {doubt}"))
    if svg:
        _draw(stops, svg)
        click.echo(f"wrote {safe(svg.absolute())}", err=True)
    return 0 if any(stop.kind == "outlet" for stop in stops) else 1


def _draw(stops: Sequence[api.Stop], svg: Path) -> None:
    from whence.api.cable_picture import picture  # not before: seldom asked for

    try:
        svg.write_text(picture(stops), "utf-8")
    except OSError as e:
        raise CannotStore(f"could not write {svg}", because=e.strerror or str(e)) from e
