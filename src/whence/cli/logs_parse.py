"""``whence logs parse``: what log lines say, line by line, or by their wordings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING

import click

import whence.api.log_lines as log_lines  # and no more of the api: the rest is slow to import
from whence.cli.columns import lines as laid_out
from whence.cli.say import Progress, duration, safe
from whence.cli.source_zones import zone_option
from whence.cli.types import Count

if TYPE_CHECKING:
    from whence.world.log_lines import LogLines, LogReached, Wording


@click.command(name="parse")
@click.argument("files", nargs=-1, required=True, metavar="FILES…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@click.option("--templates", is_flag=True, help="Show which wordings there are, and how often.")
@zone_option
@click.option("--count", type=Count(), help="Read no more than so many lines.")
def command(
    files: tuple[str, ...],
    as_json: bool,
    templates: bool,
    zones: tuple[tuple[str, tzinfo], ...],
    count: int | None,
) -> int:
    """Say what log lines mean: who logged what, from where to where, and how often.

    FILES are logs as syslog servers write them (also packed by gzip, xz, bzip2 or zstd, and in
    UTF-16), segments that `whence logs receive` wrote, or - for standard input. Every line is
    shown, also one that nothing is known of. Times without a zone are of this machine's, unless
    --zone says another.
    """
    opened = log_lines.read_log_lines(files, most=count or 0, zones=dict(zones))
    progress = Progress()
    hear = _hearing(progress)
    try:
        if templates:
            _say_wordings(opened, hear, as_json)
        else:
            for block in log_lines.log_text(opened, "json" if as_json else "table", hear):
                progress.clear()
                click.echo(block, nl=False)
    finally:
        progress.clear()
    for line in opened.left_out():
        click.echo(f"whence: {safe(line)}", err=True)
    assumed = None if templates else opened.assumed_zone()
    if assumed and assumed.lines < assumed.timed:  # where all say none, it is as the help says
        click.echo(f"whence: {safe(assumed.words)}", err=True)
    if not opened.lines():
        named = ", ".join("standard input" if file == "-" else file for file in files)
        click.echo(safe(f"whence: there is no line in {named}"), err=True)
        return 1
    return 0


def _say_wordings(opened: LogLines, hear: Callable[[LogReached], None], as_json: bool) -> None:
    try:
        wordings = log_lines.log_wordings(opened, hear)
    except KeyboardInterrupt:  # as of a pipe that nobody ends: what was counted is told
        _show_wordings(log_lines.log_wordings_so_far(opened), as_json)
        raise
    _show_wordings(wordings, as_json)


def _show_wordings(wordings: list[Wording], as_json: bool) -> None:
    if as_json:
        for one in wordings:
            template = {"id": one.id, "text": one.text, "count": one.count}
            click.echo(json.dumps({"whence": {"template": template}}))
        return
    rows = [(f"{one.count:,}", one.id, one.text) for one in wordings]
    for line in laid_out(("events", "template", "wording"), rows, "rll") if rows else ():
        click.echo(line)


def _hearing(progress: Progress) -> Callable[[LogReached], None]:
    """Show how much is read, and how long the rest will take."""
    begun = time.monotonic()

    def hear(now: LogReached) -> None:
        seconds = time.monotonic() - begun
        if not now.bytes_total:
            progress.show(f"read {now.lines:,} lines, {now.bytes_read / 1e6:,.0f} MB")
            return
        share = min(1.0, now.bytes_read / now.bytes_total)
        left = timedelta(seconds=seconds / share - seconds) if share else None
        bar = "#" * round(share * 30)
        progress.show(
            f"[{bar:30}] {share:4.0%}  {now.lines:,} lines"
            + (f", {duration(left)} left" if left is not None else "")
        )

    return hear
