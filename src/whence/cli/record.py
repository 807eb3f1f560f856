"""``whence record``: keep the history; install and remove the service that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from whence import api
from whence.cli.say import Progress, safe
from whence.cli.types import ANY_PATH, Duration, Level, Size
from whence.model import ecs
from whence.model.plural import many


@click.group(name="record", invoke_without_command=True)
@click.option("--state", type=ANY_PATH, help="The folder of the history.")
@click.option("--keep", type=Duration(), default="90d", show_default=True, help="How long.")
@click.option("--largest", type=Size(), default="1G", show_default=True, help="How much, on disk.")
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor watches; see `whence doctor`."
)
@click.option("--no-names", is_flag=True, help="Do not hear which names addresses have.")
@click.pass_context
def command(
    context: click.Context,
    state: Path | None,
    keep: timedelta,
    largest: int,
    level: str,
    no_names: bool,
) -> int:
    """Keep a history of connections, so that `whence TARGET` can look back.

    Kept, too, are the names that answers of name servers, TLS and HTTP clients give to addresses.
    """
    if context.invoked_subcommand:
        return 0
    progress = Progress()
    kept = lost = 0
    deaf = ""
    try:
        for now in api.record(
            state=state, level=level, keep=keep, largest=largest, names=not no_names
        ):
            if now.deaf != deaf:
                deaf = now.deaf
                progress.clear()
                click.echo(safe(f"names are not heard, or not all: {deaf}"), err=True)
            kept, lost = now.kept, now.status.lost if now.status else 0
            progress.show(f"recorded {many(kept, 'sighting')}, {lost:,} lost; end with ^C")
    except KeyboardInterrupt:  # or SIGTERM
        progress.clear()
        click.echo(f"recorded {many(kept, 'sighting')}, {lost:,} lost", err=True)
    return 0


@command.command(short_help="Say since when history is kept, and what was lost.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def status(as_json: bool) -> int:
    """Say since when history is kept, by which sensor, and what was lost."""
    spans = api.history().watched()
    if as_json:
        for document in _as_documents(spans):
            click.echo(ecs.encode(document))
        return 0 if spans else 1
    for began, ended, sensor, lost in spans:
        click.echo(f"{began:%Y-%m-%d %H:%M:%S} to {ended:%Y-%m-%d %H:%M:%S} UTC  {sensor}, "
                   f"{lost} lost")  # fmt: skip
    if not spans:
        click.echo("no history was recorded yet")
    for line in api.record_status():
        click.echo(safe(line))
    return 0 if spans else 1


@command.command(short_help="Record from boot on, by a hardened systemd unit.")
def install() -> int:
    """Write a hardened systemd unit that records from boot on, and start it."""
    for line in api.record_install():
        click.echo(safe(line))
    return 0


@command.command()
def remove() -> int:
    """Stop recording, and take away exactly what `install` wrote. The history stays."""
    for line in api.record_remove():
        click.echo(safe(line))
    return 0


def _as_documents(spans: list[api.WatchedSpan]) -> Iterator[ecs.Document]:
    for began, ended, sensor, lost in spans:
        yield {
            "@timestamp": ecs.time_text(ended),
            "event": {"kind": "state", "start": ecs.time_text(began), "end": ecs.time_text(ended)},
            "whence": {"sensor": sensor, "lost": lost},
        }
    yield {"whence": {"service": api.record_status()}}
