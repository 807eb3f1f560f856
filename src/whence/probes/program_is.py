"""From a program to what a careful reader wants to know of its file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.model import Fact, Program, Reading, probe
from whence.probes._programs import folder_open_to_all
from whence.world import Host

SET_USER, SET_GROUP, OTHERS_WRITE = 0o4000, 0o2000, 0o0002  # inode(7)


@probe(answers="is")
def program_is(program: Program, host: Host) -> Iterator[Fact]:
    """Could somebody else have put or changed this program, and whose rights does it run with?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    status = host.status(program.path)
    mode, found = _mode(status), status.json()
    if mode & OTHERS_WRITE:
        yield program.fact("is", "writable by everybody", status.whole())
    if mode & SET_USER:
        text = f"uid {found['uid']}, whoever starts it"
        yield program.fact("runs-with-rights-of", text, status.whole())
    if mode & SET_GROUP:
        text = f"gid {found['gid']}, whoever starts it"
        yield program.fact("runs-with-rights-of", text, status.whole())
    yield from _folder(program, status, host)


def _folder(program: Program, status: Reading, host: Host) -> Iterator[Fact]:
    if known := folder_open_to_all(program.path):
        yield program.fact("is", f"in {known}, where everybody may write", status.whole())
        return
    folder = posixpath.dirname(program.path)
    above = host.status(folder)
    if _mode(above) & OTHERS_WRITE:
        yield program.fact("is", f"in {folder}, where everybody may write", above.whole())


def _mode(status: Reading) -> int:
    return int(status.json()["mode"], 8)
