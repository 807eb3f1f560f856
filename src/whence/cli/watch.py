"""``whence watch``: each matching connection, as it happens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from whence import api
from whence.cli.notifying import Notifications, notify_options
from whence.cli.say import safe
from whence.cli.sighting import headline
from whence.cli.types import Count, Duration, Level
from whence.model import LISTENING, SensorStatus, Sighting, ecs
from whence.model.plural import many


@click.command(name="watch")
@click.argument("targets", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor watches; see `whence doctor`."
)
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--count", type=Count(), help="End after so many connections.")
@click.option("--online", is_flag=True, help="Allow asking a DNS server about a host name.")
@notify_options
def command(
    targets: tuple[str, ...],
    as_json: bool,
    level: str,
    span: timedelta | None,
    count: int | None,
    online: bool,
    notify: tuple[str, ...],
    notify_ca: Path | None,
) -> int:
    """Name the process of each matching connection as it happens; of all, without TARGETS.

    Connections that are open when it begins are shown first. Repeated connections of a process
    to the same peer, faster than a person could read, are summed up with their count.
    """
    shown = calls = 0
    introduced: set[str] = set()
    with Notifications(notify, notify_ca) as tell:
        for event in api.watch(targets, level=level, online=online, span=span):
            if isinstance(event, SensorStatus):
                _show_status(event, introduced)
            elif isinstance(event, Sighting) and event.count:  # 0: what it sent meanwhile
                tell.hear(event)
                line = ecs.encode(ecs.from_sighting(event)) if as_json else headline(event)
                click.echo(line)
                shown += 1
                calls += event.action != LISTENING
                if count and calls >= count:
                    break
    return 0 if shown else 1


def _show_status(status: SensorStatus, introduced: set[str]) -> None:
    if status.sensor not in introduced:
        introduced.add(status.sensor)
        blind = "; ".join(status.cannot_see) or "nothing that is known"
        click.echo(
            safe(f"watching with {status.sensor}, times are UTC; cannot see: {blind}"), err=True
        )
    elif status.lost:
        click.echo(f"{status.sensor}: {many(status.lost, 'sighting')} lost so far", err=True)
