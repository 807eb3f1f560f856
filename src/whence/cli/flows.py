"""``whence flows``: the flow table of captures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

import whence.api.flow_lines as flow_lines  # and no more of it: the rest is slow to import
from whence.cli.reading import (
    Wanted,
    check_one_source,
    flows_of,
    in_order,
    reading_options,
    receive_option,
    receive_span_option,
    say_listening,
)
from whence.cli.types import Count
from whence.model.plural import many

if TYPE_CHECKING:
    from whence import api
    from whence.world.flow_lines import Form


@click.command(name="flows")
@click.argument("files", nargs=-1)
@receive_option("Hear flow exporters here, in place of FILES, and show flows as they end.")
@receive_span_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@click.option("--csv", "as_csv", is_flag=True, help="All columns, separated by commas.")
@click.option("--count", type=Count(), help="Show no more than so many.")
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
    check_one_source(wanted, receive)
    form: Form = "json" if as_json else "csv" if as_csv else "table"
    if receive:
        wanted.no_choice_of_packets("--receive")
        return _hear(receive, span, form, count)
    with flows_of(wanted) as flows:
        shown = _show(flows, form, count)
    if not shown:
        click.echo("There are no flows in it.", err=True)
    return 0 if shown else 1


def _show(flows: api.Flows, form: Form, most: int | None, *, before: int = 0) -> int:
    """Show flows below those ``before``, no more than ``most``, and say how many they are."""
    ordered = flows.ordered(form)
    shown = 0
    for block, count in ordered.blocks(most):
        if not before and not shown and ordered.heading:
            click.echo(ordered.heading)
        click.echo(block, nl=False)
        shown += count
    return shown


def _hear(listen: tuple[str, int], span: timedelta | None, form: Form, most: int | None) -> int:
    """Show what exporters tell, as it comes; in the end, what of it is missing."""
    shown = 0
    last: api.Received | None = None
    with in_order() as stop:
        received = flow_lines.receive(
            *listen, span=span, stop=stop, listening=say_listening(listen[0])
        )
        for last in received:
            left = None if most is None else most - shown
            shown += _show(last.flows, form, left, before=shown)
            if shown == most:
                break
    if last:
        _say_heard(last)
    return 0 if shown else 1


def _say_heard(last: api.Received) -> None:
    totals = last.totals
    exporters = len({sender.address for sender in last.senders})
    click.echo(
        f"heard {many(exporters, 'exporter')}: "
        f"{many(totals.datagrams, 'datagram')}, {many(totals.records, 'record')}",
        err=True,
    )
    for sender in last.senders:
        if sender.lost_exports:
            exports = many(sender.lost_exports, "export")
            click.echo(f"  {sender.address} ({sender.format}, domain {sender.domain}): "
                       f"{exports} did not arrive", err=True)  # fmt: skip
    for loss in totals.losses:
        click.echo(f"whence: {loss}", err=True)
