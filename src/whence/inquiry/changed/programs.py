"""Programs that no package manager keeps: /usr/local, /opt, /srv."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

FOLDERS = ("/usr/local/bin", "/usr/local/sbin", "/opt", "/srv")
_NO_PROGRAM = re.compile(r".*/(?:__pycache__|log|logs|cache|\.git|node_modules|tmp)(?:/|$)")


@change_source
def programs(past: Past) -> Iterator[Change]:
    """Programs and their files below /usr/local, /opt and /srv."""
    yield from changed(FOLDERS, "program", _words, past)


def _words(path: str, entry: dict[str, object]) -> str | None:
    if entry["kind"] == "directory" or _NO_PROGRAM.match(path):
        return None
    return says("the program's file", path, entry)
