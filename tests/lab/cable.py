"""Three namespaces in a row: near — middle — far. The middle one passes packets on."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from tests.lab.watching import Place

NEAR, MIDDLE, MIDDLE_FAR, FAR = "192.0.2.1", "192.0.2.2", "198.51.100.2", "198.51.100.1"
NEAR6, MIDDLE6 = "2001:db8::1", "2001:db8::2"


@dataclass(frozen=True)
class Row:
    """The three; the interfaces of the middle one are near0 and far0, the others' are end0."""

    near: Place
    middle: Place
    far: Place


@contextlib.contextmanager
def three_in_a_row() -> Iterator[Row]:
    names = [f"whence-{part}-{os.getpid()}" for part in ("near", "middle", "far")]
    for name in names:
        subprocess.run(["ip", "netns", "add", name], check=True)
    row = Row(*map(Place, names))
    try:
        for place in (row.near, row.middle, row.far):
            place.run("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0")
            place.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
            # No packets that no test sent: nobody asks for routers, or says late which groups
            # it is in.
            place.run("sysctl", "-qw", "net.ipv6.conf.default.router_solicitations=0",
                      "net.ipv6.conf.default.mldv2_unsolicited_report_interval=1")  # fmt: skip
            place.run("ip", "link", "set", "lo", "up")
        for end, place in (("near", row.near), ("far", row.far)):
            row.middle.run(
                *f"ip link add {end}0 type veth peer name end0 netns {place.name}".split()
            )
        for place, interface, *addresses in (
            (row.near, "end0", f"{NEAR}/24", f"{NEAR6}/64"),
            (row.middle, "near0", f"{MIDDLE}/24", f"{MIDDLE6}/64"),
            (row.middle, "far0", f"{MIDDLE_FAR}/24"),
            (row.far, "end0", f"{FAR}/24"),
        ):
            for address in addresses:
                nodad = ["nodad"] if ":" in address else []
                place.run("ip", "address", "add", address, "dev", interface, *nodad)
            place.run("ip", "link", "set", interface, "up")
        row.near.run(*f"ip route add default via {MIDDLE}".split())
        row.far.run(*f"ip route add default via {MIDDLE_FAR}".split())
        row.middle.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield row
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=True)
