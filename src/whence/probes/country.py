"""In which country an address is used, as tables say."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Remote, probe
from whence.probes._tables import table_rows
from whence.world import AddressTables


@probe(answers="is-in-country", near=1)
def country(remote: Remote, tables: AddressTables) -> Iterator[Fact]:
    """In which country is this address used?"""
    for row in table_rows(remote, "country", tables):
        text = row.dated(row.told["country"])
        yield remote.fact("is-in-country", text, row.evidence, confidence=Confidence.LIKELY)
