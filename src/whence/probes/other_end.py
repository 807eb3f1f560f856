"""From traffic to the address outside that it goes to."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Flow, Remote, probe
from whence.model.special_ranges import is_public
from whence.world import AddressTables, Host
from whence.world.own_addresses import own_addresses


@probe(answers="other-end", near=0)
def other_end(flow: Flow, tables: AddressTables, host: Host) -> Iterator[Fact]:
    """Which address outside is at the other end?"""
    called = flow.destination
    if called and is_public(called) and called not in own_addresses(host):
        looked = tables.look_up("special", called)  # that says nothing to the contrary
        yield flow.fact("other-end", Remote(called, flow.destination_port), looked.whole())
