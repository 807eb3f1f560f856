"""From a living process to the libraries that its environment put into it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, probe
from whence.probes._living import still_lives
from whence.world import Host

VARIABLES = ("LD_PRELOAD=", "LD_AUDIT=", "LD_LIBRARY_PATH=")  # ld.so(8)


@probe(answers="is-given", near=1)
def preloads(process: Process, host: Host) -> Iterator[Fact]:
    """Which libraries did its environment put in front of this program's own, if it still lives?"""
    if not still_lives(process, host):
        return
    reading = host.read(f"/proc/{process.pid}/environ")
    for setting in reading.text.split("\0"):
        if setting.startswith(VARIABLES) and not setting.endswith("="):
            yield process.fact("is-given", setting[:400], reading.cite(1, setting[:400]))
