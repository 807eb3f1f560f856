"""Zones of time, as they are typed: of all sources of log lines, or of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>[0-5]\d)?")
_LONGEST = timedelta(hours=24)


def zone_option(command: Command) -> Command:
    """Let a command take zones as ``zones``."""
    return click.option(
        "--zone",
        "zones",
        multiple=True,
        type=SourceZone(),
        metavar="[SOURCE=]ZONE",
        help="The zone of times that say none: Europe/Berlin, UTC or +02:00; of a host or a FILE "
        "alone: SOURCE=ZONE. Can be given several times.",
    )(command)


def of_files(zones: Sequence[tuple[str, tzinfo]], files: Sequence[object]) -> Mapping[str, tzinfo]:
    """Give the zones by their sources; the lake was filled with moments already."""
    if zones and not files:
        raise click.UsageError("--zone is for FILES: the lake knows the moments of its lines")
    return dict(zones)


class SourceZone(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """A zone, with the name of whose it is before an equals sign; without, the name is empty."""

    name = "zone"

    def convert(
        self,
        value: str | tuple[str, tzinfo],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, tzinfo]:
        """Take apart at the last equals sign: the name of a file may have one, no zone does."""
        if isinstance(value, tuple):
            return value
        source, equals, text = value.rpartition("=")
        if equals and not source:
            self.fail(f"no host or file stands before the = of {value}", param, ctx)
        zone = _zone(text)
        if zone is None:
            self.fail(f"{text} is no zone; Europe/Berlin, UTC and +02:00 are", param, ctx)
        return source, zone


def _zone(text: str) -> tzinfo | None:
    if found := _OFFSET.fullmatch(text):
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        if offset >= _LONGEST:
            return None
        return timezone(-offset if found["sign"] == "-" else offset)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown; a path out of the database; a folder of it
        return None
