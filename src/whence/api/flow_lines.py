"""Flows as lines of text: of captures when all is read, of exporters as they end.

It needs little of the api, and is quick to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from whence.analysis.naming import RELATIONS, best_names, names_of
from whence.api.capture_files import check_read, open_captures, site_networks
from whence.api.span import Span
from whence.api.tables import Told
from whence.model.flow_tables import FLOWS

if TYPE_CHECKING:
    from whence.model.refusals import Refusal
    from whence.world.captures import Captures, Reached
    from whence.world.flow_exports import ExportTotals, Sender
    from whence.world.flow_lines import FlowLines, Form, OrderedLines


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows(Told):
    """Flows that were read, to be given as lines once."""

    lines: FlowLines
    names: Mapping[str, str] = field(default_factory=dict)  # of addresses
    refused: Sequence[Refusal] = ()  # what ICMP errors told about them

    def ordered(self, form: Form) -> OrderedLines:
        """Give them as lines, in order of their first packets."""
        return self.lines.ordered(form, self.names, self.refused)


@dataclass(frozen=True, slots=True)
class Received:
    """Flows that have ended since the last time, as exporters told."""

    flows: Flows
    totals: ExportTotals  # since the beginning
    senders: Sequence[Sender]


@contextmanager
def read_flows(
    files: Sequence[str],
    *,
    filter_: str = "",
    span: Span | None = None,
    internal: Sequence[str] = (),
    exports: bool = False,
    hear: Callable[[Reached], None] = lambda reached: None,
) -> Iterator[Flows]:
    """Read the flows of captures, and of files of nfcapd, for a ``with`` block.

    It takes less time and memory than ``read_captures``, and they can only be shown.

    Raises
    ------
    BadInput, CannotAsk
        As ``read_captures`` does.

    """
    from whence.world.flow_lines import FlowLines  # large; see read_captures

    asked = span or Span()
    opened = open_captures(files, filter_, asked, "called")
    lines = FlowLines()
    if opened.exported or exports:
        # They are numbered after the others, and their directions depend on each other: in tables.
        from whence.api.traffic import read_captures  # large, and seldom needed

        with read_captures(
            files, filter_=filter_, span=asked, internal=internal, exports=exports, hear=hear
        ) as traffic:
            columns = ", ".join(f'"{column}"' for column in FLOWS)
            lines.take(traffic.tables.cursor().sql(f"SELECT {columns} FROM flows"))
            yield Flows(
                lines=lines,
                names=names_of(traffic.tables),
                summary=traffic.summary,
                exports=traffic.exports,
                exported=traffic.exported,
                estimates=traffic.estimates,
            )
        return
    site_networks(internal)  # they change nothing here, and wrong ones are wrong everywhere
    captures = opened.captures
    captures.read(lambda: lines.take(captures.flows([*FLOWS])), hear)
    if compared := captures.compared():
        captures, lines = compared, FlowLines()
        captures.read(lambda: lines.take(captures.flows([*FLOWS])), hear)
    summary = captures.summary()
    check_read(summary)
    yield Flows(lines=lines, names=_names_in(captures), refused=captures.refused(), summary=summary)


def _names_in(captures: Captures) -> dict[str, str]:
    """Choose names as ``names_in`` does, without a table of them."""
    counts = Counter(captures.names_said(RELATIONS))
    return best_names((*said, count) for said, count in counts.items())


def receive(
    address: str,
    port: int,
    *,
    span: timedelta | None = None,
    stop: Callable[[], bool] = lambda: False,
    listening: Callable[[int], None] = lambda port: None,
) -> Iterator[Received]:
    """Hear flow exporters, and yield the flows that have ended, several times a second.

    It ends after ``span``, or when ``stop`` says so; the last are those that were still open.

    Raises
    ------
    CannotAsk
        If nobody can listen there.

    """
    from whence.api.traffic import TURN, over_after  # all are large; see read_captures
    from whence.inquiry.flow_reception import receive_flows
    from whence.world.flow_lines import FlowLines

    over = over_after(span, stop)
    for reception in receive_flows(address, port, every=TURN, stop=over, listening=listening):
        lines = FlowLines()
        lines.take(reception.flows)
        yield Received(Flows(lines=lines), reception.totals, reception.senders)
