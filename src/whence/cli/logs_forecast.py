"""``whence logs forecast``: when is the file system of logs full?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

import whence.api.log_forecast as log_forecast  # and no more of the api: the rest is slow
from whence.analysis.log_forecast import Cause, Until
from whence.cli.columns import size
from whence.cli.reading import in_order
from whence.cli.say import Progress, duration, safe
from whence.cli.types import ANY_PATH, Duration, Size
from whence.model.flow_documents import time_text, without_empty
from whence.model.json_text import encode
from whence.model.suggestions import typed


class CauseType(click.ParamType):  # type: ignore[type-arg]
    """A label and the bytes that it makes an hour: "host a to b=12M"."""

    name = "label=bytes"

    def convert(
        self, value: str | Cause, param: click.Parameter | None, ctx: click.Context | None
    ) -> Cause:
        """Read the text, or fail with the form that is known."""
        if isinstance(value, Cause):
            return value
        label, separator, rate = value.rpartition("=")
        if not separator or not label.strip():
            self.fail(f"“{value}” is no cause: write LABEL=12M, the bytes an hour", param, ctx)
        return Cause(label.strip(), Size().convert(rate, param, ctx))


@click.command(name="forecast")
@click.option("--path", type=ANY_PATH, default="/var/log", show_default=True,
              help="The folder of the logs, or one of them.")  # fmt: skip
@click.option("--for", "watch", type=Duration(),
              help="Watch for this long how it grows; else it is read from rotation.")  # fmt: skip
@click.option("--rate", type=Size(), metavar="BYTES",
              help="How fast it grows, in bytes an hour; logs explain tells it.")  # fmt: skip
@click.option("--cause", "causes", multiple=True, type=CauseType(), metavar="LABEL=BYTES",
              help="What makes so many bytes an hour; may be given again.")  # fmt: skip
@click.option("--lake", type=ANY_PATH, help="The folder of another lake.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS names.")
def command(
    path: Path, watch: timedelta | None, rate: int | None, causes: tuple[Cause, ...],
    lake: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Say when the file system of logs is full, in bytes and in inodes.

    The rate is read from what logs hold since they were rotated, watched with --for, or given. What
    rotation compresses and removes is taken into account. What is assumed is said; where nothing
    shows how fast it grows, that is said and no date is made up.

    Exit status 1: it cannot be told.
    """
    progress = Progress()
    if watch:
        progress.show(f"watching {path} for {duration(watch)}")
    with in_order() as stop:
        told = log_forecast.when_full(
            path, watch=watch, rate=rate, causes=causes, folder=lake, stop=stop
        )
    progress.clear()
    if as_json:
        _show_json(told)
    else:
        lines = ["--lake", str(lake)] if lake else []
        _show(told, typed(["whence", "logs", "forecast", "--path", str(path), *lines]))
    for line in told.left_out:
        click.echo(f"whence: {safe(line)}", err=True)
    return 0 if told.forecast.now else 1


def _show(told: log_forecast.Told, command: str) -> None:
    found, growth = told.forecast, told.forecast.growth
    free, total = size(found.room.free), size(found.room.total)
    place = safe(found.room.path)
    if found.now is None:
        print(f"{place}: it cannot be told when it is full; {free} of {total} are free.")
        for line in found.assumed:
            print(f"  because   {safe(line)}")
        print(f"  try       {safe(command)} --for 1m")
        return
    rate = f" at {size(growth.bytes_per_hour)} an hour" if growth else ""
    print(f"{place}: {_when(found.now, told.at)}{rate}; {free} of {total} are free.")
    for one in found.without:
        at = f" ({size(one.per_hour)} an hour)"
        print(f"  {safe(one.label)}: {_when(one, told.at)}{at}")
    if found.room.inodes:
        used = f"{found.room.free_inodes:,} of {found.room.inodes:,} inodes are free"
        when = f", {_when(found.inodes, told.at)}" if found.inodes else ""
        print(f"  {used}{when}")
    for line in found.assumed:
        print(f"  assumed   {safe(line)}")


def _when(until: Until, now: datetime) -> str:
    """Say how long it takes, and when that is on the clock here."""
    if not until.left or until.left < timedelta(minutes=1):
        return until.words
    moment, today = (now + until.left).astimezone(), now.astimezone()
    days = (moment.date() - today.date()).days
    match days:
        case 0:
            at = f"{moment:%H:%M} today"
        case 1:
            at = f"{moment:%H:%M} tomorrow"
        case _ if days < 14:
            at = f"{moment:%a %Y-%m-%d %H:%M}"
        case _:
            at = f"{moment:%Y-%m-%d}"
    return f"{until.words} ({at})"


def _show_json(told: log_forecast.Told) -> None:
    found = told.forecast
    growth = found.growth

    def document(until: Until | None) -> dict[str, object] | None:
        return None if until is None else without_empty(
            label=until.label, per_hour=round(until.per_hour, 3), sentence=until.words,
            seconds=None if until.left is None else round(until.left.total_seconds()),
            at=None if until.left is None else time_text(told.at + until.left),
            levels_off=until.levels_off or None,
        )  # fmt: skip

    click.echo(encode({
        "@timestamp": time_text(told.at),
        "event": {"kind": "metric"},
        "file": {"path": found.room.path},
        "whence": {"forecast": without_empty(
            free=found.room.free, total=found.room.total, reserved=found.room.reserved,
            inodes=found.room.inodes, free_inodes=found.room.free_inodes,
            bytes_per_hour=growth and round(growth.bytes_per_hour, 3),
            source=growth and growth.source, full=document(found.now),
            without=[document(one) for one in found.without], inodes_full=document(found.inodes),
            assumed=list(found.assumed),
        )},
    }))  # fmt: skip
