"""Read packets and flow exports into tables, and ask about them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import whence.analysis
from whence.analysis._declare import Analysis, Context
from whence.analysis._tables import ready
from whence.analysis.captured_sums import CapturedSums
from whence.analysis.naming import addresses_of, names_of
from whence.analysis.path import Route
from whence.analysis.path import paths as _paths
from whence.analysis.silent import silent_addresses
from whence.analysis.talkers import COLUMNS, Course, Talkers, ranking
from whence.analysis.talkers import course as _course
from whence.analysis.talkers import talkers as _talkers
from whence.inquiry.unreachable import unreachable
from whence.model import (
    BadInput,
    Flow,
    Hostname,
)
from whence.model.discovery import discover
from whence.model.findings import Finding
from whence.model.targets import is_name, parse_target
from whence.world import ThisHost, utc_now

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from whence.world.captures import Captures, Listening, Reached, ReadSummary
    from whence.world.flow_exports import ExportTotals, Sender

from whence.api.span import Span
from whence.api.tables import Summed, Traffic
from whence.api.watching import talkers_live

TURN = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Received:
    """Flows that have ended since the last time, as exporters told."""

    rows: list[dict[str, Any]]  # as ``flows`` yields them, and some columns more
    totals: ExportTotals  # since the beginning
    senders: Sequence[Sender]


@contextmanager
def read_captures(
    files: Sequence[str],
    *,
    filter_: str = "",
    span: Span | None = None,
    internal: Sequence[str] = (),
    columns: Sequence[str] | None = None,
    names: Listening = "all",
    hear: Callable[[Reached], None] = lambda reached: None,
) -> Iterator[Traffic]:
    """Read captures into tables, for a ``with`` block; of the flows, only some columns if named.

    Files of nfcapd may be among them. ``names`` says which are wanted: fewer take less time and
    memory. ``internal`` are networks of the own site beside the private ones. ``hear`` is told
    a few times a second how far it is.

    Raises
    ------
    BadInput
        If a file is not there, nothing could be read, or the filter or a network is wrong.
    CannotAsk
        If a file may not be read, or needs nfdump, which is not there.

    """
    # All are large, and nothing but captures needs them.
    from whence.store.flow_tables import filled_tables
    from whence.world.captures import Captures
    from whence.world.flow_exports import is_nfcapd

    asked, networks = span or Span(), _networks(internal)
    paths = [Path(file) for file in files]
    exported = [path for path in paths if is_nfcapd(path)]
    if exported and filter_:
        raise BadInput(
            f"a filter cannot choose in {exported[0]}",
            because="it is about packets, and the file has only flows",
            try_=f"nfdump -r {exported[0]} -w chosen 'host 192.0.2.9', and read what it wrote",
        )
    captures = Captures.open(
        [path for path in paths if path not in exported],
        filter=filter_,
        since=asked.since,
        until=asked.until,
        split=("vlan", "tunnel"),
        names=names,
    )

    def watched(read: Callable[[], None]) -> None:
        captures.read(read, hear)

    with filled_tables(captures, columns, watched) as tables:
        summary = _read_something(captures)
        totals, estimates = _add_exports(tables, exported, asked, hear)
        ready(tables, networks)
        yield Traffic(tables, summary=summary, exports=totals, estimates=estimates)


@contextmanager
def read_sums(
    files: Sequence[str],
    *,
    filter_: str = "",
    span: Span | None = None,
    internal: Sequence[str] = (),
    hear: Callable[[Reached], None] = lambda reached: None,
) -> Iterator[Summed | Traffic]:
    """Read captures for the question who is loud, for a ``with`` block; see ``read_captures``.

    Flows are added up while they are read, and not kept, which takes a third of the time. Where
    only tables can say which packets count, they are read into tables: packets that were seen at
    several places count once, and a pipe cannot be read again to find that out.
    """
    summed = _summed(files, filter_, span or Span(), _networks(internal), hear)
    if summed is not None:
        yield summed
        return
    with read_captures(
        files, filter_=filter_, span=span, internal=internal, columns=COLUMNS,
        names="addresses", hear=hear,
    ) as traffic:  # fmt: skip
        yield traffic


def _summed(
    files: Sequence[str],
    filter_: str,
    span: Span,
    networks: Sequence[str],
    hear: Callable[[Reached], None],
) -> Summed | None:
    from whence.world.captures import Captures  # large; see read_captures
    from whence.world.flow_exports import is_nfcapd

    paths = [Path(file) for file in files]
    if len(paths) != 1 or not paths[0].is_file() or is_nfcapd(paths[0]):
        return None
    captures = Captures.open(
        paths, filter=filter_, since=span.since, until=span.until, split=("vlan", "tunnel"),
        names="addresses",
    )  # fmt: skip
    sums = captures.read(lambda: captures.sums(networks), hear)
    if sums is None:
        return None
    return Summed(CapturedSums(sums), summary=_read_something(captures))


def _read_something(captures: Captures) -> ReadSummary:
    summary = captures.summary()
    if summary.damage and not summary.packets:
        raise BadInput(
            "nothing could be read",
            because="; ".join(map(str, summary.damage[:3])),
            try_="give captures: pcap or pcapng, as they are or packed by gzip or zstd, "
            "or files of nfcapd",
        )
    return summary


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
    from whence.inquiry.flow_reception import receive_flows  # large; see read_captures
    from whence.store.exported_flows import engine, rows_of

    over = _until(span, stop)
    with closing(engine()) as reader:
        for reception in receive_flows(address, port, every=TURN, stop=over, listening=listening):
            rows = rows_of(reader, reception.flows) if reception.ended else []
            yield Received(rows, reception.totals, reception.senders)


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

    networks, over, estimates = _networks(internal), _until(span, stop), 0
    with closing(empty_tables()) as tables:
        for reception in receive_flows(address, port, every=TURN, stop=over, listening=listening):
            if reception.ended:
                estimates += add_flows(tables, reception.flows)
        ready(tables, networks)
        yield Traffic(tables, exports=reception.totals, estimates=estimates)


def _until(span: timedelta | None, stop: Callable[[], bool]) -> Callable[[], bool]:
    end = utc_now() + span if span else None
    return lambda: stop() or (end is not None and utc_now() >= end)


def _networks(texts: Sequence[str]) -> Sequence[str]:
    try:
        return [str(ipaddress.ip_network(text, strict=False)) for text in texts]
    except ValueError as e:
        raise BadInput(str(e), try_="write a network as 198.51.100.0/24") from e


@contextmanager
def read_interfaces(
    interfaces: Sequence[str], span: timedelta, internal: Sequence[str] = ()
) -> Iterator[Traffic]:
    """Count on interfaces, in the kernel, for a while, and put the flows into tables.

    Raises
    ------
    BadInput, NotPermitted, CannotAsk
        If there is no such interface, or nothing counts packets here.

    """
    from whence.store.flow_tables import empty_tables, put_rows  # large; see read_captures

    networks = _networks(internal)
    counted = talkers_live(interfaces, span)
    with closing(empty_tables()) as tables:
        put_rows(tables, "flows", [flow.row() for flow in counted.flows])
        ready(tables, networks)
        yield Traffic(tables, counted=counted)


def not_read(traffic: Traffic | Summed) -> Iterator[str]:
    """Say what of the captures was not read, or not captured, and why."""
    if traffic.counted and traffic.counted.lost:
        yield f"{traffic.counted.lost} packets were not counted: too many flows at once"
    if traffic.exports:
        yield from traffic.exports.losses
    if traffic.estimates:
        yield f"the numbers of {traffic.estimates} flows are estimates: packets were sampled"
    summary = traffic.summary
    if summary is None:
        return
    for place in summary.damage:
        stopped = "" if place.resumed is not None else "; reading stopped there"
        yield f"{place}{stopped}"
    for interface in summary.interfaces:
        if interface.drops:
            yield f"{interface.file}: {interface.drops} packets were lost when it was captured" + (
                f" on {interface.name}" if interface.name else ""
            )
    for link, packets in summary.skipped_links.items():
        yield f"{packets} packets of link type {link} were skipped: it is not understood"
    for number, what in (
        (summary.malformed, "packets have headers that are not what they should be"),
        (summary.incomplete_fragments, "datagrams were left out: a fragment of them is missing"),
        (summary.early_flows, "flows were cut in two, because memory was full"),
        (summary.names_left_out, "names were left out, because memory was full"),
        (summary.arp_left_out, "ARP packets were left out, because memory was full"),
    ):
        if number:
            yield f"{number} {what}"


def flows(traffic: Traffic) -> Iterator[dict[str, Any]]:
    """Yield the rows of the flow table, in order of their first packet."""
    found = traffic.tables.cursor().execute("SELECT * FROM flows ORDER BY flow")
    names = [column[0] for column in found.description or ()]
    while rows := found.fetchmany(1000):
        yield from (dict(zip(names, row, strict=True)) for row in rows)


def names_in(traffic: Traffic | Summed) -> dict[str, str]:
    """Give what the traffic says that addresses are called."""
    if isinstance(traffic, Summed):
        return traffic.sums.names()
    return names_of(traffic.tables)


def talkers(
    traffic: Traffic | Summed, *, by: str = "station", measure: str = "packets", most: int = 20
) -> Talkers:
    """Say who is loud, the loudest first, and how much louder than the others."""
    if isinstance(traffic, Summed):
        return ranking(traffic.sums, by=by, measure=measure, most=most)
    return _talkers(traffic.tables, by=by, measure=measure, most=most)


def course(traffic: Traffic, stations: Sequence[str], measure: str = "packets") -> Course | None:
    """Say when stations sent how much."""
    return _course(traffic.tables, stations, measure)


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
) -> Iterator[tuple[Analysis, list[Finding]]]:
    """Ask each question about traffic, or only some by name; yield it with what was found.

    ``unreachable`` is what ``unreachable_here`` says, if it was asked.
    """
    context = Context(known_until=known_until, unreachable=unreachable)
    for analysis in analyses():
        if not only or analysis.name in only:
            yield analysis, [*analysis(traffic.tables, context)]


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
                because="no DNS answer for it, nor a machine that calls itself so, is in them",
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
