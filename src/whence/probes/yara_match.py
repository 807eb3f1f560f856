"""From a program to the user's rules that match it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from whence.model import Confidence, Fact, Program, probe
from whence.world import Host, Programs


@probe(answers="matches-rule", near=0)
def yara_match(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Which of the rules that were given (YARA) match this program's file?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    reading = programs.matched(program.path)
    for line in reading.lines():
        if line:
            told = json.loads(line)
            said = "; ".join(told["said"].values())
            at = ", ".join(f"{name} at byte {offset:#x}" for name, offset in told["at"])
            text = " — ".join(filter(None, (told["rule"], said, at)))
            yield program.fact("matches-rule", text, line.evidence, confidence=Confidence.REPORTED)
    if not reading.text:
        text = "none of the rules that were given"
        yield program.fact("matches-rule", text, reading.whole())
