"""From a program to who, besides root, could change it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.model import Fact, Program, Reading, probe
from whence.probes._accounts import user_name
from whence.world import Host

GROUP_WRITES, STICKY = 0o020, 0o1000  # inode(7)


@probe(answers="may-be-changed-by", near=0)
def may_be_changed(program: Program, host: Host) -> Iterator[Fact]:
    """Who, besides root, may change this program or put another in its place?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    told: set[str] = set()
    for place, status in _places(program.path, host):
        for who in _who(place, status, program.path, host):
            if who not in told:
                told.add(who)
                yield program.fact("may-be-changed-by", who, status.whole())


def _places(path: str, host: Host) -> Iterator[tuple[str, Reading]]:
    """Give the file, the folder it is in, and those above."""
    yield path, host.status(path)
    while path != "/":
        path = posixpath.dirname(path)
        yield path, host.status(path)


def _who(place: str, status: Reading, path: str, host: Host) -> Iterator[str]:
    found = status.json()
    mode = int(found["mode"], 8)
    at = "" if place == path else f", as the folder {place} is theirs"
    if found["uid"]:
        yield f"{user_name(host, found['uid']) or 'uid {}'.format(found['uid'])}{at}"
    if mode & GROUP_WRITES and found["gid"] and not (place != path and mode & STICKY):
        yield f"the group {found['gid']}{at}"
