"""What users type, read into values."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from whence.model.given_file import reading

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(min|[smhdw])", re.IGNORECASE)


# Who opens it says that it may not be read, and why (exit status 77): Click would call it misuse.
ANY_PATH: click.Path = click.Path(path_type=Path, readable=False)


class GivenFile(click.Path):
    """A file that has to be there; without it the exit status is that of any missing file."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Look whether it is there."""
        path = Path(str(super().convert(value, param, ctx)))
        with reading(path):
            path.stat()
        return path


MOST = 2**31 - 1


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """A time span: 45s, 10m, 2h, 1d12h; a bare number means seconds."""

    name = "duration"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read the text, or fail with the forms that are known."""
        if isinstance(value, timedelta):
            return value
        text = value.strip().lower()
        try:
            if re.fullmatch(r"\d+(\.\d+)?", text):
                return timedelta(seconds=float(text))
            if text and not _PART.sub("", text).strip():
                parts = ((_UNITS[unit], float(count)) for count, unit in _PART.findall(text))
                return sum((timedelta(**{unit: count}) for unit, count in parts), timedelta())
        except OverflowError:
            self.fail(f"“{value}” is longer than can be waited for", param, ctx)
        return self.fail(f"“{value}” is not a time span: write 45s, 10m, 2h or 1d12h", param, ctx)


class Count(click.IntRange):
    """How many to show, at least one; what is more than anybody has is as much as there is."""

    def __init__(self) -> None:
        super().__init__(min=1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number, and cut it to what every reader of it can hold."""
        return min(int(super().convert(value, param, ctx)), MOST)


class Digest(click.ParamType):  # type: ignore[type-arg]
    """A SHA-256: 64 hexadecimal digits."""

    name = "hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the digits; a part of them would say less than whoever types it believes."""
        if not re.fullmatch(r"[0-9a-f]{64}", value.strip().lower()):
            self.fail(f"“{value}” is not a SHA-256, which has 64 hexadecimal digits", param, ctx)
        return value.strip().lower()


class Moment(click.ParamType):  # type: ignore[type-arg]
    """A moment: 2026-11-17, "2026-11-17 09:30", 09:30, in local time, or a time span ago: 2h.

    A time without a date is when it was that time last: today, or yesterday.
    """

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the text, or fail with the forms that are known."""
        if isinstance(value, datetime):
            return value
        from whence.world.this_host import utc_now  # not before: seldom asked for

        text = value.strip()
        try:
            if _TIME.fullmatch(text):
                today = utc_now().astimezone()
                clock = time.fromisoformat(text.zfill(8 if text.count(":") > 1 else 5))
                at = datetime.combine(today, clock).astimezone()
                return (at if at <= today else at - timedelta(days=1)).astimezone(UTC)
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        try:
            return utc_now() - Duration().convert(value, param, ctx)
        except (click.BadParameter, OverflowError):
            return self.fail(
                f"“{value}” is not a moment: write 2026-11-17, “2026-11-17 09:30”, 09:30 or 2h",
                param, ctx,
            )  # fmt: skip


class Size(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes: 500M, 2G; a bare number means bytes."""

    name = "size"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read the text, or fail with the forms that are known."""
        if isinstance(value, int):
            return value
        if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", value.strip().lower()):
            return int(float(found[1]) * 1024 ** "_kmgt".index(found[2] or "_"))
        return self.fail(f"“{value}” is not a size: write 500M or 2G", param, ctx)


class Level(click.ParamType):  # type: ignore[type-arg]
    """A sensor, by its name; auto: the best that works here."""

    name = "level"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the name, or fail with those that there are."""
        if value == "auto":
            return value
        from whence import api  # late: most commands need no sensor

        known = api.sensors()
        if value not in known:
            self.fail(f"“{value}” is no sensor: one of {', '.join(known)}", param, ctx)
        return value


class Listen(click.ParamType):  # type: ignore[type-arg]
    """Where to listen: 192.0.2.1:2055, [2001:db8::1]:2055, or :2055 on all addresses (IPv4).

    ``usual`` is the port of the examples in what is said of a text that is none of these.
    """

    name = "address:port"

    def __init__(self, usual: int) -> None:
        self._usual = usual

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """Read the text, or fail with the forms that are known."""
        if isinstance(value, tuple):
            return value
        address, _, port = value.strip().rpartition(":")
        try:
            if port.isascii() and port.isdigit() and int(port) < 1 << 16:
                found = ipaddress.ip_address(address.strip("[]") or "0.0.0.0")
                if found.version == 4 or address.startswith("["):
                    return str(found), int(port)
        except ValueError:
            pass
        usual = self._usual
        return self.fail(
            f"“{value}” is nowhere to listen:"
            f" write 192.0.2.1:{usual}, [2001:db8::1]:{usual} or :{usual}",
            param,
            ctx,
        )
