"""Who is named in sightings; a program that is run again and again is named once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    Confidence,
    Evidence,
    Fact,
    Flow,
    Observable,
    ProcessRecord,
    Sighting,
)
from whence.model.ecs import from_line
from whence.world import Witness

SURENESS = [*Confidence]  # the surest first
SOME = 3  # that are named, or cited


@dataclass(frozen=True, slots=True)
class Account:
    """A sighting, and the line that tells of it."""

    seen: Sighting
    evidence: Evidence


def accounts(flow: Flow, witness: Witness) -> list[Account]:
    """Give what the witness tells of this traffic, oldest first."""
    lines = witness.connections(flow).lines()
    return [Account(from_line(line), line.evidence) for line in lines if line]


def one_end(told: Sequence[Account]) -> list[Account]:
    """Take one end's account: where both ends are on this machine, each call is seen twice.

    What was seen here goes before what files tell, which may be of the same, by another clock.
    """
    own = [one for one in told if not one.seen.report]
    for action in (ATTEMPTED, ACCEPTED):
        for account in (own, told):
            if traffic := [one for one in account if one.seen.action == action]:
                return traffic
    return []


def surest(told: Sequence[Account]) -> Confidence:
    """Say how sure the surest of these sightings is."""
    return min((one.seen.confidence for one in told), key=SURENESS.index)


def cited(told: Sequence[Account]) -> Iterator[Evidence]:
    """Give some of what these accounts rest on."""
    yield from dict.fromkeys(one.evidence for one in told[:SOME])


def how_often(told: Sequence[Account]) -> str:
    """Say how many connections were begun."""
    count = sum(one.seen.count for one in told)
    return {0: "in a connection begun earlier", 1: "once"}.get(count, f"{count} times")


def called_ends(told: Sequence[Account]) -> str:
    """Name some of those who are called."""
    called = dict.fromkeys(
        str(Flow(one.seen.flow.destination, one.seen.flow.destination_port)) for one in told
    )
    more = f" and {len(called) - SOME:,} more" if len(called) > SOME else ""
    return ", ".join([*called][:SOME]) + more


def makers_of(flow: Flow, relation: str, told: Sequence[Account]) -> Iterator[Fact]:
    """Name each maker. Of runs of one command with one ancestry, the newest stands for all.

    The fact cites the newest sighting of that command, and the oldest. It is as sure as the
    surest sighting of the process that it names. Another tells for how many runs that stands.
    """
    by_command: dict[Hashable, list[Account]] = {}
    for account in told:
        if account.seen.maker:
            by_command.setdefault(_command(account.seen), []).append(account)
    for runs in by_command.values():
        newest = max(reversed(runs), key=lambda account: account.seen.last)
        maker = newest.seen.maker
        assert maker
        same = [run for run in runs if run.seen.maker == maker]
        both = dict.fromkeys((newest.evidence, runs[0].evidence))
        sure = surest(same)
        yield flow.fact(relation, _name(maker), *both, confidence=sure)
        processes = dict.fromkeys(run.seen.maker.process for run in runs if run.seen.maker)
        if len(processes) > 1 and not maker.kernel_thread:
            first = f"{runs[0].seen.first:%Y-%m-%d %H:%M:%S} UTC"
            text = f"{len(processes):,} runs of this command, the first at {first}"
            yield maker.process.fact("stands-for", text, *both, confidence=sure)


def _command(seen: Sighting) -> Hashable:
    """What makes two runs the same: what was run, where, as whom, and by what programs."""
    chain, maker = tuple(_ran(record) for record in seen.lineage), seen.maker
    return chain, maker and (maker.process.host, maker.user_id, maker.kernel_thread)


def _ran(record: ProcessRecord) -> Hashable:
    run = record.execution
    return (run.executable, run.args, run.file) if run else record.process


def _name(maker: ProcessRecord) -> Observable | str:
    if maker.kernel_thread:
        return f"the kernel itself, in its thread {maker.name}" if maker.name else "the kernel"
    return maker.process
