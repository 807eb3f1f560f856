"""Hearing flow exporters: the flows that ended, batch by batch, for as long as somebody reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from whence.world.captures import Captures
from whence.world.flow_exports import (
    ExportSocket,
    ExportTotals,
    FlowExports,
    Sender,
    read_nfcapd,
)


class ArrowStream(Protocol):
    """Columns that DuckDB and others can scan once (the Arrow PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


@dataclass(frozen=True, slots=True)
class Reception:
    """What came since the one before: rows of the flow table, and counters of interfaces."""

    flows: ArrowStream
    counters: ArrowStream
    ended: int  # rows in flows
    totals: ExportTotals  # since the begin
    senders: Sequence[Sender]


def receive_flows(
    address: str,
    port: int,
    *,
    every: timedelta = timedelta(seconds=1),
    active_timeout: timedelta = timedelta(minutes=1),
    stop: Callable[[], bool] = lambda: False,
    listening: Callable[[int], None] = lambda port: None,
) -> Iterator[Reception]:
    """Yield what ended, every so often, until ``stop``; then, as the last, what was still open.

    A flow ends when nothing more of it is to come: some seconds after both its ways have closed,
    a minute or five after it fell silent. ``listening`` is told the port, also where it was 0.

    Raises
    ------
    CannotAsk
        If nobody can listen there.

    """
    exports = FlowExports.empty(active_timeout=active_timeout)
    with ExportSocket.open(address, port) as heard:
        listening(heard.port)
        while not stop():
            heard.receive(exports, every.total_seconds())
            yield _taken(exports)
        heard.drain(exports)
    exports.native.end_all()
    yield _taken(exports)


def flows_of_nfcapd(files: Sequence[Path]) -> Iterator[Reception]:
    """Yield the flows of files that nfcapd wrote, oldest first: those that ended in each file.

    What goes on in the next file is one flow. The last batch is what was open at the end.

    Raises
    ------
    CannotAsk
        If nfdump, which reads them, is not installed.
    BadInput
        If one of them cannot be read.

    """
    yield from _flows_of(files, FlowExports.empty())


def flows_of_captures(captures: Captures, files: Sequence[Path] = ()) -> Iterator[Reception]:
    """Yield the flows that exporters told of in datagrams that were captured on their way.

    They are read as if they had been received: with the templates and the sampling of each
    exporter and domain, in the order of the captures. Files of nfcapd come after them.

    Raises
    ------
    CannotAsk, BadInput
        As ``flows_of_nfcapd`` does.

    """
    exports = FlowExports.empty()
    while captures.read_exports(exports.native):
        yield _taken(exports)
    yield from _flows_of(files, exports)


def _flows_of(files: Sequence[Path], exports: FlowExports) -> Iterator[Reception]:
    for file in files:
        read_nfcapd(file, exports)
        yield _taken(exports)
    exports.native.end_all()
    yield _taken(exports)


def _taken(exports: FlowExports) -> Reception:
    ended = exports.native.ended()
    return Reception(exports.flows(), exports.counters(), ended, exports.totals, exports.senders)
