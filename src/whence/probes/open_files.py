"""From a living process to the files it has open."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Evidence, Fact, Process, probe
from whence.probes._living import descriptors, still_lives
from whence.world import Host

MOST = 50  # files that are named
UNINTERESTING = ("/proc/", "/dev/", "/sys/", "/usr/lib/", "/lib/")


@probe(answers="has-open", near=1)
def open_files(process: Process, host: Host) -> Iterator[Fact]:
    """Which files does this process have open, if it still lives?"""
    if not still_lives(process, host):
        return
    files: dict[str, Evidence] = {}
    for descriptor in descriptors(process, host):
        target = descriptor.target
        if target.startswith("/") and not target.startswith(UNINTERESTING):
            files.setdefault(target, descriptor.evidence)
    for path in [*files][:MOST]:
        yield process.fact("has-open", path, files[path])
    if len(files) > MOST:
        text = f"{len(files) - MOST} more files"
        yield process.fact("has-open", text, *[*files.values()][MOST:][:1])
