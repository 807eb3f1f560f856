"""From an address to the rows of a database server that hold it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Flow, probe
from whence.probes._configured import configured, wanted_of
from whence.world import DeepSearch, Host, Search


@probe(answers="configured-in", near=0)
def configured_in_database(
    flow: Flow, host: Host, search: Search, deep: DeepSearch
) -> Iterator[Fact]:
    """Which rows of the database server that the user named hold this address?"""
    wanted = wanted_of(flow, host, search)
    if wanted:
        yield from configured(flow, [deep.rows(wanted)], {})
