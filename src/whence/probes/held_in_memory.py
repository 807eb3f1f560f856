"""From an address to the memory of the process that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Flow, probe
from whence.probes._configured import configured, wanted_of
from whence.probes.configured_in import lineages
from whence.world import DeepSearch, Host, Search, Witness


@probe(answers="configured-in", near=0)
def held_in_memory(
    flow: Flow, host: Host, witness: Witness, search: Search, deep: DeepSearch
) -> Iterator[Fact]:
    """Does the process that talks to this address hold it in its memory, and beside what?"""
    wanted = wanted_of(flow, host, search)
    pids = {lineage[0].process.pid for lineage in lineages(flow, witness)} - {0}
    if wanted and pids:
        yield from configured(flow, [deep.memory(wanted, pid) for pid in sorted(pids)], {})
