"""Unit files of systemd, and scripts of init: systemd.unit(5)."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change

FOLDERS = (
    "/etc/systemd",
    "/etc/init.d",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/local/lib/systemd",
    "/run/systemd/transient",
    "/etc/supervisor",
)
OF_USERS = (".config/systemd/user", ".local/share/systemd/user")


@change_source
def units(past: Past) -> Iterator[Change]:
    """Units and their drop-ins that were written, enabled or disabled."""
    seen: set[float] = set()  # /lib is a link to /usr/lib, or the other way round
    for change in changed((*FOLDERS, *in_homes(past, *OF_USERS)), "unit", _words, past):
        if change.at.timestamp() not in seen or not change.things[0].startswith("/lib/"):
            seen.add(change.at.timestamp())
            yield change


def _words(path: str, entry: dict[str, object]) -> str | None:
    if entry["kind"] == "directory":
        return None
    if entry["kind"] == "link":
        return f"the unit {path} was enabled"
    return says("the unit file", path, entry)
