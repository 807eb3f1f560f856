"""``whence logs load``: put files of log lines into the lake."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

import click

import whence.api.log_lake as log_lake  # and no more of the api: the rest is slow to import
from whence.cli.columns import size
from whence.cli.say import Progress, explain_error, safe
from whence.cli.source_zones import zone_option
from whence.cli.types import ANY_PATH
from whence.model.plural import many


@click.command(name="load")
@click.argument("files", nargs=-1, required=True, type=ANY_PATH)
@click.option("--lake", type=ANY_PATH, help="The folder of another lake.")
@zone_option
def command(
    files: tuple[Path, ...], lake: Path | None, zones: tuple[tuple[str, tzinfo], ...]
) -> int:
    """Put FILES of log lines into the lake, each line once.

    A file that was loaded before is known again by what it says, also by another name or packed
    by gzip; what was added to it since is read. The lines of a file count when they say they were
    written. Times without a zone are of this machine's, unless --zone says another.
    """
    progress = Progress()

    def hear(path: Path, lines: int, read: int) -> None:
        progress.show(f"{path.name}: {lines:,} lines, {read / 1e6:,.0f} MB")

    status = 0
    try:
        for done in log_lake.load_logs(files, lake, hear, zones=dict(zones)):
            progress.clear()
            status = _say(done) or status
    finally:
        progress.clear()
    return status


def _say(done: log_lake.Loaded) -> int:
    if done.refused:
        return explain_error(done.refused)
    known = f"; {size(done.before)} were there before" if done.before else ""
    print(f"{safe(done.path)}: {many(done.lines, 'line')}, {size(done.bytes)}{known}")
    for line in done.left_out:
        click.echo(f"whence: {safe(line)}", err=True)
    return 0
