"""From traffic to the address outside that it goes to."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Flow, Remote, probe
from whence.model.special_ranges import is_public
from whence.world import AddressTables


@probe(answers="other-end", near=0)
def other_end(flow: Flow, tables: AddressTables) -> Iterator[Fact]:
    """Which address outside is at the other end?"""
    if flow.destination and is_public(flow.destination):
        looked = tables.look_up("special", flow.destination)  # that says nothing to the contrary
        remote = Remote(flow.destination, flow.destination_port)
        yield flow.fact("other-end", remote, looked.whole())
