"""Flows as lines of text: ECS documents as JSON, rows of a table, CSV.

What a line says is defined in the native part, in ``native/lines``; nothing else writes flows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from whence import _native
from whence.model.refusals import Refusal

Form = Literal["json", "table", "csv"]

# Transport, source, destination; their ports where they are quoted.
_Ends = tuple[str, str, str, tuple[int, int] | None]

_ALL = (1 << 64) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OrderedLines:
    """Lines that can be read once, in order of the flows' numbers."""

    heading: str
    """The line above all others; empty where there is none."""
    _native: _native.FlowLines

    def blocks(self, most: int | None = None) -> Iterator[tuple[bytes, int]]:
        """Yield lines, many at once, and how many they are; no more than ``most`` in all."""
        left = _ALL if most is None else most
        while left:
            block, count = self._native.next(left)
            if not count:
                return
            yield block, count
            left -= count


class FlowLines:
    """Flows that are taken as they come.

    Few of them are in memory: the others wait in a file without a name, which is gone with them.
    """

    def __init__(self) -> None:
        self._native = _native.FlowLines()

    def take(self, flows: object) -> None:
        """Take all flows of an Arrow stream (Arrow PyCapsule interface).

        Raises
        ------
        OSError
            If there is no room for those that wait.

        """
        self._native.take(flows)

    def ordered(
        self, form: Form, names: Mapping[str, str], refused: Sequence[Refusal] = ()
    ) -> OrderedLines:
        """Give them as lines; ``names`` are those of addresses, ``refused`` what ICMP told."""
        told = [row for refusal in refused for row in _told(refusal)]
        return OrderedLines(self._native.begin(form, dict(names), told) or "", self._native)


def _told(refusal: Refusal) -> Iterator[tuple[_Ends, int, int, str]]:
    """Give the packet that was refused, and what was said; NAT may have changed its source."""
    source_port, destination_port = refusal.source_port, refusal.destination_port
    ports = (
        None if source_port is None or destination_port is None else (source_port, destination_port)
    )
    words = f"{refusal.sender_ip} told {refusal.receiver_ip}: {refusal.words}"
    for source in dict.fromkeys((refusal.source_ip, refusal.receiver_ip)):
        ends = refusal.transport, source, refusal.destination_ip, ports
        yield ends, _microseconds(refusal.first), _microseconds(refusal.last), words


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def documents(flows: object) -> Iterator[dict[str, Any]]:
    """Yield the flows of an Arrow stream as ECS documents, without names of addresses."""
    lines = FlowLines()
    lines.take(flows)
    for block, _count in lines.ordered("json", {}).blocks():
        yield from map(json.loads, block.splitlines())
