"""``whence logs tidy``: keep the lake small."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

import whence.api.log_lake as log_lake  # and no more of the api: the rest is slow to import
from whence.cli.say import explain_error
from whence.cli.types import ANY_PATH, Duration, Size
from whence.model.plural import many
from whence.store.log_upkeep import Upkeep


@click.command(name="tidy")
@click.option("--lake", type=ANY_PATH, help="The folder of another lake.")
@click.option("--keep", type=Duration(), default="90d", show_default=True,
              help="Drop lines that are older.")  # fmt: skip
@click.option("--keep-sums", type=Duration(), default="730d", show_default=True,
              help="Drop sums that are older.")  # fmt: skip
@click.option("--most", type=Size(), default="20G", show_default=True,
              help="Drop the oldest lines until the lake is no larger.")  # fmt: skip
def command(lake: Path | None, keep: timedelta, keep_sums: timedelta, most: int) -> int:
    """Join small files of the lake, sum lines up, and drop lines that are too old or too many.

    Sums by host, message and severity every five minutes, and the loudest addresses of each hour,
    stay when the lines are gone.
    """
    kept, unreadable = log_lake.tidy_logs(Upkeep(keep, keep_sums, most), lake)
    print(
        f"joined {many(kept.joined, 'file')}, summed up {kept.summed:,}, "
        f"dropped {kept.dropped:,} of lines and {kept.dropped_sums:,} of sums"
    )
    return max((explain_error(reason) for reason in unreadable.values()), default=0)
