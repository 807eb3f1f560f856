"""From a program to what ClamAV says of it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Program, probe
from whence.world import Host, Programs


@probe(answers="scanned-by", near=0)
def clamd_verdict(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Does ClamAV know this program's file as malware?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    reading = programs.scanned(program.path)
    said, version, *_ = [*reading.lines(), *reading.lines()]
    if said.endswith(" FOUND"):
        text = f"{version}: it is known as {said.removesuffix(' FOUND')}"
        yield program.fact("known-as-malware", text, said.evidence, confidence=Confidence.REPORTED)
    else:
        text = f"{version}: none of its signatures fits, which says no more than that"
        yield program.fact("scanned-by", text, said.evidence, confidence=Confidence.REPORTED)
