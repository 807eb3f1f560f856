"""Mirrors of Open vSwitch: the table Mirror of OVSDB, ovs-vswitchd.conf.db(5).

A new mirror does not touch flows that are installed already: without a purge of the flow cache
nothing is mirrored of traffic that flows, and nobody is told (Open vSwitch 3.1; kube-ovn issue
2801).

It hands a frame to a port once, however many mirrors choose it (``dup_mirrors`` of its
ofproto-dpif-mirror.c): the uplink as reference gives no second copy. So frames of mirrored ports
are cut short then, which frames of the uplink's mirror are not; where both choose one, the mirror
of its port is the first.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from whence.model import BadInput, CannotAsk
from whence.model.bisection import Port
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors, check_ports
from whence.world.mirror_command import Command, run

NAME, UPLINK = "whence", "whence-uplink"  # our mirrors
CUT = 64  # octets, snaplen: enough for the ports of TCP and UDP on IPv6
TIMEOUT = "--timeout=15"


class OpenVSwitchMirror:
    """A bridge of Open vSwitch, by the sockets of its database and its daemon."""

    def __init__(
        self, bridge: str, to: Port, database: str = "", control: str = "", command: Command = run
    ) -> None:
        self.switch = bridge
        self._to = to
        self._database = (f"--db={database}",) if database else ()
        self._control = control or "ovs-vswitchd"
        self._run = command
        self._ports = self._identities()
        self.cut = CUT
        check_ports([to], [*self._ports], self.switch)

    def names(self) -> tuple[Port, ...]:
        """Name the ports, without the one where we listen and the bridge's own."""
        return tuple(name for name in self._ports if name not in (self._to, self.switch))

    def mirrored(self) -> Mirrors:
        """Read our mirrors back."""
        by_identity = {identity: name for name, identity in self._ports.items()}
        sources: set[Port] = set()
        leaving: set[Port] = set()
        for row in self._ours("select_src_port", "select_dst_port"):
            sources |= {by_identity.get(one, "?") for one in _set(row["select_src_port"])}
            leaving |= {by_identity.get(one, "?") for one in _set(row["select_dst_port"])}
        return Mirrors(frozenset(sources), min(leaving, default=""))

    def mirror(self, wanted: Mirrors) -> None:
        """Replace our mirrors by others in one transaction, then have flows made anew."""
        check_ports([*wanted.ports, *filter(None, [wanted.uplink])], self.names(), self.switch)
        words: list[str] = []
        for row in self._ours():
            words += ["--", "remove", "bridge", self.switch, "mirrors", *_set(row["_uuid"])]
        if wanted.ports:
            sources = ",".join(self._ports[name] for name in sorted(wanted.ports))
            cut = [f"snaplen={self.cut}"] if wanted.uplink else []
            words += self._new(NAME, f"select_src_port=[{sources}]", *cut)
        if wanted.uplink:
            words += self._new(UPLINK, f"select_dst_port=[{self._ports[wanted.uplink]}]")
        if words:
            self._vsctl(*words[1:])
            self._run(("ovs-appctl", "-t", self._control, "revalidator/purge"), "")

    def saved(self) -> str:
        """Nothing has to be written down: mirrors of others are left alone."""
        bridge, _ = self._bridge_and("name")
        return json.dumps({"mirrors": sorted(bridge)})

    def restore(self, saved: str) -> None:
        """Remove our mirrors."""
        self.mirror(Mirrors())

    def stations(self) -> dict[str, Port]:
        """Say behind which port which station is."""
        shown = self._run(("ovs-appctl", "-t", self._control, "fdb/show", self.switch), "")
        [interfaces] = self._list(("interface", "name,ofport"))
        numbers = {str(row["ofport"]): row["name"] for row in interfaces}
        rows = [line.split() for line in shown.splitlines()[1:]]
        found = {row[2]: numbers.get(row[0], "") for row in rows if len(row) == 4}
        return {mac: port for mac, port in found.items() if port in self.names()}

    def counters(self) -> dict[Port, int]:
        """Give how many packets came in by each port."""
        [rows] = self._list(("interface", "name,statistics"))
        counted = {str(row["name"]): _map(row["statistics"]).get("rx_packets", 0) for row in rows}
        return {name: n for name in self.names() if isinstance(n := counted.get(name, 0), int)}

    def close(self) -> None:
        """There is nothing to let go of."""

    def _new(self, name: str, *words: str) -> list[str]:
        to = f"output_port={self._ports[self._to]}"
        new = f"@{name}"
        return ["--", f"--id={new}", "create", "mirror", f"name={name}", *words, to,
                "--", "add", "bridge", self.switch, "mirrors", new]  # fmt: skip

    def _ours(self, *columns: str) -> list[dict[str, Any]]:
        """Give the rows of our mirrors of this bridge."""
        bridge, rows = self._bridge_and("name", "_uuid", *columns)
        return [row for row in rows
                if row["name"] in (NAME, UPLINK) and _set(row["_uuid"])[0] in bridge]  # fmt: skip

    def _bridge_and(self, *columns: str) -> tuple[set[str], list[dict[str, Any]]]:
        """Give which mirrors the bridge has, and all mirrors, as they were at one time."""
        bridges, rows = self._list(("bridge", "name,mirrors"), ("mirror", ",".join(columns)))
        mirrors = (_set(row["mirrors"]) for row in bridges if row["name"] == self.switch)
        return {one for some in mirrors for one in some}, rows

    def _identities(self) -> dict[Port, str]:
        inside = self._vsctl("list-ports", self.switch).split()
        [rows] = self._list(("port", "name,_uuid"))
        return {str(row["name"]): _set(row["_uuid"])[0] for row in rows if row["name"] in inside}

    def _list(self, *tables: tuple[str, str]) -> list[list[dict[str, Any]]]:
        """Give the rows of each table: its name, and the names of columns."""
        words = [word for table, columns in tables
                 for word in ("--", f"--columns={columns}", "list", table)]  # fmt: skip
        shown = self._vsctl("--format=json", *words).splitlines()
        try:
            found = [msgspec.json.decode(line) for line in shown]
            rows = [[dict(zip(one["headings"], row, strict=True)) for row in one["data"]]
                    for one in found]  # fmt: skip
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, IndexError) as e:
            raise CannotAsk("could not read what ovs-vsctl prints", because=str(e)) from e
        wanted = [{*columns.split(",")} for _, columns in tables]
        if len(rows) != len(tables) or any(
            columns - row.keys() for columns, some in zip(wanted, rows, strict=True) for row in some
        ):
            raise CannotAsk("could not read what ovs-vsctl prints",
                            because="it told less than was asked")  # fmt: skip
        return rows

    def _vsctl(self, *words: str) -> str:
        return self._run(("ovs-vsctl", *self._database, TIMEOUT, *words), "")


def _set(value: Any) -> list[str]:
    """Read one reference, or a set of them, as OVSDB writes it in JSON: RFC 7047 section 5.1."""
    kind, inside = _pair(value)
    if kind != "set" or not isinstance(inside, list):
        return [str(inside)]
    return [str(_pair(one)[1]) for one in inside]


def _map(value: Any) -> dict[str, Any]:
    """Read a map."""
    inside = _pair(value)[1]
    return dict(map(_pair, inside)) if isinstance(inside, list) else {}


def _pair(value: Any) -> tuple[str, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise CannotAsk("could not read what ovs-vsctl prints", because=f"{value!r} is no pair")
    return str(value[0]), value[1]


def _open(address: MirrorAddress) -> Mirror:
    if not address.host or not address.to:
        raise BadInput(
            "which bridge, and where are frames to be mirrored to?", try_="ovs://br0/mon0"
        )
    options = address.options
    return OpenVSwitchMirror(
        address.host, address.to, options.get("db", ""), options.get("control", "")
    )


OPEN_VSWITCH = MirrorDriver(("ovs",), "ovs://BRIDGE/PORT[?db=unix:…&control=…]", _open)
