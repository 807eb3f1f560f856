"""From an address to the database server that the program's own settings name."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Flow, probe
from whence.probes._configured import wanted_of
from whence.probes._nearby import Near, nearby
from whence.probes.configured_in import lineages
from whence.world import Host, Search, Witness


@probe(answers="configured-in", near=0)
def configured_in_own_database(
    flow: Flow, host: Host, witness: Witness, search: Search
) -> Iterator[Fact]:
    """Does the address stand in a database that the program's settings name?

    No server is asked without leave; what to type is said.
    """
    wanted = wanted_of(flow, host, search)
    if wanted is None:
        return
    near: Near = {}
    for lineage in lineages(flow, witness):
        near |= nearby(lineage, host, search)
        if pid := lineage[0].process.pid:
            near[f"/proc/{pid}/environ"] = "its environment"
    if not near:
        return
    for line in search.databases(tuple(near)).lines():
        url, _, place = str(line).partition("\t")
        if not url:  # none is named: an empty text has one line
            return
        raise CannotAsk(
            f"the database {url} was not asked",
            because=f"{place} names it, and a server is asked only if you say so",
            try_=f"whence find {wanted.address} --database {shlex.quote(url)}",
        )
    yield from ()
