"""Unit files of systemd, and scripts of init: systemd.unit(5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change

TRANSIENT = "/run/systemd/transient"  # its units go when they end
WANTS = (".wants", ".requires", ".upholds")
FOLDERS = (
    "/etc/systemd",
    "/etc/init.d",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/local/lib/systemd",
    TRANSIENT,
    "/etc/supervisor",
)
OF_USERS = (".config/systemd/user", ".local/share/systemd/user")


@change_source
def units(past: Past) -> Iterator[Change]:
    """Units and their drop-ins that were written, enabled or disabled."""
    seen: set[float] = set()  # /lib is a link to /usr/lib, or the other way round
    folders = (*FOLDERS, *in_homes(past, *OF_USERS))
    for change in changed(folders, "unit", _words, past, gone=_matters):
        if change.at.timestamp() not in seen or not change.things[0].startswith("/lib/"):
            seen.add(change.at.timestamp())
            yield _disabled(change) if change.things[0].endswith(WANTS) else change


def _matters(folder: str) -> bool:
    return not folder.startswith(TRANSIENT)


def _disabled(change: Change) -> Change:
    return replace(change, what=f"{change.what}: a unit was disabled, it seems")


def _words(path: str, entry: dict[str, object]) -> str | None:
    if entry["kind"] == "directory":
        return None
    if entry["kind"] == "link":
        return f"the unit {path} was enabled"
    return says("the unit file", path, entry)
