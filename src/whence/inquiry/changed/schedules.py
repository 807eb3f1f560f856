"""Crontabs, anacrontabs and at jobs: crontab(5), anacrontab(5), at(1)."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

FOLDERS = (
    "/etc/crontab",
    "/etc/anacrontab",
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/var/spool/cron",
    "/etc/crontabs",
)
UNSEEN = ("/var/spool/cron/atspool", "/var/spool/cron/atjobs/.SEQ")


@change_source
def schedules(past: Past) -> Iterator[Change]:
    """Lines of cron, anacron and at that were written or removed."""
    yield from changed(FOLDERS, "schedule", _words, past, gone=_matters)


def _matters(folder: str) -> bool:
    return not folder.startswith(UNSEEN)


def _words(path: str, entry: dict[str, object]) -> str | None:
    if entry["kind"] == "directory" or path.startswith(UNSEEN):
        return None
    return says("the schedule", path, entry)
