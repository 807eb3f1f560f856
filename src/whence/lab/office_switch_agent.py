"""What Debian's snmpd lacks of a switch: BRIDGE-MIB, Q-BRIDGE-MIB, and the mirrors of SMON-MIB.

Usage: ``office_switch_agent.py bridge|smon BRIDGE``; speaks pass_persist of snmpd.conf(5). Run as a
script, with nothing but the standard library. A mirror is a tc filter at the ingress of the port.
"""

from __future__ import annotations

import bisect
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Oid = tuple[int, ...]
Value = tuple[str, str]  # the type that snmpd wants to hear, and the value
BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
SMON: Oid = (1, 3, 6, 1, 2, 1, 16, 22, 1, 3, 1, 1)  # portCopyEntry, RFC 2613
DIRECTION, STATUS = 4, 5
ACTIVE, NOT_IN_SERVICE, CREATE_AND_GO, CREATE_AND_WAIT, DESTROY = 1, 2, 4, 5, 6
WAYS = {1: ("ingress",), 2: ("egress",), 3: ("ingress", "egress")}
MATCH = "u32 match u32 0 0 action mirred egress mirror dev"
PREFERENCE = "1"
KEEP = 1.0  # s
NET = Path("/sys/class/net")


def main(mode: str, bridge: str) -> None:
    """Answer until the pipe is closed."""
    mirrors = Mirrors(bridge)
    table = mirrors.table if mode == "smon" else Kept(lambda: bridge_table(bridge))
    while line := sys.stdin.readline():
        word = line.strip().lower()
        if word == "ping":
            print("PONG")
        elif word in ("get", "getnext"):
            answer(word, read_oid(sys.stdin.readline()), table(), mode)
        elif word == "set":
            oid = read_oid(sys.stdin.readline())
            value = sys.stdin.readline().split()[-1]
            print(mirrors.set(oid, int(value)) if mode == "smon" else "not-writable")
        # snmpd sends an empty line after a SET; an answer to it would be taken for the next one.
        sys.stdout.flush()


def answer(word: str, oid: Oid, table: dict[Oid, Value], mode: str) -> None:
    """Print a row, or NONE."""
    if word == "getnext":
        order = [*table]
        at = bisect.bisect_right(order, oid)
        found = order[at] if at < len(order) else None
    else:
        found = oid if oid in table else None
        # snmpd GETs what is to be SET, and says notWritable where there is none: a row to be made.
        if found is None and mode == "smon" and oid[:-3] == SMON:
            table, found = {oid: ("integer", "1" if oid[-3] == DIRECTION else "2")}, oid
    if found is None:
        print("NONE")
        return
    kind, value = table[found]
    print("." + ".".join(map(str, found)), kind, value, sep="\n")


class Kept:
    """A table that is read anew after a second: a walk asks for each row of it."""

    def __init__(self, read: Callable[[], dict[Oid, Value]]) -> None:
        self._read = read
        self._table: dict[Oid, Value] = {}
        self._until = 0.0

    def __call__(self) -> dict[Oid, Value]:
        """Give the rows in their order."""
        if time.monotonic() > self._until:
            self._table = dict(sorted(self._read().items()))
            self._until = time.monotonic() + KEEP
        return self._table


class Mirrors:
    """The table portCopyTable."""

    def __init__(self, bridge: str) -> None:
        self.bridge = bridge
        self.rows: dict[tuple[int, int], tuple[int, int]] = {}  # from, to: direction, status

    def table(self) -> dict[Oid, Value]:
        """Give the rows there are."""
        found: dict[Oid, Value] = {}
        for pair, (direction, status) in self.rows.items():
            found[(*SMON, DIRECTION, *pair)] = ("integer", str(direction))
            found[(*SMON, STATUS, *pair)] = ("integer", str(status))
        return dict(sorted(found.items()))

    def set(self, oid: Oid, value: int) -> str:
        """Change a row."""
        if oid[:-3] != SMON:
            return "not-writable"
        column, *pair = oid[-3:]
        key = (pair[0], pair[1])
        direction, status = self.rows.get(key, (1, 0))
        if column == DIRECTION:
            if status == ACTIVE:
                return "inconsistent-value"
            self.rows[key] = (value, status or NOT_IN_SERVICE)
            return "DONE"
        if column != STATUS or value not in (1, 2, 4, 5, 6):
            return "wrong-value"
        works = self._apply(key, direction, on=value in (ACTIVE, CREATE_AND_GO))
        if not works:
            return "inconsistent-value"
        if value == DESTROY:
            self.rows.pop(key, None)
        else:
            status = ACTIVE if value in (ACTIVE, CREATE_AND_GO) else NOT_IN_SERVICE
            self.rows[key] = (direction, status)
        return "DONE"

    def _apply(self, key: tuple[int, int], direction: int, *, on: bool) -> bool:
        names = {number(name, "ifindex"): name for name in interfaces()}
        source, to = names.get(key[0]), names.get(key[1])
        if not source or not to:
            return False
        quietly("tc", "qdisc", "add", "dev", source, "clsact")
        for way in WAYS[3]:
            quietly(
                "tc", "filter", "del", "dev", source, way, "protocol", "all", "pref", PREFERENCE
            )
        return all(
            quietly("tc", *f"filter add dev {source} {way} protocol all pref {PREFERENCE} "
                    f"{MATCH} {to}".split())
            for way in (WAYS.get(direction, ()) if on else ())
        )  # fmt: skip


def bridge_table(bridge: str) -> dict[Oid, Value]:
    """Give dot1dBase, dot1dTpFdbTable (RFC 4188) and dot1qTpFdbTable (RFC 4363) of a bridge."""
    ports = {name: number(name, "brport/port_no") for name in members(bridge)}
    mac = (NET / bridge / "address").read_text().strip().replace(":", " ")
    found: dict[Oid, Value] = {
        (*BRIDGE, 1, 1, 0): ("octet", mac),
        (*BRIDGE, 1, 2, 0): ("integer", str(len(ports))),
        (*BRIDGE, 1, 3, 0): ("integer", "2"),
        (*BRIDGE, 4, 2, 0): ("integer", "300"),
        (*BRIDGE, 7, 1, 4, 2, 1, 3, 0, 1): ("gauge", "1"),
    }
    for name, port in ports.items():
        found[(*BRIDGE, 1, 4, 1, 1, port)] = ("integer", str(port))
        found[(*BRIDGE, 1, 4, 1, 2, port)] = ("integer", str(number(name, "ifindex")))
    shown = subprocess.run(("bridge", "-j", "fdb", "show", "br", bridge), capture_output=True)
    for entry in json.loads(shown.stdout or b"[]"):
        address, name = str(entry.get("mac", "")), entry.get("ifname")
        if name not in ports or "vlan" in entry or address.startswith(("33:33", "01:")):
            continue
        octets = tuple(int(part, 16) for part in address.split(":"))
        status = ("integer", "4" if entry.get("state") == "permanent" else "3")  # self, learned
        port_number = ("integer", str(ports[name]))
        found[(*BRIDGE, 4, 3, 1, 1, *octets)] = ("octet", address.replace(":", " "))
        found[(*BRIDGE, 4, 3, 1, 2, *octets)] = port_number
        found[(*BRIDGE, 4, 3, 1, 3, *octets)] = status
        found[(*BRIDGE, 7, 1, 2, 2, 1, 2, 1, *octets)] = port_number
        found[(*BRIDGE, 7, 1, 2, 2, 1, 3, 1, *octets)] = status
    return found


def interfaces() -> list[str]:
    """Name the interfaces of this namespace."""
    shown = subprocess.run(("ip", "-j", "link", "show"), capture_output=True)
    return [str(row["ifname"]) for row in json.loads(shown.stdout or b"[]")]


def members(bridge: str) -> list[str]:
    """Name the ports of a bridge."""
    return sorted(entry.name for entry in (NET / bridge / "brif").iterdir())


def number(name: str, file: str) -> int:
    """Read a number of an interface."""
    try:
        return int((NET / name / file).read_text(), 0)
    except (OSError, ValueError):
        return -1


def quietly(*argv: str) -> bool:
    """Run a command and say whether it succeeded."""
    return subprocess.run(argv, capture_output=True).returncode == 0


def read_oid(text: str) -> Oid:
    """Read an object identifier."""
    return tuple(int(part) for part in text.strip().strip(".").split("."))


if __name__ == "__main__":
    main(*sys.argv[1:3])
