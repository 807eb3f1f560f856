"""What an agent that mirrors counts, whichever counters it has."""

from __future__ import annotations

import pytest

from tests.snmp_agents import Recorded, Value, integer, octets, serving
from tests.switches.test_snmp import at
from whence.switches.mirror_smon import SmonMirror
from whence.world import ber
from whence.world.ber import Oid, parse_oid
from whence.world.snmp import Patience, SnmpAccess, SnmpAgent

IF, IF_X = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
WIDE = {f"{IF_X}.7": 10, f"{IF_X}.8": 20, f"{IF_X}.9": 30}
MIXED = {f"{IF}.11": 10, f"{IF_X}.2": 20, f"{IF_X}.3": 30}
OLD = {f"{IF}.11": 10, f"{IF}.12": 50}


@pytest.mark.parametrize("columns", [WIDE, MIXED, OLD])
@pytest.mark.parametrize("names", [f"{IF_X}.1", f"{IF}.2"])
def test_packets_to_one_to_a_group_and_to_all_are_counted(
    columns: dict[str, int], names: str
) -> None:
    values: dict[Oid, Value] = {parse_oid("1.3.6.1.2.1.1.5.0"): octets(b"sw1")}
    for number in (1, 24):
        values[at(names, number)] = octets(f"{number}".encode())
        for column, count in columns.items():
            values[at(column, number)] = integer(count, ber.COUNTER)
    with (
        serving(Recorded({"public": values})) as port,
        SnmpAgent(SnmpAccess("127.0.0.1", port), Patience(timeout=0.4, retries=1)) as agent,
    ):
        assert SmonMirror(agent, "24").counters() == {"1": 60}
