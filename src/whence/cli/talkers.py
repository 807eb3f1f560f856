"""``whence talkers``: who is loud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

import whence.api.loudness as loudness  # and no more of it: the rest is slow to import
import whence.api.reading_words as reading_words
from whence import api
from whence.analysis._words import listed
from whence.cli.columns import lines, size, sparkline
from whence.cli.interface_option import interface_option
from whence.cli.reading import (
    Wanted,
    captures,
    exporters,
    in_order,
    reading_options,
    receive_option,
    sums,
)
from whence.cli.say import duration, safe
from whence.cli.types import Count, Duration
from whence.model.plural import many

if TYPE_CHECKING:
    from whence.model.json_text import Document
    from whence.world.captures import ReadSummary

COUNTING = timedelta(seconds=10)  # on interfaces, if not said
BREAK = "│"  # where a clock was set back


@click.command(name="talkers")
@click.argument("files", nargs=-1)
@interface_option("Count on this interface, in the kernel, in place of FILES.")
@receive_option("Hear flow exporters here, in place of FILES.")
@click.option(
    "--for",
    "span",
    type=Duration(),
    help="How long to count or hear. With -i 10 s if not said, with --receive until ^C.",
)
@click.option(
    "--by",
    type=click.Choice(loudness.GROUPS),
    default="station",
    show_default=True,
    help="What is ranked.",
)
@click.option(
    "--measure",
    type=click.Choice(loudness.MEASURES),
    default="packets",
    show_default=True,
    help="What it is ranked by.",
)
@click.option(
    "--count",
    type=Count(),
    default=20,
    show_default=True,
    help="Show no more than so many.",
)
@click.option("--over-time", is_flag=True, help="Show when each station sent, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@reading_options
def command(
    wanted: Wanted, interfaces: tuple[str, ...], receive: tuple[str, int] | None,
    span: timedelta | None, by: str, measure: str, count: int, over_time: bool, as_json: bool,
) -> int:  # fmt: skip
    """Say who is loud, and how many times louder than the others.

    Inside stations are compared with inside stations, by the median. Resolvers, time servers,
    gateways and other servers are labelled, since they may well be louder. A packet that passed
    several interfaces is counted once.
    """
    if [bool(wanted.files), bool(interfaces), bool(receive)].count(True) != 1:
        raise click.UsageError(
            "give captures, or an interface with -i, or where to hear exporters with --receive"
        )
    over_time = over_time and by == "station"
    if wanted.files and by in loudness.SUMMED_GROUPS and not over_time and not wanted.exports:
        with sums(wanted) as summed:
            told = loudness.talkers(summed, by=by, measure=measure, most=count)
            names, course, summary = loudness.names_beside(told, summed), None, summed.summary
    else:
        with _traffic(wanted, interfaces, receive, span) as traffic:
            told = loudness.talkers(traffic, by=by, measure=measure, most=count)
            names = loudness.names_beside(told, traffic)
            stations = [row.name for row in told.rows] if over_time else []
            course = api.course(traffic, stations, measure) if stations else None
            summary = traffic.summary
    if as_json:
        _show_json(told, names, course, summary)
    else:
        _show(told, names, course)
    return 0 if told.rows else 1


@contextmanager
def _traffic(
    wanted: Wanted,
    interfaces: tuple[str, ...],
    receive: tuple[str, int] | None,
    span: timedelta | None,
) -> Iterator[api.Traffic]:
    if wanted.files:
        with captures(wanted, loudness.TALKER_COLUMNS, "addresses") as traffic:
            yield traffic
        return
    if receive:
        with exporters(receive, wanted, span) as traffic:
            yield traffic
        return
    wanted.no_choice_of_packets("-i")
    with (
        in_order() as stop,  # ^C ends the counting, and what was counted is told
        api.read_interfaces(interfaces, span or COUNTING, wanted.internal, stop) as traffic,
    ):
        yield traffic
        for line in reading_words.not_read(traffic):
            click.echo(f"whence: {safe(line)}", err=True)


def _show(told: api.Talkers, names: Mapping[str, str], course: api.Course | None) -> None:
    print(safe(_named(told.sentence, told, names)))
    if not told.totals:
        return
    print()
    stations = told.by in ("station", "mac")
    heads = ["", "packets", "bytes", "flows"]
    heads += ["received", "peers", "× median"] if stations else []
    heads += ["over time"] if course else []
    named = told.sentence.partition(" ")[0]
    rows = [
        [*_cells(row, stations, course), _remarks(row, names, named=row.name == named)]
        for row in told.rows
    ]
    for line in lines([*heads, ""], rows, "lrrr" + "rrr" * stations):
        print(line)
    print()
    for text in _footer(told, course):
        print(safe(text))


def _cells(row: api.Talker, stations: bool, course: api.Course | None) -> list[str]:
    cells = [row.name, f"{row.packets:,}", size(row.bytes), f"{row.flows:,}"]
    if stations:
        times = "" if row.times is None or not row.inside else f"{row.times:,.1f}"
        cells += [size(row.received_bytes), f"{row.peers:,}", times]
    return cells + ([_drawn(course, row.name)] if course else [])


def _drawn(course: api.Course, station: str) -> str:
    drawn, stretches = sparkline(course.sent[station]), []
    for stretch in course.stretches:
        stretches.append(drawn[: stretch.buckets])
        drawn = drawn[stretch.buckets :]
    return BREAK.join(stretches)


def _remarks(row: api.Talker, names: Mapping[str, str], *, named: bool) -> str:
    """Label a row; the one that the sentence names may stand below servers that send more."""
    shown = [names.get(name, "") for name in (row.name, row.source, row.destination) if name]
    called = " → ".join(dict.fromkeys(name for name in shown if name))
    mark = ("← named above",) if named else ()
    return ", ".join(text for text in (*mark, *row.roles, called) if text)


def _named(sentence: str, told: api.Talkers, names: Mapping[str, str]) -> str:
    """Put the name of the loudest behind its address."""
    loudest = sentence.partition(" ")[0]
    name = names.get(loudest)
    return sentence.replace(loudest, f"{loudest} ({name})", 1) if name else sentence


def _footer(told: api.Talkers, course: api.Course | None) -> list[str]:
    totals = told.totals
    assert totals
    text = [
        f"all: {many(totals.flows, 'flow')}, {many(totals.packets, 'packet')}, "
        f"{size(totals.bytes)}, "
        f"{totals.first:%Y-%m-%d %H:%M:%S} to {totals.last:%Y-%m-%d %H:%M:%S} UTC"
    ]
    if told.ran is not None:
        text[0] += f", captured for {duration(told.ran)}: time stamps go back in it"
    if totals.repeated:
        places = ", ".join(
            f"{place.interface or 'a capture'}{f' VLAN {place.vlan}' if place.vlan else ''} "
            f"({place.flows:,})"
            for place in told.places[:8]
            if place.flows
        )
        text.append(
            f"{many(totals.repeated, 'flow was', 'flows were')} seen at more than one place; each "
            f"is counted where most of it was seen: {places}"
        )
    if course:
        text.append(f"over time: a mark is {course.width.total_seconds():,.0f} s")
        if len(course.stretches) > 1:
            begins = listed([f"{each.begin:%Y-%m-%d %H:%M:%S}" for each in course.stretches])
            text.append(
                f"{BREAK} parts stretches between which the clock was set back: they stand in the "
                f"order of capture, and begin at {begins} UTC; what a flow sent is where it "
                "began"
            )
    return text


def _show_json(
    told: api.Talkers,
    names: Mapping[str, str],
    course: api.Course | None,
    summary: ReadSummary | None,
) -> None:
    from whence.model.flow_documents import address_fields, time_text, without_empty
    from whence.model.json_text import encode  # neither is needed for a table, and quick it is not

    for rank, row in enumerate(told.rows, start=1):
        own = without_empty(
            rank=rank, by=told.by, measure=told.measure, name=row.name, roles=list(row.roles),
            inside=row.inside, times_median=row.times, score=row.score, peers=row.peers,
            flows=row.flows, sentence=told.sentence if rank == 1 else None,
            median=told.median if rank == 1 else None, others=told.others if rank == 1 else None,
        )  # fmt: skip
        if rank == 1 and summary and told.ran is not None:
            own["captured_seconds"] = told.ran.total_seconds()
            own["clock_set_back"] = [
                {"file": back.file, "packet": back.packet, "from": time_text(back.from_),
                 "to": time_text(back.to)}
                for each in summary.times
                for back in each.set_back
            ]  # fmt: skip
        if course:
            own["over_time"] = {
                "begin": time_text(course.begin),
                "seconds": course.width.total_seconds(),
                "sent": course.sent[row.name],
            }
            if len(course.stretches) > 1:
                own["over_time"]["stretches"] = [
                    {"begin": time_text(each.begin), "buckets": each.buckets}
                    for each in course.stretches
                ]
        document: Document = {"event": {"kind": "metric", "category": ["network"]}}
        if told.by in ("station", "mac"):
            document["source"] = address_fields(row.name) | without_empty(
                domain=names.get(row.name), packets=row.packets, bytes=row.bytes
            )
            document["destination"] = {
                "packets": row.received_packets,
                "bytes": row.received_bytes,
            }
        else:
            document["network"] = {"packets": row.packets, "bytes": row.bytes}
            if row.source and row.destination:
                document["source"] = address_fields(row.source)
                document["destination"] = address_fields(row.destination)
        click.echo(encode(document | {"whence": own}))
