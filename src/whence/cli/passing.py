"""What passes interfaces, as tables and as documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from whence import api
from whence.cli.columns import size
from whence.cli.say import safe
from whence.model import ecs
from whence.model.flow_documents import address_fields, time_text, without_empty


def stations_table(stations: Sequence[api.Station], most: int) -> Table:
    """Show who sends how much, the loudest first."""
    table = _table("last", "station", right=("peers", "flows", "packets", "sent", "received"))
    for one in stations[:most]:
        silent = f"{one.unanswered} without answer" if one.unanswered else ""
        _row(table, f"{one.last:%H:%M:%S}", one.address, str(one.peers), str(one.flows),
             f"{one.sent_packets:,}", size(one.sent), size(one.received), silent)  # fmt: skip
    return table


def calls_table(calls: Sequence[api.Call], most: int) -> Table:
    """Show who calls whom; those that nobody answers first."""
    table = _table("last", "from", "to", "origin", "at", right=("packets", "sent", "received"))
    for call in calls[:most]:
        _row(table, f"{call.last:%H:%M:%S}", call.source, called(call), call.origin,
             " ".join(call.interfaces), f"{call.sent_packets:,}", size(call.sent),
             size(call.received), "no answer" if call.unanswered else "")  # fmt: skip
    return table


def called(call: api.Call) -> str:
    """Name what is called."""
    if call.port is None:
        return f"{call.destination} {call.transport}"
    return f"{call.destination} port {call.port}/{call.transport}"


def documents(passing: api.Passing) -> Iterator[ecs.Document]:
    """Write each station and each call as an ECS document."""
    for station in passing.stations:
        yield {
            "@timestamp": time_text(station.last),
            "event": {"kind": "metric", "category": ["network"], "action": "station"},
            "source": address_fields(station.address)
            | {"packets": station.sent_packets, "bytes": station.sent},
            "destination": {"packets": station.received_packets, "bytes": station.received},
            "whence": {
                "peers": station.peers,
                "flows": station.flows,
                "unanswered": station.unanswered,
            },
        }
    for call in passing.calls:
        yield {
            "@timestamp": time_text(call.last),
            "event": {
                "kind": "metric",
                "category": ["network"],
                "action": "call",
                "start": time_text(call.first),
                "end": time_text(call.last),
            },
            "source": address_fields(call.source)
            | {"packets": call.sent_packets, "bytes": call.sent},
            "destination": address_fields(call.destination)
            | without_empty(port=call.port, packets=call.received_packets, bytes=call.received),
            "network": {
                "transport": call.transport,
                "packets": call.sent_packets + call.received_packets,
                "bytes": call.sent + call.received,
            },
            "whence": {
                "origin": call.origin,
                "flows": call.flows,
                "interfaces": list(call.interfaces),
                "unanswered": call.unanswered,
            },
        }


def _table(*left: str, right: Sequence[str]) -> Table:
    table = Table(box=None, expand=True)
    for name in left:
        table.add_column(name, no_wrap=True, min_width=8, ratio=None if name == "last" else 1)
    for name in right:
        table.add_column(name, no_wrap=True, justify="right", min_width=7)
    table.add_column("", no_wrap=True, min_width=9)
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(safe(cell)) for cell in cells))
