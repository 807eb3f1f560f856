"""Who is loud: what of the api needs little, and is quick to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whence.analysis._words import span
from whence.analysis.captured_sums import GROUPS as SUMMED_GROUPS
from whence.analysis.captured_sums import CapturedSums
from whence.analysis.doubled import Copies, doubled
from whence.analysis.naming import names_of
from whence.analysis.talkers import COLUMNS as TALKER_COLUMNS
from whence.analysis.talkers import GROUPS, MEASURES, Talkers, ranking
from whence.analysis.talkers import talkers as _talkers
from whence.api.capture_files import check_read, site_networks
from whence.api.span import Span
from whence.api.tables import Summed, Told, Traffic
from whence.model.plural import many

if TYPE_CHECKING:
    from datetime import datetime

    from whence.world.capture_times import SetBack
    from whence.world.captures import CapturedExports, Reached, ReadSummary


__all__ = [
    "GROUPS",
    "MEASURES",
    "SUMMED_GROUPS",
    "TALKER_COLUMNS",
    "copies_in",
    "names_beside",
    "names_in",
    "not_asked",
    "not_read",
    "read_sums",
    "talkers",
]

MOST_TOLD = 3  # places in one file where the clock was set back


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

    Flows are added up while they are read, and not kept, which takes half of the time. Where
    only tables can say which packets count, they are read into tables: packets that were seen at
    several places count once, and a pipe cannot be read again to find that out.
    """
    summed = _summed(files, filter_, span or Span(), site_networks(internal), hear)
    if summed is not None:
        yield summed
        return
    from whence.api.traffic import read_captures  # large, and seldom needed

    with read_captures(
        files, filter_=filter_, span=span, internal=internal, columns=TALKER_COLUMNS,
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
    from whence.world.nfcapd_files import is_nfcapd

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
    summary = captures.summary()
    check_read(summary)
    return Summed(CapturedSums(sums, captures.refused), summary=summary)


def not_read(traffic: Told) -> Iterator[str]:
    """Say what of the captures was not read, or not captured, and why."""
    if traffic.counted and traffic.counted.lost:
        lost = many(traffic.counted.lost, "packet was", "packets were")
        yield f"{lost} not counted: too many flows at once"
    if traffic.exports:
        yield from traffic.exports.losses
    if traffic.exported:
        yield from _of_exports(traffic.exported)
    if traffic.estimates:
        flows = many(traffic.estimates, "flow")
        yield f"the numbers of {flows} are estimates: packets were sampled"
    summary = traffic.summary
    if summary is None:
        return
    for place in summary.damage:
        stopped = "" if place.resumed is not None else "; reading stopped there"
        yield f"{place}{stopped}"
    for interface in summary.interfaces:
        if interface.drops:
            lost = many(interface.drops, "packet was", "packets were")
            yield f"{interface.file}: {lost} lost when it was captured" + (
                f" on {interface.name}" if interface.name else ""
            )
    for link, packets in summary.skipped_links.items():
        yield f"{many(packets, 'packet')} of link type {link} left out: it is not understood"
    for number, one, several, what in (
        (summary.malformed, "packet has", "packets have",
         "headers that are cut off, or not what they should be"),
        (summary.cut_off, "packet is", "packets are",
         "in no flow: the capture has too little of each (tcpdump -s 128 keeps enough, and -s 0 of"
         " fragments)"),
        (summary.encrypted, "frame is", "frames are",
         "encrypted (802.11 or MACsec): what is in them cannot be told"),
        (summary.refusals_left_out, "ICMP error was", "ICMP errors were",
         "not attributed, because memory was full"),
        (summary.not_asked, "packet was", "packets were",
         "left out: the filter makes no sense for its link type"),
        (summary.incomplete_fragments, "datagram was", "datagrams were",
         "left out: a fragment is missing"),
        (summary.early_flows, "flow was", "flows were", "cut in two, because memory was full"),
        (summary.names_left_out, "name was", "names were", "left out, because memory was full"),
        (summary.arp_left_out, "ARP packet was", "ARP packets were",
         "left out, because memory was full"),
    ):  # fmt: skip
        if number:
            yield f"{many(number, one, several)} {what}"
    yield from _of_times(summary)
    if twice := copies_in(summary):
        yield twice


def copies_in(summary: ReadSummary) -> str:
    """Say so if packets are in captures twice; empty if not."""
    return doubled(
        Copies(summary.connections, summary.begun_twice),
        Copies(summary.sampled, summary.sampled_twice),
    )


def _of_times(summary: ReadSummary) -> Iterator[str]:
    """Say where time stamps are missing or go back, and where files overlap."""
    if summary.first and not summary.first.timestamp():
        yield "packets have no time stamp: they count as of 1970-01-01, which makes spans too long"
    for each in summary.times:
        for back in each.set_back[:MOST_TOLD]:
            why = "the clock was set back, or captures were put together"
            yield f"{each.file}: {_back(back)}: {why}"
        more = len(each.set_back) - MOST_TOLD
        if more > 0:
            yield f"{each.file}: so the clock was set back at {many(more, 'more place')}"
        if each.first_early:
            packets = many(each.early, "packet is", "packets are")
            yield f"{each.file}: {packets} dated too early: {_back(each.first_early)}"
    for some in summary.left_out:
        yield (
            f"{some.file}: {many(some.packets, 'packet')} left out, "
            f"{_moments(some.first, some.last)}: {some.other} has the same"
        )
    if summary.not_compared:
        packets = many(summary.not_compared, "packet was", "packets were")
        yield f"{packets} not compared with those of other files, because memory was full"
    for overlap in summary.overlaps:
        first, second = overlap.files
        yield (
            f"{first} and {second} overlap by {span((overlap.end - overlap.begin).total_seconds())}"
            f", {_moments(overlap.begin, overlap.end)}; from a pipe they cannot be compared: "
            "what is in both may be counted twice"
        )


def _back(back: SetBack) -> str:
    length = span((back.from_ - back.to).total_seconds())
    return f"time goes back by {length} at packet {back.packet}, {_moments(back.from_, back.to)}"


def _moments(begin: datetime, end: datetime) -> str:
    return f"from {begin:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"


def _of_exports(exported: CapturedExports) -> Iterator[str]:
    if not exported.datagrams:
        yield "no datagram of the captures looks like a flow export"
    if exported.repeated:
        yield (
            f"{many(exported.repeated, 'export was', 'exports were')} captured at several places, "
            "and counted once"
        )
    if exported.cut_off:
        yield (
            f"{many(exported.cut_off, 'export is', 'exports are')} cut off: capture all of each "
            "packet (--full)"
        )


def not_asked(traffic: Told) -> Iterator[str]:
    """Say what more the captures could tell, and how to ask."""
    if traffic.summary and traffic.summary.exports and not traffic.exported:
        count = many(traffic.summary.exports, "datagram looks", "datagrams look")
        yield (
            f"{count} like flow exports (NetFlow, IPFIX, sFlow)  "
            "→ --exports reads the flows they tell of"
        )


def names_in(traffic: Traffic) -> dict[str, str]:
    """Give what the traffic says that addresses are called."""
    return names_of(traffic.tables)


def names_beside(told: Talkers, traffic: Traffic | Summed) -> dict[str, str]:
    """Give what the traffic says that those are called who are told of; perhaps others too."""
    if isinstance(traffic, Traffic):
        return names_of(traffic.tables)
    loudest = told.sentence.partition(" ")[0]
    shown = {name for row in told.rows for name in (row.name, row.source, row.destination) if name}
    return traffic.sums.names([*shown, loudest])


def talkers(
    traffic: Traffic | Summed, *, by: str = "station", measure: str = "packets", most: int = 20
) -> Talkers:
    """Say who is loud, the loudest first, and how much louder than the others."""
    ran = traffic.summary.ran if traffic.summary else None
    if isinstance(traffic, Summed):
        return ranking(traffic.sums, by=by, measure=measure, most=most, ran=ran)
    return _talkers(traffic.tables, by=by, measure=measure, most=most, ran=ran)
