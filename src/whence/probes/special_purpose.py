"""Addresses that a standard sets aside."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from whence.model import Fact, Remote, probe
from whence.world import AddressTables


@probe(answers="set-aside-for", near=1)
def special_purpose(remote: Remote, tables: AddressTables) -> Iterator[Fact]:
    """Is this address set aside for something by a standard?"""
    for line in tables.look_up("special", remote.address).lines():
        told = msgspec.json.decode(str(line))
        if "network" in told:
            text = f"{told['purpose']} ({told['standard']}, {told['network']})"
            yield remote.fact("set-aside-for", text, line.evidence)
