"""``whence live``: who talks to whom right now."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from whence import api
from whence.cli.interface_option import interface_option
from whence.cli.passing import calls_table, documents, stations_table
from whence.cli.reading import in_order
from whence.cli.say import safe
from whence.cli.sighting import describe, headline
from whence.cli.types import Duration, Level
from whence.model import ecs
from whence.model.plural import many

View = tuple[list[api.Talk], api.Passing | None]
WIDE = 200  # columns, where there is no terminal
COUNTING = timedelta(seconds=2)  # what passes, where it is shown once


@click.command(name="live")
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--once", is_flag=True, help="Show what is there now, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: a JSON object a line.")
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor watches; see `whence doctor`."
)
@interface_option("Count what passes this interface, too; may be given again.")
@click.option("--packets", is_flag=True, help="As -i, with each interface that is up.")
def command(
    span: timedelta | None,
    once: bool,
    as_json: bool,
    level: str,
    interfaces: tuple[str, ...],
    packets: bool,
) -> int:
    """Show who talks to whom right now, by process; the newest and the unanswered first.

    With -i or --packets, the kernel counts what passes interfaces, also what is only forwarded
    and has no process here: by station, and by who calls whom.

    Without a terminal it shows what is there now, as with --once, or, with --for, one table of
    what was seen until then. What passes is counted for 2 s then, or as --for says.
    """
    console = Console()
    counted = [*interfaces, *(api.interfaces() if packets else [])]
    if once or as_json or (span is None and not console.is_terminal):
        return _once(counted, span, as_json)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=2, screen=True) as display:
            for shown in _views(counted, level, span):
                display.update(_screen(*shown, console.height))
    else:
        with in_order() as stop:  # ^C ends the watching, and what was seen is told
            newest = deque(_until(stop, _views(counted, level, span)), maxlen=1)
        for shown in newest:
            Console(width=WIDE).print(_screen(*shown, None))
    return 0


def _once(interfaces: Sequence[str], span: timedelta | None, as_json: bool) -> int:
    passing = api.passing_now(interfaces, span or COUNTING) if interfaces else None
    for seen in api.present():
        click.echo(ecs.encode(ecs.from_sighting(seen)) if as_json else headline(seen))
    if passing and as_json:
        for document in documents(passing):
            click.echo(ecs.encode(document))
    elif passing:
        print()
        Console(width=WIDE).print(_packets(passing, None))
    return 0


def _until(stop: Callable[[], bool], views: Iterator[View]) -> Iterator[View]:
    for shown in views:
        yield shown
        if stop():
            return


def _views(interfaces: Sequence[str], level: str, span: timedelta | None) -> Iterator[View]:
    if interfaces:
        yield from api.live_with_packets(interfaces, level=level, span=span)
    else:
        yield from ((talks, None) for talks in api.live(level=level, span=span))


def _screen(
    talks: list[api.Talk], passing: api.Passing | None, height: int | None
) -> RenderableType:
    """Show it all; of each table, only what fits, if there is a height."""
    if not passing:
        return _table(talks, _most(talks, height, 1))
    return Group(_table(talks, _most(talks, height, 3)), "", _packets(passing, height))


def _packets(passing: api.Passing, height: int | None) -> RenderableType:
    parts: list[RenderableType] = [
        stations_table(passing.stations, _most(passing.stations, height, 3)),
        "",
        calls_table(passing.calls, _most(passing.calls, height, 3)),
    ]
    if passing.lost:
        lost = many(passing.lost, "packet was", "packets were")
        parts.append(f"{lost} not counted: too many flows at once")
    return Group(*parts)


def _most(rows: Sequence[object], height: int | None, tables: int) -> int:
    return len(rows) if height is None else max(5, height // tables - 3)


def _table(rows: list[api.Talk], most: int) -> Table:
    table = Table(box=None, expand=True)
    table.add_column("last", no_wrap=True, min_width=8)
    table.add_column("process", no_wrap=True, ratio=3)
    table.add_column("peer", no_wrap=True, ratio=2, min_width=24)
    for name in ("times", "sent", "received"):
        table.add_column(name, justify="right", no_wrap=True, min_width=7)
    table.add_column("", no_wrap=True, min_width=9)
    for row in rows[:most]:
        cells = (
            f"{row.last:%H:%M:%S}", describe(row.maker) if row.maker else "?", str(row.peer),
            str(row.count), _size(row.sent), _size(row.received),
            "no answer" if row.unanswered else "",
        )  # fmt: skip
        table.add_row(*(Text(safe(cell)) for cell in cells))
    return table


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
