"""From a process that was seen to whether it is still there."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Process, probe
from whence.probes._living import sign_of_life
from whence.world import Host


@probe(answers="still-runs", near=3)
def still_runs(process: Process, host: Host) -> Iterator[Fact]:
    """Does this process still run, or is it over since it was seen?"""
    if stat := sign_of_life(process, host):
        yield process.fact("still-runs", f"{stat.taken:%Y-%m-%d %H:%M:%S} UTC", stat.whole())
