"""Which network announces an address, by a table on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Remote, probe
from whence.probes._tables import table_rows
from whence.world import AddressTables


@probe(answers="announced-by", near=1)
def announced_in_table(remote: Remote, tables: AddressTables) -> Iterator[Fact]:
    """Which network (AS) announces it, as a table on this machine says?"""
    for row in table_rows(remote, "networks", tables):
        text = row.dated(f"AS{row.told['number']} {row.told['name']}".rstrip())
        yield remote.fact("announced-by", text, row.evidence, confidence=Confidence.LIKELY)
