"""All that whence can do, as functions. The faces call nothing else."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

import whence.analysis
from whence.analysis._declare import Analysis, Context
from whence.analysis._tables import ready
from whence.analysis.captured import Captured
from whence.analysis.naming import addresses_of, names_of
from whence.analysis.path import Route, Way
from whence.analysis.path import paths as _paths
from whence.analysis.silent import silent_addresses
from whence.analysis.talkers import COLUMNS as TALKER_COLUMNS
from whence.analysis.talkers import GROUPS, MEASURES, Course, Talker, Talkers
from whence.analysis.talkers import course as _course
from whence.analysis.talkers import talkers as _talkers
from whence.inquiry.capture import Capture
from whence.inquiry.capture_target import patterns_of
from whence.inquiry.counting import Counting, count, count_once
from whence.inquiry.doctor import Checked, examine
from whence.inquiry.explain import Answer, Means, NotChecked, answer_of, replay
from whence.inquiry.explain import explain as _explain
from whence.inquiry.look import Waiting
from whence.inquiry.passing import Call, Passing, Station, passing
from whence.inquiry.recorder import Recording, keep_history
from whence.inquiry.run import Outcome
from whence.inquiry.story import Verdict
from whence.inquiry.subject import subject_of
from whence.inquiry.talks import Talk, Talks
from whence.inquiry.unreachable import unreachable
from whence.model import (
    BadInput,
    CannotAsk,
    Flow,
    Hostname,
    Observable,
    Program,
    Reach,
    SensorStatus,
    Sighting,
    WhenceError,
)
from whence.model.capture import Around, CaptureSettings, CaptureStatus, Limits
from whence.model.counted_flows import Counted, CountedFlow
from whence.model.discovery import discover
from whence.model.findings import Finding
from whence.model.targets import from_log_line, is_name, parse_target
from whence.notify import choose
from whence.notify.notifier import Notifier
from whence.notify.settings import read_settings
from whence.store.case_file import CaseFile
from whence.store.case_list import CaseRow
from whence.store.cases import Cases
from whence.store.history import History
from whence.store.history import Span as WatchedSpan
from whence.store.witness import HistoryWitness
from whence.world import ThisHost, Witness, utc_now
from whence.world.interfaces import interfaces_up
from whence.world.places import Places
from whence.world.present import PresentWitness
from whence.world.processes import LiveProcesses
from whence.world.recording import write_recording
from whence.world.sensor_process import SensorProcess
from whence.world.service_install import install, remove, status
from whence.world.sockets import Sockets

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from whence.world.captures import Listening, Reached, ReadSummary
    from whence.world.flow_exports import ExportTotals, Sender

__all__ = [
    "GROUPS",
    "MEASURES",
    "TALKER_COLUMNS",
    "Analysis",
    "Answer",
    "Around",
    "Call",
    "Capture",
    "CaptureSettings",
    "CaptureStatus",
    "CaseFile",
    "CaseRow",
    "Checked",
    "Counted",
    "CountedFlow",
    "Course",
    "Finding",
    "Limits",
    "NotChecked",
    "Outcome",
    "Passing",
    "Received",
    "Recording",
    "Route",
    "Sighting",
    "Span",
    "Station",
    "Talk",
    "Talker",
    "Talkers",
    "Verdict",
    "Verified",
    "Waiting",
    "WatchedSpan",
    "Way",
    "answer_of",
    "replay",
]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a question is about; an end that is None is open."""

    since: datetime | None = None
    until: datetime | None = None  # if given, what is there now is no answer


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of checking a case's chain."""

    case: str
    problems: tuple[str, ...]  # in words
    entries: int = 0
    head: str = ""  # the hash of the last entry


TURN = timedelta(seconds=0.5)  # how often exporters' flows that have ended are shown

_CASE = re.compile(r"last|\d{4}-\d\d-\d\d-[0-9a-z]{1,8}")


def cases() -> Cases:
    """Give this user's cases."""
    return Cases(Places.of_this_user().cases, utc_now)


def open_case(target: str, *, online: bool = False, log_line: bool = False) -> CaseFile:
    """Open the case that a target names, or begin one about it.

    Raises
    ------
    BadInput
        If the target is nothing that can be asked about.
    CannotAsk
        If it is a name that cannot be resolved, or a pid that nobody knows.

    """
    if not log_line and _CASE.fullmatch(target.strip()):
        known = cases().open(target.strip())
        known.note_resumed()
        return known
    host = ThisHost()
    given = from_log_line(target) if log_line else parse_target(target, host.name, host.boot)
    subject = subject_of(given, host, LiveProcesses.open(), online=online)
    return _begin(subject, target.strip())


def open_program(path: str) -> CaseFile:
    """Begin a case about a program.

    Raises
    ------
    BadInput
        If there is no such file, or it is a folder.

    """
    file = Path(path).absolute()
    if not file.exists():
        found = None if "/" in path else shutil.which(path)
        advice = f"whence program {found}" if found else "give the path of a program"
        raise BadInput(f"there is no file {file}", try_=advice)
    if file.is_dir():
        raise BadInput(f"{file} is a folder", try_="give the path of a program in it")
    return _begin(Program(ThisHost().name, str(file)), str(file))


def explain(
    case: CaseFile,
    *,
    wait: timedelta | None = None,
    span: Span | None = None,
    online: bool = False,
    level: str = "auto",
    traffic: Traffic | None = None,
    hear: Callable[[Waiting | Outcome], None] = lambda event: None,
) -> Answer:
    """Explain a case's subject: look back, look now, then wait; see ``inquiry.explain``.

    What captures have of it, if they were read, becomes part of the case.
    """
    limit = Reach.REMOTE if online else Reach.SILENT
    host = ThisHost()
    packets = Captured(traffic.tables, host.name, utc_now()) if traffic else None
    means = Means(host, _witnesses(span or Span()), utc_now, packets)
    return _explain(case, means, limit, wait, hear, level)


def watch(
    targets: Sequence[str],
    *,
    level: str = "auto",
    online: bool = False,
    span: timedelta | None = None,
) -> Iterator[Sighting | SensorStatus | None]:
    """Yield each connection that touches one of the targets, all of them if none is given.

    None comes about once a second while nothing happens, so that a face can do something else.
    """
    flows = [flow for target in targets for flow in _flows(target, online)]
    seconds = span.total_seconds() if span else None
    with SensorProcess([*flows, *(flow.reversed() for flow in flows)], level) as sensor:
        for event in sensor.events(seconds):
            if not isinstance(event, Sighting) or _wanted(event, flows):
                yield event


def present() -> Iterator[Sighting]:
    """Yield the connections that are there now."""
    yield from Sockets.open().now(Flow())


def live(*, level: str = "auto", span: timedelta | None = None) -> Iterator[list[Talk]]:
    """Yield who talks to whom, the last heard first, about twice a second."""
    talks = Talks()
    shown = utc_now()
    for event in watch((), level=level, span=span):
        if isinstance(event, Sighting):
            talks.add(event)
        if event is None or utc_now() - shown > timedelta(seconds=0.5):
            shown = utc_now()
            yield talks.newest()


def live_with_packets(
    interfaces: Sequence[str], *, level: str = "auto", span: timedelta | None = None
) -> Iterator[tuple[list[Talk], Passing]]:
    """Yield who talks to whom, and what passes interfaces, about twice a second.

    Raises
    ------
    BadInput, NotPermitted, CannotAsk
        If there is no such interface, or nothing counts packets here.

    """
    with Counting(interfaces, timedelta(seconds=0.5)) as counting:
        talks: list[Talk] = []
        yield talks, passing(counting.newest)  # before the sensor begins, since it may be refused
        for talks in live(level=level, span=span):
            yield talks, passing(counting.newest)


def passing_now(interfaces: Sequence[str], span: timedelta) -> Passing:
    """Count on interfaces for a while, and say what passed."""
    return passing(talkers_live(interfaces, span))


def interfaces() -> list[str]:
    """Name the interfaces of this machine that are up, without loopback.

    Raises
    ------
    CannotAsk
        If there is none.

    """
    found = interfaces_up()
    if not found:
        raise CannotAsk("no interface is up but loopback", try_="whence live -i lo")
    return found


def record(
    *,
    state: Path | None = None,
    level: str = "auto",
    keep: timedelta = timedelta(days=90),
    largest: int = 1 << 30,
) -> Iterator[Recording]:
    """Keep the history of connections until closed; yield what was kept, about once a second."""
    directory = state or Places.of_this_user().own_history
    history = History(directory, utc_now, keep, largest)
    with SensorProcess(level=level) as sensor:
        yield from keep_history(sensor, history)


def capture_settings(
    target: str,
    *,
    interfaces: Sequence[str] = (),
    folder: Path | None = None,
    limits: Limits | None = None,
    around: Around | None = None,
    largest: int = 128,
    ring: int = 64 << 20,
    names_processes: bool = True,
    online: bool = False,
) -> CaptureSettings:
    """Say how to capture the packets of a target: address, port, MAC, name or case.

    Without a folder, one is named after time and target.

    Raises
    ------
    BadInput, CannotAsk
        If the target is nothing whose packets could be told from others.

    """
    if _CASE.fullmatch(target.strip()):
        with case(target.strip()) as known:
            patterns = patterns_of(known.subject, known.facts())
    else:
        host = ThisHost()
        given = parse_target(target, host.name, host.boot)
        patterns = patterns_of(subject_of(given, host, LiveProcesses.open(), online=online))
    name = re.sub(r"[^\w.]+", "-", target.strip()).strip("-.")
    place = Places.of_this_user().captures / f"{utc_now():%Y-%m-%dT%H%M%SZ}-{name}"
    return CaptureSettings(
        target.strip(),
        str(folder.absolute() if folder else place),
        patterns,
        tuple(interfaces),
        largest,
        limits or Limits(),
        around,
        ring,
        names_processes=names_processes,
    )


def capture(settings: CaptureSettings, *, level: str = "auto") -> Capture:
    """Begin to capture, for a ``with`` block."""
    return Capture(settings, level)


def talkers_live(interfaces: Sequence[str], span: timedelta) -> Counted:
    """Count, in the kernel, all packets of interfaces for a span of time; give the flows."""
    return count_once(interfaces, span)


def count_live(
    interfaces: Sequence[str],
    *,
    span: timedelta | None = None,
    every: timedelta = timedelta(seconds=1),
) -> Iterator[Counted]:
    """Count, in the kernel, all packets of interfaces; yield the flows so far, again and again."""
    yield from count(interfaces, span, every)


def history() -> History:
    """Give the history that this user can look back on."""
    return History(Places.of_this_user().history, utc_now)


def record_install() -> list[str]:
    """Write the recorder's systemd unit and start it; say what was done."""
    return install([str(Path(sys.argv[0]).absolute())])


def record_remove() -> list[str]:
    """Take away what ``record_install`` wrote; say what was done."""
    return remove()


def record_status() -> list[str]:
    """Say how the installed recorder is."""
    return status()


def case(name: str) -> AbstractContextManager[CaseFile]:
    """Open a case by its id, the beginning of it, or “last”, for a ``with`` block."""
    return closing(cases().open(name))


def export_case(name: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a case into one portable file."""
    cases().export(name, path, replace=overwrite)


def import_case(path: Path) -> str:
    """Take in an exported case after checking all of it; give its id."""
    with closing(cases().import_(path)) as imported:
        return imported.id


def verify_case(name: str) -> Verified:
    """Check a case's chain."""
    problems = cases().verify(name)
    if problems:
        return Verified(name, problems)
    with case(name) as opened:
        return Verified(opened.id, (), sum(1 for _ in opened.journal()), opened.head)


def record_case(name: str, directory: Path) -> int:
    """Write what a case read as files for a RecordedHost; give their number."""
    with case(name) as opened:
        return write_recording(opened.answers(), directory)


def forget_case(name: str) -> tuple[Path, ...]:
    """Delete a case for good; say which files that were."""
    return cases().forget(name)


def notifier(url: str, say: Callable[[WhenceError], None], ca: Path | None = None) -> Notifier:
    """Make ready to tell whoever a URL names, with the settings of this user.

    With ``ca``, a file of certificates, no other authority is trusted.

    Raises
    ------
    BadSettings
        If there is no channel for such an address, or it lacks something.

    """
    return choose.notifier(url, read_settings(ThisHost().name, os.environ, ca=ca), say)


def as_builtins(value: object) -> dict[str, object]:
    """Turn a record of the api into what JSON can hold."""
    record: dict[str, object] = msgspec.to_builtins(value)
    return record


def doctor() -> Iterator[Checked]:
    """Say what this machine lets whence see, level by level, and what would give more."""
    yield from examine(Places.of_this_user())


@dataclass(frozen=True, slots=True)
class Traffic:
    """Flows, ARP and names that were read, ready to be asked about."""

    tables: DuckDBPyConnection
    summary: ReadSummary | None = None  # of captures: what was read, what was not, and why
    counted: Counted | None = None  # of interfaces
    exports: ExportTotals | None = None  # of flow exporters
    estimates: int = 0  # flows whose numbers are estimates, since packets were sampled


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
        summary = captures.summary()
        if summary.damage and not summary.packets:
            raise BadInput(
                "nothing could be read",
                because="; ".join(map(str, summary.damage[:3])),
                try_="give captures: pcap or pcapng, as they are or packed by gzip or zstd, "
                "or files of nfcapd",
            )
        totals, estimates = _add_exports(tables, exported, asked, hear)
        ready(tables, networks)
        yield Traffic(tables, summary, exports=totals, estimates=estimates)


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


def not_read(traffic: Traffic) -> Iterator[str]:
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


def names_in(traffic: Traffic) -> dict[str, str]:
    """Give what the traffic says that addresses are called."""
    return names_of(traffic.tables)


def talkers(
    traffic: Traffic, *, by: str = "station", measure: str = "packets", most: int = 20
) -> Talkers:
    """Say who is loud, the loudest first, and how much louder than the others."""
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


def _begin(subject: Observable, title: str) -> CaseFile:
    return CaseFile.create(Places.of_this_user().cases, subject, utc_now, title)


def _flows(target: str, online: bool) -> Iterator[Flow]:
    host = ThisHost()
    given = parse_target(target, host.name, host.boot)
    subject = subject_of(given, host, LiveProcesses.open(), online=online)
    if not isinstance(subject, Flow):
        raise BadInput(
            f"“{target}” is not traffic",
            because="only an address, a port or a name can be watched",
            try_="whence watch 203.0.113.7:443",
        )
    yield subject


def _wanted(seen: Sighting, flows: Sequence[Flow]) -> bool:
    return not flows or any(flow.touches(seen.flow) for flow in flows)


def _witnesses(span: Span) -> tuple[Witness, ...]:
    past = HistoryWitness(history(), utc_now, span.since, span.until)
    return (past,) if span.until else (past, PresentWitness.open())


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
