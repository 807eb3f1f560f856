"""The time zone in which a host keeps its schedules."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from whence.model import CannotAsk
from whence.world import Host


def time_zone(host: Host, root: str = "") -> tzinfo:
    """Give the zone that /etc/localtime links to, localtime(5); UTC where it does not."""
    try:
        target = host.link(f"{root}/etc/localtime").text
    except CannotAsk:
        return UTC
    return zone_called(target.partition("zoneinfo/")[2].strip())


def zone_called(name: str) -> tzinfo:
    """Give the zone of this name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, a path out of the data, no such name
        return UTC
