"""``whence path``: which way does it go?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import click

from whence import api
from whence.cli.reading import (
    Wanted,
    captures,
    check_one_source,
    exporters,
    reading_options,
    receive_option,
    receive_span_option,
)
from whence.cli.say import safe
from whence.cli.types import Count
from whence.model import ecs
from whence.model.flow_documents import address_fields, time_text, without_empty


@click.command(name="path")
@click.argument("target")
@click.argument("files", nargs=-1)
@receive_option("Hear flow exporters here, in place of FILES.")
@receive_span_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@click.option(
    "--count",
    type=Count(),
    default=20,
    show_default=True,
    help="Show no more than so many ways.",
)
@reading_options
def command(
    target: str,
    wanted: Wanted,
    receive: tuple[str, int] | None,
    span: timedelta | None,
    as_json: bool,
    count: int,
) -> int:
    """Say which way traffic goes: does it start here, pass through, or end here?

    “Here” is the machine that captured it, best on all its interfaces at once: `whence capture`,
    or `tcpdump -i any`. TARGET is an address, address:port, :port, or a name that the captures
    know. Told by the direction that the kernel recorded, by TTLs, MAC addresses, and by which
    interface had it first; addresses that NAT translates are recognised.

    Of flows that an exporter told of (files of nfcapd, --receive) “here” is the exporter, and its
    interfaces are told by number (ifIndex).
    """
    check_one_source(wanted, receive)
    heard = exporters(receive, wanted, span) if receive else None
    with heard or captures(wanted, api.ANALYSED_COLUMNS) as traffic:
        routes = api.paths(traffic, target, most=count)
        names = api.names_in(traffic)
    if not routes and not as_json:
        print(f"{safe(target)} is not in it.")
    for route in routes:
        if as_json:
            click.echo(ecs.encode(_document(route, names)))
            continue
        name = names.get(route.destination)
        print(safe(route.sentence) + (f"  [{safe(name)}]" if name else ""))
        print(f"  {route.confidence}; {route.first:%Y-%m-%d %H:%M:%S} to "
              f"{route.last:%Y-%m-%d %H:%M:%S} UTC")  # fmt: skip
        for line in route.evidence:
            print(f"    {safe(line)}")
    known = any(route.way is not api.Way.UNKNOWN for route in routes)
    return 0 if known else 1


def _document(route: api.Route, names: Mapping[str, str]) -> ecs.Document:
    observer = {
        side: {"interface": {"name": name}}
        for side, name in (("ingress", route.enters), ("egress", route.leaves))
        if name
    }
    return {
        "event": {
            "kind": "state",
            "category": ["network"],
            "start": time_text(route.first),
            "end": time_text(route.last),
        },
        "source": address_fields(route.source) | without_empty(domain=names.get(route.source)),
        "destination": address_fields(route.destination)
        | without_empty(port=route.destination_port, domain=names.get(route.destination)),
        "network": {"transport": route.transport, "packets": route.packets},
        **({"observer": observer} if observer else {}),
        "whence": {
            "way": str(route.way),
            "confidence": str(route.confidence),
            "sentence": route.sentence,
            "evidence": list(route.evidence),
            "translated": route.translated,
            "flows": route.flows,
            "examples": list(route.examples),
            "views": [api.as_builtins(view) for view in route.views],
        },
    }
