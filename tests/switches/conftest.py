"""Switches that answer on loopback, from recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.snmp_agents import Recorded, Value, serving
from whence.switches.snmp import SnmpSwitch
from whence.world import EPOCH
from whence.world.ber import Oid
from whence.world.snmp import Patience, SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_list import Way

Serve = Callable[[dict[str, dict[Oid, Value]]], SnmpSwitch]
PATIENT = Patience(timeout=0.4, retries=2, rows=20_000)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Make a switch of the values of an agent, by community."""
    with ExitStack() as stack:

        def switch(communities: dict[str, dict[Oid, Value]]) -> SnmpSwitch:
            port = stack.enter_context(serving(Recorded(communities)))
            agent = stack.enter_context(SnmpAgent(SnmpAccess("127.0.0.1", port), PATIENT))
            return SnmpSwitch(SnmpDevice("sw", agent, lambda: EPOCH), Way("sw", "snmp"))

        yield switch
