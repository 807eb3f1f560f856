"""Mirrors by SNMP: portCopyTable of SMON-MIB, RFC 2613 section 5.

The one way that many makers share: HP ProCurve and ArubaOS-S, Cisco Small Business, Linksys and
Dell PowerConnect (RADLAN), old 3Com and H3C. A row is a port and where it is copied to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from whence.model import BadInput, CannotAsk
from whence.model.bisection import Port
from whence.model.computed_once import computed_once
from whence.switches.snmp import SnmpSwitch
from whence.world import utc_now
from whence.world.ber import parse_oid
from whence.world.mirror import Mirror, MirrorAddress, MirrorDriver, Mirrors, check_ports
from whence.world.post import Secret
from whence.world.snmp import Binding, SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_list import Way
from whence.world.switch_settings import SwitchSettings

IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"  # IF-MIB
IF_DESCRIPTION = "1.3.6.1.2.1.2.2.1.2"
# Packets that came in, by one agent in 64 bits, by another in 32: to one, to a group, to all; the
# oldest count the latter two as one.
IN_PACKETS = (
    ("1.3.6.1.2.1.31.1.1.1.7", "1.3.6.1.2.1.2.2.1.11"),
    ("1.3.6.1.2.1.31.1.1.1.8", "1.3.6.1.2.1.31.1.1.1.2", "1.3.6.1.2.1.2.2.1.12"),
    ("1.3.6.1.2.1.31.1.1.1.9", "1.3.6.1.2.1.31.1.1.1.3"),
)
SYSTEM_NAME = "1.3.6.1.2.1.1.5.0"  # SNMPv2-MIB
COPIES = "1.3.6.1.2.1.16.22.1.3.1.1"  # portCopyEntry
DIRECTION, STATUS = 4, 5  # portCopyDirection, portCopyStatus
RECEIVED, SENT = 1, 2  # copyRxOnly, copyTxOnly
ACTIVE, CREATE_AND_GO, DESTROY = 1, 4, 6  # RowStatus, RFC 2579
MOST = 4096  # interfaces and rows that are read

Row = tuple[int, int, int]  # from, to, direction


class SmonMirror:
    """A switch whose agent has the table, and lets this community write it."""

    def __init__(self, agent: SnmpAgent, to: Port) -> None:
        self._agent = agent
        self._numbers = dict(self._interfaces())
        check_ports([to], [*self._numbers], str(agent.access))
        self._to = self._numbers[to]
        named = agent.get(SYSTEM_NAME)[0].value
        text = named.decode("utf-8", "replace") if isinstance(named, bytes) else str(named or "")
        self.switch = text or str(agent.access)

    def names(self) -> tuple[Port, ...]:
        """Name the interfaces."""
        return tuple(name for name, number in self._numbers.items() if number != self._to)

    def mirrored(self) -> Mirrors:
        """Read the rows whose frames come to us."""
        by_number = {number: name for name, number in self._numbers.items()}
        rows = [row for row in self._rows() if row[1] == self._to]
        ports = {by_number.get(source, str(source)) for source, _, way in rows if way & RECEIVED}
        uplinks = [by_number.get(source, str(source)) for source, _, way in rows if way == SENT]
        return Mirrors(frozenset(ports), uplinks[0] if uplinks else "")

    def mirror(self, wanted: Mirrors) -> None:
        """Destroy rows and make others."""
        check_ports([*wanted.ports, *filter(None, [wanted.uplink])], self.names(), self.switch)
        rows = {(self._numbers[name], self._to, RECEIVED) for name in wanted.ports}
        if wanted.uplink:
            rows.add((self._numbers[wanted.uplink], self._to, SENT))
        self._change({row for row in self._rows() if row[1] == self._to}, rows)

    def saved(self) -> str:
        """Write down all rows."""
        return json.dumps(sorted(self._rows()))

    def restore(self, saved: str) -> None:
        """Make the table what it was."""
        before = {(int(a), int(b), int(way)) for a, b, way in json.loads(saved)}
        self._change({*self._rows()}, before)

    def stations(self) -> dict[str, Port]:
        """Say behind which port which station is, where the agent has a forwarding table."""
        device = SnmpDevice(self.switch, self._agent, utc_now)
        names = {number: name for name, number in self._numbers.items()}
        try:
            rows = [*SnmpSwitch(device, Way(self.switch, "snmp")).learned()]
        except CannotAsk:
            return {}
        return {row.mac: names[row.index] for row in rows if row.index in names}

    def counters(self) -> dict[Port, int]:
        """Give how many packets came in by each port, to whomever they were."""
        by_number = {number: name for name, number in self._numbers.items()}
        found: dict[Port, int] = {}
        for column in self._counted:
            for number, value in self._column(column).items():
                if number in by_number and number != self._to:
                    found[by_number[number]] = found.get(by_number[number], 0) + value
        return found

    @computed_once
    def _counted(self) -> tuple[str, ...]:
        """Name the counters that the agent has."""
        first = (next(filter(self._column, columns), "") for columns in IN_PACKETS)
        return tuple(filter(None, first))

    def _column(self, oid: str) -> dict[int, int]:
        rows = islice(self._agent.walk(oid), MOST)
        return {oid[-1]: value for oid, value, _ in rows if isinstance(value, int)}

    def close(self) -> None:
        """Close the socket."""
        self._agent.close()

    def _change(self, present: set[Row], wanted: set[Row]) -> None:
        for source, to, _ in sorted(present - wanted):
            self._set(source, to, (STATUS, DESTROY))
        for source, to, way in sorted(wanted - present):
            self._set(source, to, (DIRECTION, way), (STATUS, CREATE_AND_GO))

    def _set(self, source: int, to: int, *columns: tuple[int, int]) -> None:
        rows = [parse_oid(f"{COPIES}.{column}.{source}.{to}") for column, _ in columns]
        self._agent.set(*(Binding(oid, value, "INTEGER")
                          for oid, (_, value) in zip(rows, columns, strict=True)))  # fmt: skip

    def _rows(self) -> list[Row]:
        base = parse_oid(COPIES)
        directions: dict[tuple[int, int], int] = {}
        active: set[tuple[int, int]] = set()
        for count, (oid, value, _) in enumerate(self._agent.walk(COPIES)):
            index = oid[len(base) :]
            if count > MOST:
                raise CannotAsk("the table of mirrors is too long", because=f"over {MOST} rows")
            if len(index) != 3 or not isinstance(value, int):
                continue
            column, source, to = index
            if column == DIRECTION:
                directions[source, to] = value
            elif column == STATUS and value == ACTIVE:
                active.add((source, to))
        return [(*pair, way) for pair, way in directions.items() if pair in active]

    def _interfaces(self) -> Iterator[tuple[Port, int]]:
        """Name the interfaces: by ifName, else by ifDescr."""
        rows = [*islice(self._agent.walk(IF_NAME), MOST)]
        for oid, value, _ in rows or islice(self._agent.walk(IF_DESCRIPTION), MOST):
            name = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            yield name or str(oid[-1]), oid[-1]


def _open(address: MirrorAddress) -> Mirror:
    if not address.host or not address.to:
        raise BadInput("which switch, and where are frames to be mirrored to?",
                       try_="smon://COMMUNITY@192.0.2.2/24")  # fmt: skip
    host = f"[{address.host}]" if ":" in address.host else address.host
    url = f"{host}:{address.port}" if address.port else host
    access = SwitchSettings.read(os.environ).find(url).access
    assert isinstance(access, SnmpAccess)
    if address.user:
        access = replace(access, community=Secret(address.user))
    return SmonMirror(SnmpAgent(access), address.to)


SMON = MirrorDriver(("smon",), "smon://[COMMUNITY@]SWITCH/PORT", _open, changes=0.5)
