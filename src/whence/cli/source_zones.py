"""Zones of time, as they are typed: of all sources of log lines, or of one."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import click

_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>[0-5]\d)?")
_LONGEST = timedelta(hours=24)


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
