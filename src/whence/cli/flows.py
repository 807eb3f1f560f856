"""``whence flows``: the flow table of captures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

import click

from whence import api
from whence.cli.columns import csv_cell, size
from whence.cli.reading import Wanted, captures, in_order, reading_options, say_listening
from whence.cli.say import safe
from whence.cli.types import Duration, Listen
from whence.model import ecs
from whence.model.flow_documents import from_flow, time_text

Row = Mapping[str, Any]


@click.command(name="flows")
@click.argument("files", nargs=-1)
@click.option(
    "--receive",
    type=Listen(),
    metavar="ADDRESS:PORT",
    help="Hear flow exporters here, in place of FILES, and show flows as they end.",
)
@click.option(
    "--for", "span", type=Duration(), help="With --receive: end after this long; else with ^C."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@click.option("--csv", "as_csv", is_flag=True, help="All columns, separated by commas.")
@click.option("--count", type=click.IntRange(min=1), help="Show no more than so many.")
@reading_options
def command(
    wanted: Wanted,
    receive: tuple[str, int] | None,
    span: timedelta | None,
    as_json: bool,
    as_csv: bool,
    count: int | None,
) -> int:
    """Show the flows of captures: who talked to whom, when, how much, and how it ended.

    FILES are captures (pcap, pcapng, also packed) or files of nfcapd, or - for standard input. A
    flow that passed several interfaces is shown once for each. States are those of Zeek: S0 no
    answer, REJ refused, SF begun and ended, RSTO and RSTR reset by source and destination.

    With --receive, exporters of NetFlow v5 and v9, IPFIX and sFlow v5 are heard on that port.
    What did not arrive is said in the end.
    """
    if bool(wanted.files) == bool(receive):
        raise click.UsageError("give captures, or where to hear exporters with --receive")
    if receive:
        wanted.no_choice_of_packets("--receive")
        return _hear(receive, span, count, as_json, as_csv)
    with captures(wanted) as traffic:
        names = api.names_in(traffic)
        shown = 0
        for line in _lines(islice(api.flows(traffic), count), names, as_json, as_csv):
            shown += 1
            click.echo(line)
    return 0 if shown else 1


def _hear(
    listen: tuple[str, int],
    span: timedelta | None,
    count: int | None,
    as_json: bool,
    as_csv: bool,
) -> int:
    """Show what exporters tell, as it comes; in the end, what of it is missing."""
    shown = 0
    last: api.Received | None = None

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal last
        for last in received:
            yield from last.rows

    with in_order() as stop:
        received = api.receive(*listen, span=span, stop=stop, listening=say_listening(listen[0]))
        for line in _lines(islice(rows(), count), {}, as_json, as_csv):
            shown += 1
            click.echo(line)
    if last:
        _say_heard(last)
    return 0 if shown else 1


def _say_heard(last: api.Received) -> None:
    totals = last.totals
    exporters = len({sender.address for sender in last.senders})
    click.echo(
        f"heard {exporters:,} exporter{'s' * (exporters != 1)}: "
        f"{totals.datagrams:,} datagrams, {totals.records:,} records",
        err=True,
    )
    for sender in last.senders:
        if sender.lost_exports:
            click.echo(f"  {sender.address} ({sender.format}, domain {sender.domain}): "
                       f"{sender.lost_exports:,} exports did not arrive", err=True)  # fmt: skip
    for loss in totals.losses:
        click.echo(f"whence: {loss}", err=True)


def _lines(
    rows: Iterator[dict[str, Any]], names: Mapping[str, str], as_json: bool, as_csv: bool
) -> Iterator[str]:
    if as_json:
        yield from (ecs.encode(from_flow(row, names)) for row in rows)
    elif as_csv:
        yield from _csv(rows)
    else:
        yield from _table(rows, names)


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    for number, row in enumerate(rows):
        if not number:
            yield writer.writerow(row)
        cells = (row | {name: time_text(row[name]) for name in ("first", "last")}).values()
        yield writer.writerow([csv_cell(cell) for cell in cells])


class _Line:
    """A file for the CSV writer that gives back what it was to write."""

    def write(self, text: str) -> str:
        return text.rstrip("\r\n")


HEAD = (f"{'first':23}  {'lasts':>8}  {'from':21}  {'to':21}  {'transport':9} {'state':6} "
        f"{'packets':>15}  {'bytes':>17}  at")  # fmt: skip


def _table(rows: Iterator[dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        if not number:
            yield HEAD
        yield safe(_row(row, names))


def _row(row: Row, names: Mapping[str, str]) -> str:
    lasts = row["last"] - row["first"]
    packets = f"{row['source_packets']:,} ↔ {row['destination_packets']:,}"
    volume = f"{size(row['source_bytes'])} ↔ {size(row['destination_bytes'])}"
    name = row["server_name"] or names.get(row["destination_ip"], "")
    at = " ".join(
        text
        for text in (
            row["interface"],
            f"VLAN {row['vlan']}" if row["vlan"] else "",
            row["direction_in"],
            f"in {row['tunnel']}" if row["tunnel"] else "",
            f"sampled 1:{row['sampling']}" if row.get("sampling", 1) > 1 else "",
            f"({name})" if name else "",
        )
        if text
    )
    return (
        f"{row['first']:%Y-%m-%d %H:%M:%S}.{row['first'].microsecond // 1000:03}  "
        f"{_span(lasts):>8}  {_end(row, 'source'):21}  {_end(row, 'destination'):21}  "
        f"{row['transport']:9} {row['state'] or '':6} {packets:>15}  {volume:>17}  {at}"
    ).rstrip()


def _span(lasts: timedelta) -> str:
    return f"{lasts.total_seconds():.3f} s"


def _end(row: Row, end: str) -> str:
    address, port = row[f"{end}_ip"], row[f"{end}_port"]
    if port is None or "icmp" in row["transport"]:
        return str(address)
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
