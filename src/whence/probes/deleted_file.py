"""From the file that a process runs to whether it still has a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Program, probe
from whence.probes._programs import DELETED
from whence.world import Host

_RUNNING = re.compile(r"/proc/\d+/exe")


@probe(answers="was-deleted", near=0)
def deleted_file(program: Program, host: Host) -> Iterator[Fact]:
    """Does the file that this process runs still have its name?"""
    if program.host != host.name or not _RUNNING.fullmatch(program.path):
        return
    link = host.link(program.path)
    target = link.text.strip()
    if not target.endswith(DELETED):
        return
    path = target.removesuffix(DELETED)
    try:
        status = host.status(path)
    except CannotAsk:
        text = f"{path} is there no more; what is told here is of the file that still runs"
        yield program.fact("was-deleted", text, link.whole())
    else:
        text = f"{path} is another file now, as after an upgrade; this is the one that still runs"
        yield program.fact("was-deleted", text, link.whole(), status.whole())
