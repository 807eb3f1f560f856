"""From a process to the flatpak it was started from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from whence.model import CannotAsk, Fact, Package, Process, probe
from whence.probes._programs import program_seen_by
from whence.probes._records import last_run
from whence.world import Host, Witness

# Inside its sandbox a flatpak's program is /app/bin/…, so the cgroup tells, flatpak-run(1).
_SCOPE = re.compile(r"/app-flatpak-(?P<name>[^/]+)-\d+\.scope")


@probe(answers="belongs-to", near=3)
def flatpak_package(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """Which flatpak was this process started from?"""
    run = last_run(process, witness)
    scope = _SCOPE.search(run.record.cgroup) if run else None
    if run and scope:
        program = program_seen_by(run, run.execution.executable, host)
        name = scope["name"].replace(r"\x2d", "-")
        package = Package("flatpak", name, _version(name, host))
        yield program.fact("belongs-to", package, *run.evidence)


def _version(name: str, host: Host) -> str:
    with suppress(CannotAsk):
        for line in host.run("flatpak", "info", name).lines():
            label, _, text = line.partition(":")
            if label.strip() == "Version":
                return text.strip()
    return ""
