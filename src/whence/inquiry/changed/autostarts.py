"""Files of the desktop that start a program at a login: Desktop Application Autostart."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change

FOLDERS = ("/etc/xdg/autostart",)
OF_USERS = ".config/autostart"


@change_source
def autostarts(past: Past) -> Iterator[Change]:
    """What the desktop starts when its user logs in."""
    folders = (*FOLDERS, *in_homes(past, OF_USERS))
    yield from changed(folders, "schedule", _words, past, gone=lambda _: True)


def _words(path: str, entry: dict[str, object]) -> str | None:
    return says("the autostart file", path, entry) if path.endswith(".desktop") else None
