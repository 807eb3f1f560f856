"""``whence findings``: what is odd about the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import click

from whence import api
from whence.cli.reading import Wanted, captures, reading_options
from whence.cli.say import safe
from whence.cli.types import Moment
from whence.model import ecs
from whence.model.flow_documents import address_fields, time_text, without_empty

MOST = 20  # findings of one kind; --all shows all
COMMON = frozenset({"sentence", "confidence", "first", "last", "count", "source", "destination",
                    "destination_port", "transport", "evidence"})  # fmt: skip


@click.command(name="findings")
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--only",
    multiple=True,
    metavar="KIND",
    help="Ask this alone: beacons, ghosts, scans, …; may be given again.",
)
@click.option("--known-until", type=Moment(), help="What was not seen before is a first contact.")
@click.option(
    "--here",
    is_flag=True,
    help="The captures are of this machine: ask its routes and neighbours about the silent.",
)
@click.option("--all", "everything", is_flag=True, help=f"More than {MOST} of a kind, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@reading_options
def command(
    wanted: Wanted,
    only: tuple[str, ...],
    known_until: datetime | None,
    here: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """Say what is odd in captures: calls without answer, beacons, scans, spoofed sources.

    Kinds: beacons, duplicated-addresses, first-contacts, flapping-macs, ghosts, loops, scans,
    spoofed-sources, unanswered-arp. What each can and cannot tell is in the reference.

    Calls of all stations to one network and port are told as one; with --json, by who calls.

    With --here, a call that nobody answers is explained by what is so on this machine now: no
    route, or no ARP answer of the neighbour. Nothing is sent for that.
    """
    known = [analysis.name for analysis in api.analyses()]
    if unknown := [name for name in only if name not in known]:
        raise click.UsageError(f"there is no kind “{unknown[0]}”; there are: {', '.join(known)}")
    total = 0
    nothing: list[str] = []
    with captures(wanted, api.ANALYSED_COLUMNS) as traffic:
        names, half = api.names_in(traffic), api.halfway(traffic)
        unreachable = api.unreachable_here(traffic) if here else {}
        told = api.findings(traffic, only, known_until, unreachable, by_network=not as_json)
        for analysis, found in told:
            total += len(found)
            shown = found if everything or as_json else found[:MOST]
            if as_json:
                for finding in shown:
                    click.echo(ecs.encode(_document(finding, names)))
            elif found:
                _show(analysis, shown, len(found), names)
            elif analysis.name != "first-contacts" or known_until:
                nothing.append(analysis.name)
    if not as_json:
        if nothing:
            print(f"nothing found: {', '.join(nothing)}")
        if known_until is None and (not only or "first-contacts" in only):
            moment = f"'{half:%Y-%m-%d %H:%M:%S}Z'" if half else "MOMENT"
            print(f"not checked: first-contacts  → --known-until {moment}")
    return 0 if total else 1


def _show(
    analysis: api.Analysis, found: list[api.Finding], total: int, names: Mapping[str, str]
) -> None:
    print(f"{analysis.question}  ({analysis.name})")
    for finding in found:
        name = names.get(finding.destination or "")
        print(f"  {finding.confidence:9} {safe(finding.sentence)}"
              + (f"  [{safe(name)}]" if name else ""))  # fmt: skip
        for line in finding.evidence:
            print(f"              {safe(line)}")
    if total > len(found):
        print(f"  … and {total - len(found):,} more; --all shows them")
    print()


def _document(finding: api.Finding, names: Mapping[str, str]) -> ecs.Document:
    ends = {}
    if finding.source:
        ends["source"] = address_fields(finding.source) | without_empty(
            domain=names.get(finding.source)
        )
    if finding.destination:
        ends["destination"] = address_fields(finding.destination) | without_empty(
            port=finding.destination_port, domain=names.get(finding.destination)
        )
    details = api.as_builtins(finding)
    assert isinstance(details, dict)
    return {
        "@timestamp": time_text(finding.last),
        "event": {
            "kind": "alert",
            "category": ["network"],
            "action": finding.kind,
            "start": time_text(finding.first),
            "end": time_text(finding.last),
        },
        **ends,
        "network": without_empty(transport=finding.transport),
        "whence": {
            "sentence": finding.sentence,
            "confidence": str(finding.confidence),
            "count": finding.count,
            "evidence": list(finding.evidence),
            finding.kind: {name: value for name, value in details.items() if name not in COMMON},
        },
    }
