"""Where traffic comes out of the Tor network."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Remote, probe
from whence.probes._tables import table_rows
from whence.world import AddressTables


@probe(answers="is-tor-exit", near=1)
def tor_exit(remote: Remote, tables: AddressTables) -> Iterator[Fact]:
    """Is it an exit of the Tor network?"""
    for row in table_rows(remote, "tor-exits", tables):
        text = row.dated("an exit of Tor")
        yield remote.fact("is-tor-exit", text, row.evidence, confidence=Confidence.LIKELY)
