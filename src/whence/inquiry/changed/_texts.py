"""Logs that are rotated, and the times in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from whence.inquiry.changed._declare import Past
from whence.model import CannotAsk, Line
from whence.probes._files import names_in


def rotated(path: str, past: Past) -> Iterator[Line]:
    """Give the lines of a log and of those rotated away since the span began, oldest file first.

    Files that were last written before it hold nothing of it, logrotate(8).
    """
    folder, name = posixpath.split(path)
    pattern = re.compile(rf"{re.escape(name)}(?:[.-](\d{{1,8}}))?(?:\.gz)?")
    found = [match for match in map(pattern.fullmatch, names_in(past.host, folder)) if match]
    for match in sorted(found, key=lambda match: -int(match[1] or 0)):
        with suppress(CannotAsk):
            file = f"{folder}/{match[0]}"
            if match[0] == name or _is_written(file, past):
                yield from past.host.read(file).lines()


def is_kept(path: str, past: Past) -> bool:
    """Say whether a log is there, and was written since the span began."""
    try:
        return _is_written(path, past)
    except CannotAsk:
        return False


def _is_written(file: str, past: Past) -> bool:
    written = past.host.status(file).json()["modified"]
    return not written or bool(written >= past.begin.timestamp())


def moment(text: str, past: Past) -> datetime | None:
    """Read a time such as ``2026-11-20 08:12:01``, in the host's zone unless it names its own."""
    try:
        read = datetime.fromisoformat(" ".join(text.split()))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=past.zone)).astimezone(UTC)


def syslog_moment(line: str, past: Past) -> datetime | None:
    """Read the time of a syslog line, of RFC 3339 or as ``Nov 20 08:12:01``, which has no year."""
    if found := re.match(r"\d{4}-\d\d-\d\dT\S+", line):
        return moment(found[0], past)
    if not (found := re.match(r"\w{3} [ \d]\d \d\d:\d\d:\d\d", line)):
        return None
    for year in (past.end.year, past.end.year - 1):
        with suppress(ValueError):
            text = f"{year} {found[0]}"
            read = datetime.strptime(text, "%Y %b %d %H:%M:%S").replace(tzinfo=past.zone)
            at = read.astimezone(UTC)
            if at <= past.end:
                return at
    return None
