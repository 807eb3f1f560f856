"""Read packets and flow exports into tables, and ask about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import whence.analysis
from whence.analysis._declare import Analysis, Context
from whence.analysis._tables import ready
from whence.analysis.course import Course
from whence.analysis.course import course as _course
from whence.analysis.first_contacts import halfway as _halfway
from whence.analysis.naming import TOLD, addresses_of
from whence.analysis.path import Route
from whence.analysis.path import paths as _paths
from whence.analysis.silent import silent_addresses
from whence.analysis.silent_networks import silent_networks
from whence.inquiry.unreachable import unreachable
from whence.model import (
    BadInput,
    Flow,
    Hostname,
)
from whence.model.discovery import discover
from whence.model.findings import Finding
from whence.model.flow_tables import FLOWS, SKETCHES
from whence.model.targets import is_name, parse_target
from whence.world import ThisHost, utc_now

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from whence.world.captures import Captures, Listening, Reached
    from whence.world.flow_exports import ExportTotals

from whence.api.capture_files import check_read, open_captures, site_networks
from whence.api.reading_words import copies_in
from whence.api.span import Span
from whence.api.tables import Traffic
from whence.api.watching import talkers_live

TURN = timedelta(seconds=0.5)
ALL = (*FLOWS, *SKETCHES)


@contextmanager
def read_captures(
    files: Sequence[str],
    *,
    filter_: str = "",
    span: Span | None = None,
    internal: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    names: Listening = "all",
    exports: bool = False,
    hear: Callable[[Reached], None] = lambda reached: None,
) -> Iterator[Traffic]:
    """Read captures into tables, for a ``with`` block; of the flows, only some columns if named.

    Files of nfcapd may be among them. ``names`` says which are wanted: fewer take less time and
    memory. With ``exports``, the flows are those that exporters told of in datagrams that were
    captured, in place of the packets' own. ``internal`` are networks of the own site beside the
    private ones. ``hear`` is told a few times a second how far it is.

    Raises
    ------
    BadInput
        If a file is not there, nothing could be read, or the filter or a network is wrong.
    CannotAsk
        If a file may not be read, or needs nfdump, which is not there.

    """
    if exports:
        with _exported(files, filter_, span or Span(), internal, hear) as traffic:
            yield traffic
        return
    # All are large, and nothing but captures needs them.
    from whence.store.flow_tables import filled_tables

    asked, networks = span or Span(), site_networks(internal)
    opened = open_captures(files, filter_, asked, names)
    with ExitStack() as kept:

        def filled(captures: Captures) -> DuckDBPyConnection:
            def watched(read: Callable[[], None]) -> None:
                captures.read(read, hear)

            return kept.enter_context(filled_tables(captures, columns, watched, TOLD))

        captures = opened.captures
        tables = filled(captures)
        if compared := captures.compared():
            kept.close()
            captures = compared
            tables = filled(captures)
        summary = captures.summary()
        check_read(summary)
        totals, estimates = _add_exports(tables, opened.exported, asked, hear)
        ready(tables, networks)
        yield Traffic(tables, summary=summary, exports=totals, estimates=estimates)


@contextmanager
def _exported(
    files: Sequence[str],
    filter_: str,
    span: Span,
    internal: Sequence[str],
    hear: Callable[[Reached], None],
) -> Iterator[Traffic]:
    """Read captured exports, all of them: templates may be earlier than the flows of a span."""
    from whence.inquiry.flow_reception import Reception, flows_of_captures  # see read_captures
    from whence.store.exported_flows import add_flows
    from whence.store.flow_tables import empty_tables

    networks = site_networks(internal)
    opened = open_captures(files, filter_, Span(), "none", threads=1)
    captures = opened.captures
    with closing(empty_tables(ALL)) as tables:

        def read() -> tuple[Reception, int]:
            estimates = 0
            for reception in flows_of_captures(captures, opened.exported):
                estimates += add_flows(tables, reception.flows, span.since, span.until)
            return reception, estimates

        last, estimates = captures.read(read, hear)
        summary = captures.summary()
        check_read(summary)
        ready(tables, networks)
        yield Traffic(
            tables,
            summary=summary,
            exports=last.totals,
            exported=captures.exported,
            estimates=estimates,
        )


def _add_exports(
    tables: DuckDBPyConnection,
    files: Sequence[Path],
    span: Span,
    hear: Callable[[Reached], None],
) -> tuple[ExportTotals | None, int]:
    """Put the flows of nfcapd's files into tables; give what was read, and how many are estimates.

    What ``hear`` is told begins anew, since these files are read after the captures.
    """
    if not files:
        return None, 0
    from whence.inquiry.flow_reception import flows_of_nfcapd  # see read_captures
    from whence.store.exported_flows import add_flows
    from whence.world.captures import Reached

    sizes = [file.stat().st_size for file in files]
    estimates = 0
    for number, reception in enumerate(flows_of_nfcapd(files), start=1):
        estimates += add_flows(tables, reception.flows, span.since, span.until)
        hear(Reached(sum(sizes[:number]), sum(sizes), 0))
    return reception.totals, estimates


@contextmanager
def read_exporters(
    address: str,
    port: int,
    *,
    span: timedelta | None = None,
    internal: Sequence[str] = (),
    stop: Callable[[], bool] = lambda: False,
    listening: Callable[[int], None] = lambda port: None,
) -> Iterator[Traffic]:
    """Hear flow exporters for a while, and put their flows into tables, for a ``with`` block.

    Raises
    ------
    BadInput, CannotAsk
        If a network is none, or nobody can listen there.

    """
    from whence.inquiry.flow_reception import receive_flows  # large; see read_captures
    from whence.store.exported_flows import add_flows
    from whence.store.flow_tables import empty_tables

    networks, over, estimates = site_networks(internal), over_after(span, stop), 0
    with closing(empty_tables(ALL)) as tables:
        for reception in receive_flows(address, port, every=TURN, stop=over, listening=listening):
            if reception.ended:
                estimates += add_flows(tables, reception.flows)
        ready(tables, networks)
        yield Traffic(tables, exports=reception.totals, estimates=estimates)


def over_after(span: timedelta | None, stop: Callable[[], bool]) -> Callable[[], bool]:
    """Give what says whether the time is over, or somebody wishes to stop."""
    end = utc_now() + span if span else None
    return lambda: stop() or (end is not None and utc_now() >= end)


@contextmanager
def read_interfaces(
    interfaces: Sequence[str],
    span: timedelta,
    internal: Sequence[str] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Traffic]:
    """Count on interfaces, in the kernel, for a while, and put the flows into tables.

    It ends before that as soon as ``stop`` says so.

    Raises
    ------
    BadInput, NotPermitted, CannotAsk
        If there is no such interface, or nothing counts packets here.

    """
    from whence.store.flow_tables import empty_tables, put_rows  # large; see read_captures

    networks = site_networks(internal)
    counted = talkers_live(interfaces, span, stop)
    with closing(empty_tables(ALL)) as tables:
        put_rows(tables, "flows", [flow.row() for flow in counted.flows])
        ready(tables, networks)
        yield Traffic(tables, counted=counted)


def course(traffic: Traffic, stations: Sequence[str], measure: str = "packets") -> Course | None:
    """Say when stations sent how much; where a clock was set back a new stretch begins."""
    times = traffic.summary.times if traffic.summary else ()
    return _course(traffic.tables, stations, measure, times)


def paths(traffic: Traffic, target: str, *, most: int = 50) -> list[Route]:
    """Say which way the traffic goes that a target names.

    Raises
    ------
    BadInput
        If the target is no traffic, or a name that the captures do not know.

    """
    found: list[Route] = []
    for flow in _flows_of(traffic, target):
        found += _paths(traffic.tables, flow, most)
    return sorted(found, key=lambda route: -route.packets)[:most]


def unreachable_here(traffic: Traffic) -> dict[str, str]:
    """Say what is in the way to addresses that never answer, if the traffic is of this machine.

    Raises
    ------
    CannotAsk
        If this machine's routes or neighbours cannot be read.

    """
    return unreachable(silent_addresses(traffic.tables), ThisHost())


def findings(
    traffic: Traffic,
    only: Sequence[str] = (),
    known_until: datetime | None = None,
    unreachable: Mapping[str, str] = MappingProxyType({}),
    *,
    by_network: bool = False,
) -> Iterator[tuple[Analysis, list[Finding]]]:
    """Ask each question about traffic, or only some by name; yield it with what was found.

    ``unreachable`` is what ``unreachable_here`` says, if it was asked. ``by_network`` tells the
    ghosts of all stations together by network, for people.
    """
    context = Context(known_until=known_until, unreachable=unreachable)
    for analysis in analyses():
        if not only or analysis.name in only:
            ask = silent_networks if by_network and analysis.name == "ghosts" else analysis
            yield analysis, [*ask(traffic.tables, context)]


def halfway(traffic: Traffic) -> datetime | None:
    """Give a moment before which the first half of the traffic was: for ``known_until``."""
    return _halfway(traffic.tables)


def doubled(traffic: Traffic) -> str:
    """Say so if packets are in the captures twice; empty if not."""
    summary = traffic.summary
    return copies_in(summary) if summary else ""


def analyses() -> list[Analysis]:
    """Give all questions about traffic."""
    return sorted(discover(whence.analysis, Analysis), key=lambda analysis: analysis.name)


def _flows_of(traffic: Traffic, target: str) -> Iterator[Flow]:
    """Read a target; a name stands for the addresses that the captures know it by."""
    given = parse_target(target)
    name = given.name if isinstance(given, Hostname) else ""
    if isinstance(given, Flow) and is_name(given):
        name = given.destination or ""
    if name:
        addresses = addresses_of(traffic.tables, name)
        if not addresses:
            raise BadInput(
                f"the captures do not say which address {name} has",
                because="no DNS answer, no note and no machine that calls itself so is in them",
                try_="give the address",
            )
        port = given.destination_port if isinstance(given, Flow) else None
        yield from (Flow(address, port) for address in addresses)
    elif isinstance(given, Flow):
        yield given
    else:
        raise BadInput(
            f"“{target}” is not traffic", try_="give an address, address:port, :port or a name"
        )
