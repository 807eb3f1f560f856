"""Packages of pip and npm: the folders and files that each leaves where it puts one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change

FOLDERS = (
    "/usr/local/lib",
    "/usr/lib/python3/dist-packages",
    "/usr/lib/node_modules",
    "/opt",
    "/srv",
)
OF_USERS = (
    ".local/lib/python3*/site-packages",
    ".local/share/pipx/venvs",
    ".local/pipx/venvs",  # of pipx before 1.2
    ".nvm/versions/node/*/lib/node_modules",
)
_PIP = re.compile(
    r".*/(?:site|dist)-packages/(?P<name>[^/]+?)-(?P<version>[^/-]+)\.dist-info/INSTALLER$"
)
_NPM = re.compile(r".*/node_modules/(?P<name>(?:@[^/]+/)?[^/]+)/package\.json$")


@change_source
def pip_and_npm(past: Past) -> Iterator[Change]:
    """Packages of Python and Node that were put in beside the system's own, also by users."""
    folders = (*FOLDERS, *in_homes(past, *OF_USERS))
    for change in changed(folders, "package", lambda path, _: _words(path), past):
        found = _PIP.match(change.things[0]) or _NPM.match(change.things[0])
        assert found
        yield Change(
            change.at, "package", change.what, (found["name"].replace("_", "-"), *change.things),
            change.evidence, "pip and npm", change.who,
        )  # fmt: skip


def _words(path: str) -> str | None:
    if found := _PIP.match(path):
        return f"pip put in {found['name']} {found['version']}"
    found = _NPM.match(path)
    is_inner = path.count("/node_modules/") > 1
    return f"npm put in {found['name']}" if found and not is_inner else None
