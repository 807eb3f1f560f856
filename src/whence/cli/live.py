"""``whence live``: who talks to whom right now."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from whence import api
from whence.cli.say import safe
from whence.cli.sighting import describe, headline
from whence.cli.types import Duration
from whence.model import ecs

WIDE = 200  # columns, where there is no terminal


@click.command(name="live")
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--once", is_flag=True, help="Show what is there now, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: a JSON object a line.")
@click.option("--level", default="auto", help="Which sensor watches; see `whence doctor`.")
def command(span: timedelta | None, once: bool, as_json: bool, level: str) -> int:
    """Show who talks to whom right now, by process; the newest and the unanswered first.

    Without a terminal it shows what is there now, as with --once, or, with --for, one table of
    what was seen until then.
    """
    console = Console()
    if once or as_json or (span is None and not console.is_terminal):
        for seen in api.present():
            click.echo(ecs.encode(ecs.from_sighting(seen)) if as_json else headline(seen))
        return 0
    if console.is_terminal:
        with Live(console=console, refresh_per_second=2, screen=True) as display:
            for rows in api.live(level=level, span=span):
                display.update(_table(rows, console.height))
    else:
        for rows in deque(api.live(level=level, span=span), maxlen=1):
            Console(width=WIDE).print(_table(rows, len(rows) + 3))
    return 0


def _table(rows: list[api.Talk], height: int) -> Table:
    table = Table(box=None, expand=True)
    table.add_column("last", no_wrap=True, min_width=8)
    table.add_column("process", no_wrap=True, ratio=3)
    table.add_column("peer", no_wrap=True, ratio=2, min_width=24)
    for name in ("times", "sent", "received"):
        table.add_column(name, justify="right", no_wrap=True, min_width=7)
    table.add_column("", no_wrap=True, min_width=9)
    for row in rows[: max(5, height - 3)]:
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
