"""What else would stop, as far as facts tell: other connections, other processes, dependants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from whence.inquiry.remedies._declare import Chain
from whence.model import Flow, Process
from whence.model.plural import many

NAMED = 3  # of many


def other_connections(chain: Chain, process: Process) -> Iterator[str]:
    """Say to whom else the process talks."""
    others = [
        str(fact.value)
        for fact in chain.known.about(process, "talks-to")
        if isinstance(fact.value, Flow)
        and not (chain.flow and chain.flow.covers(fact.value))
        and fact.value.destination not in (None, "0.0.0.0", "::")
    ]
    if others:
        yield f"{many(len(others), 'other connection')} of {process}: {some(others)}"


def unit_mates(chain: Chain, process: Process) -> Iterator[str]:
    """Say which other processes run in its unit."""
    others = [str(fact.value) for fact in chain.known.about(process, "shares-unit-with")]
    if others:
        yield f"in the same unit: {some(others)}"


def some(names: Sequence[str]) -> str:
    """Name the first few."""
    shown = [*names[:NAMED]]
    if len(names) > NAMED:
        shown.append(f"{len(names) - NAMED} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
