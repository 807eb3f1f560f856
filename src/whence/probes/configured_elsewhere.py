"""From an address to any file of this machine that holds it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Flow, probe
from whence.probes._configured import configured, wanted_of
from whence.probes._nearby import nearby
from whence.probes.configured_in import lineages
from whence.world import DeepSearch, Host, Search, Witness


@probe(answers="configured-in", near=0)
def configured_elsewhere(
    flow: Flow, host: Host, witness: Witness, search: Search, deep: DeepSearch
) -> Iterator[Fact]:
    """Which other files on the disks of this machine hold this address?"""
    wanted = wanted_of(flow, host, search)
    if wanted is None:
        return
    reading = deep.everywhere(wanted)
    near: dict[str, str] = {}
    for lineage in lineages(flow, witness):
        near |= nearby(lineage, host, search)
    yield from configured(flow, [reading], near)
