"""What a reading says of itself in words: what was not read, what is in it twice, what to ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from whence.analysis._words import span
from whence.analysis.doubled import Copies, doubled
from whence.api.tables import Told
from whence.model.plural import many

if TYPE_CHECKING:
    from datetime import datetime

    from whence.world.capture_times import SetBack
    from whence.world.captures import CapturedExports, ReadSummary

MOST_TOLD = 3  # places in one file where the clock was set back


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
