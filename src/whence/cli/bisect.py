"""``whence bisect``: find the port by which traffic comes in, by mirroring ports in halves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whence.cli.say import Progress, safe
from whence.cli.types import ANY_PATH, Duration
from whence.model.bisection import Found, in_words
from whence.model.json_text import Document, encode
from whence.model.plural import many

if TYPE_CHECKING:
    from whence.api.bisecting import Counters, Told

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
mirror_option = click.option(
    "--mirror", default="", metavar="URL", help="The switch, where the URL kept lacks a secret."
)


@click.group(name="bisect")
def command() -> None:
    """Find the port by which traffic comes in, by mirroring ports in halves, as `git bisect`.

    The switch mirrors half of its ports to an interface of this machine; whether the traffic is
    seen says in which half it comes in. Nothing has to be installed anywhere. What the switch
    mirrored before is restored in the end, also after ^C and after a kill.

    \b
    whence bisect start --mirror tc://sw1/mon --ports p1-p24 --sniff eth1 --filter 192.0.2.7
    whence bisect start --mirror manual: --ports 1-24 --sniff eth1 --filter 'udp port 6667'
    """


@command.command(short_help="Search until the port is found and tested.")
@click.option("--mirror", default="", metavar="URL", help="The switch; see below.")
@click.option("--ports", required=True, help="Among which: 1-24; Gi1/0/1-24,Gi2/0/1.")
@click.option(
    "--sniff",
    "interface",
    required=True,
    metavar="IF",
    help="The interface of this machine that frames are mirrored to.",
)
@click.option(
    "--filter",
    "filter_",
    required=True,
    metavar="BPF|TARGET",
    help="The traffic: an address, address:port, MAC, or as tcpdump writes it.",
)
@click.option(
    "--uplink",
    default="",
    metavar="PORT",
    help="A port by which all of it leaves, if it can be mirrored too: much faster.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.999999),
    default=0.999,
    show_default=True,
    help="How sure to be in the end.",
)
@click.option("--burst", type=Duration(), help="Frames closer than this are one event; or learned.")
@click.option(
    "--prior",
    type=click.Choice(("equal", "counters")),
    default="equal",
    show_default=True,
    help="Which ports are likelier: those that count more packets, or none.",
)
@click.option(
    "--by",
    type=click.Choice(("mirror", "cable", "counters")),
    default="mirror",
    show_default=True,
    help="What is done to find it; counters changes nothing.",
)
@click.option("--for", "span", type=Duration(), default="5m", show_default=True,
              help="How long to compare counters, with --by counters.")  # fmt: skip
@click.option("--case", default="", metavar="IP|MAC|CASE",
              help="Whose traffic it is: what is found is told in a case.")  # fmt: skip
@json_option
def start(
    mirror: str, ports: str, interface: str, filter_: str, uplink: str, confidence: float,
    burst: timedelta | None, prior: str, by: str, span: timedelta, case: str, as_json: bool,
) -> int:  # fmt: skip
    """Search until the port is found and tested: mirror off, on, off, on, off.

    URL says how the switch is spoken to, and to which of its ports frames are mirrored:

    \b
    tc://[NAMESPACE]/IF                  a Linux bridge on this machine
    ovs://BRIDGE/PORT[?db=…&control=…]   Open vSwitch on this machine
    smon://COMMUNITY@SWITCH/PORT         SNMP, SMON-MIB
    cisco-ios://USER@SWITCH/PORT         SSH; also procurve, aruba-cx, junos, routeros
    manual:[//NAME/PORT]                 a person is told what to mirror

    With --by cable, --ports names machines behind one outlet, and a person is told which to unplug.
    With --by counters nothing is changed: the packets that each port counts are compared with those
    that arrive at IF, where all of the suspect's packets must be seen.
    """
    from whence.api import bisecting

    if by != "cable" and not mirror:
        raise click.UsageError("give the switch with --mirror URL, or say --by cable")
    if case and by != "mirror":
        raise click.UsageError("--case is told which port of a switch it is: with --by mirror")
    if by == "counters":
        return _show_counters(
            bisecting.by_counters(mirror, ports, interface, filter_, span), as_json
        )
    return _show(
        bisecting.start(
            mirror,
            ports,
            interface,
            filter_,
            uplink=uplink,
            confidence=confidence,
            burst=burst.total_seconds() if burst is not None else None,
            way=by,
            prior=prior,
            case=case,
        ),
        as_json,
        live=True,
    )


@command.command()
@mirror_option
@json_option
def resume(mirror: str, as_json: bool) -> int:
    """Go on with a search that was stopped or killed."""
    from whence.api import bisecting

    return _show(bisecting.resume(mirror), as_json, live=True)


@command.command()
@json_option
def status(as_json: bool) -> int:
    """Say where the search is."""
    from whence.api import bisecting

    return _show(bisecting.steps()[-1:], as_json)


@command.command()
@json_option
def log(as_json: bool) -> int:
    """Show each step of the search."""
    from whence.api import bisecting

    return _show(bisecting.steps(), as_json)


@command.command(short_help="Decide once more from a log; no switch is needed.")
@click.argument("file", type=ANY_PATH)
@json_option
def replay(file: Path, as_json: bool) -> int:
    """Decide once more from a log, log.jsonl of the folder; no switch is needed."""
    from whence.api import bisecting

    return _show(bisecting.replay(file), as_json)


@command.command()
@click.argument("port")
@json_option
def skip(port: str, as_json: bool) -> int:
    """Go on without PORT, which cannot be mirrored; then `resume`."""
    from whence.api import bisecting

    bisecting.skip(port)
    said = f"{port} is not mirrored any more; go on with: whence bisect resume"
    click.echo(_said(said) if as_json else safe(said))
    return 0


@command.command()
@mirror_option
@json_option
def reset(mirror: str, as_json: bool) -> int:
    """Bring back what was mirrored before, and forget the search."""
    from whence.api import bisecting

    for line in bisecting.reset(mirror) or ["there is no search, and nothing to bring back"]:
        click.echo(_said(line) if as_json else safe(line))
    return 0


def _show(steps: Iterable[Told], as_json: bool, *, live: bool = False) -> int:
    progress = Progress()
    status = 1
    for told in steps:
        step = told.step
        progress.clear()
        if as_json:
            if step.what != "watch":
                click.echo(encode(told.document))
        elif step.what == "watch":
            progress.show(told.sentence)
        elif step.result:
            click.echo(safe(told.sentence))
            for line in told.rest:
                click.echo(safe(line))
            if told.plan.case and isinstance(step.result, Found):
                click.echo(safe(f"case     {told.plan.case}"))
        else:
            click.echo(safe(_line(told)), err=live)
        if step.result:
            status = 0 if isinstance(step.result, Found) else 1
    progress.clear()
    return status


def _show_counters(counters: Iterable[Counters], as_json: bool) -> int:
    progress = Progress()
    last = None
    for last in counters:
        intervals = many(last.intervals, "interval")
        progress.show(f"{many(last.packets, 'packet')} in {intervals}; end with ^C")
    progress.clear()
    assert last is not None
    if as_json:
        click.echo(encode(last.document))
        return 0 if last.port else 1
    click.echo(safe(last.sentence))
    for score in last.scores[:5]:
        short = f"too few packets in {score.excluded} intervals" if score.excluded else ""
        by_chance = f"as alike by chance in {100 * score.chance:.1f} %"
        click.echo(safe(f"{score.port:12} correlation {score.likeness:5.2f}  {by_chance}  {short}"))
    return 0 if last.port else 1


def _line(told: Told) -> str:
    step = told.step
    time = datetime.fromtimestamp(step.at, UTC)
    if step.what != "mirror":
        return f"{time:%H:%M:%S} {step.what}: {step.why}"
    what = in_words(step.ports) + (", and the uplink" if step.reference else "")
    return f"{time:%H:%M:%S} mirror {what}  ({step.why})"


def _said(text: str) -> str:
    document: Document = {"event": {"kind": "event"}, "whence": {"bisect": {"sentence": text}}}
    return encode(document)
