"""From an address to where it is written down, near the program and in the usual places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from whence.model import CannotAsk, Fact, Flow, ProcessRecord, Reading, probe
from whence.model.address_forms import Wanted
from whence.probes._configured import configured, wanted_of
from whence.probes._makers import accounts
from whence.probes._nearby import Near, nearby, places_of
from whence.probes._records import lineage
from whence.world import Host, Search, Witness

MOST = 4  # makers whose settings are looked for
GENERATIONS = 6  # a process and its ancestors


@probe(answers="configured-in", near=0)
def configured_in(flow: Flow, host: Host, witness: Witness, search: Search) -> Iterator[Fact]:
    """Where on this machine is this address configured?"""
    wanted = wanted_of(flow, host, search)
    if wanted is None:
        return
    near: Near = {}
    readings: list[Reading] = []
    for makers in lineages(flow, witness):
        near |= nearby(makers, host, search)
        readings += _traces(makers, wanted, search)
    readings.append(search.mentions(wanted, places_of(near)))
    yield from configured(flow, readings, near)


def lineages(flow: Flow, witness: Witness) -> list[tuple[ProcessRecord, ...]]:
    """Give the makers of some traffic with their ancestors, the newest first, each command once."""
    found: dict[object, tuple[ProcessRecord, ...]] = {}
    with suppress(CannotAsk):
        for account in reversed(accounts(flow, witness)):
            if maker := account.seen.maker:
                run = maker.execution
                key = (run.executable, run.args) if run else maker.process
                found.setdefault(key, _fullest(account.seen.lineage, witness)[:GENERATIONS])
    return [*found.values()][:MOST]


def _fullest(seen: tuple[ProcessRecord, ...], witness: Witness) -> tuple[ProcessRecord, ...]:
    """Give what another witness knows of who did it, where a sensor came too late to see it."""
    if seen[0].execution and seen[0].execution.args:
        return seen
    with suppress(CannotAsk):
        return tuple(told.record for told in lineage(seen[0].process, witness)) or seen
    return seen


def _traces(makers: tuple[ProcessRecord, ...], wanted: Wanted, search: Search) -> Iterator[Reading]:
    """Look at the process and its ancestors, as far as they live and may be looked at."""
    for record in makers:
        if record.process.pid:
            with suppress(CannotAsk):
                yield search.traces(wanted, record.process.pid)
