"""From a program to the sum by which its file can be named anywhere, and the rights it carries."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Program, probe
from whence.world import Host, Programs


@probe(answers="has-sum", near=2)
def file_sum(program: Program, host: Host, programs: Programs) -> Iterator[Fact]:
    """Which SHA-256 has this program's file, and which capabilities does it carry?"""
    if program.host != host.name or not program.path.startswith("/"):
        return
    reading = programs.sums(program.path)
    told = reading.json()
    text = f"SHA-256 {told['sha256']} ({told['size']:,} bytes)"
    yield program.fact("has-sum", text, reading.whole())
    if carried := told.get("capabilities"):
        text = f"{carried}, whoever starts it"
        yield program.fact("runs-with-rights-of", text, reading.whole())
