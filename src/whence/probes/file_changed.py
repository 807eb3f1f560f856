"""From a program to when its file was changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from whence.model import Fact, Program, probe
from whence.world import Host

RECENT = timedelta(days=7)


@probe(answers="changed", near=2)
def file_changed(program: Program, host: Host) -> Iterator[Fact]:
    """When was this program's file written, and when was it put where it is?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    status = host.status(program.path)
    found = status.json()
    written, put = _moment(found["modified"]), _moment(found["changed"])
    text = f"written {written:%Y-%m-%d %H:%M:%S} UTC"
    if abs(put - written) > timedelta(seconds=1):  # a package sets the former back, stat(2)
        text += f", and put there or its rights changed {put:%Y-%m-%d %H:%M:%S} UTC"
    if status.taken - put < RECENT:
        days = (status.taken - put).days
        text += ": " + (("today", "yesterday")[days] if days < 2 else f"{days} days ago")
    yield program.fact("changed", text, status.whole())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
