"""The names that this machine has for an address in /etc/hosts."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Hostname, Remote, probe
from whence.model.ecs import canonical_address
from whence.world import Host


@probe(answers="is-called", near=1)
def named_in_hosts(remote: Remote, host: Host) -> Iterator[Fact]:
    """Which names does /etc/hosts of this machine give it?"""
    for line in host.read("/etc/hosts").lines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            is_meant = canonical_address(address) == remote.address
        except ValueError:  # an empty line, or one that is no good
            continue
        if is_meant:
            for name in names:
                yield remote.fact("is-called", Hostname(name.lower()), line.evidence)
