"""What devices of many makers answer, written down row by row, and what an expert reads in it.

A folder of ``recorded/snmp`` is a device: what it answers to each community, in the format of
snmpsim, and ``expected.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.snmp_agents import Recorded, recording, serving
from tests.switches.conftest import PATIENT, Serve
from whence.model.switching import PortKind
from whence.switches.snmp import SnmpSwitch
from whence.world import EPOCH
from whence.world.snmp import SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_list import Way

RECORDED = Path(__file__).parent / "recorded/snmp"
DEVICES = sorted(folder.name for folder in RECORDED.iterdir())


@pytest.mark.parametrize("device", DEVICES)
def test_each_row_is_what_an_expert_reads(device: str, serve: Serve) -> None:
    folder = RECORDED / device
    expected = json.loads((folder / "expected.json").read_text())
    switch = serve({file.stem: recording(file) for file in folder.glob("*.snmprec")})
    assert _found(switch) == _wanted(expected)
    for remark in expected["remarks"]:
        assert any(remark in told for told in switch.remarks())
    assert expected["members"] == {
        port.name: port.aggregate for port in switch.ports() if port.aggregate
    }


@pytest.mark.parametrize("device", DEVICES)
def test_an_agent_of_version_1_is_read_alike(device: str) -> None:
    folder = RECORDED / device
    recorded = Recorded({file.stem: recording(file) for file in folder.glob("*.snmprec")})
    with (
        serving(recorded) as port,
        SnmpAgent(SnmpAccess("127.0.0.1", port, "1"), PATIENT) as agent,
    ):
        way = Way("sw", "snmp", options={"version": "1"})
        switch = SnmpSwitch(SnmpDevice("sw", agent, lambda: EPOCH), way)
        assert _found(switch) == _wanted(json.loads((folder / "expected.json").read_text()))


def _found(switch: SnmpSwitch) -> list[str]:
    return sorted(str((row.mac, row.vlans, row.index, row.port)) for row in switch.learned())


def _wanted(expected: dict[str, Any]) -> list[str]:
    return sorted(
        str((row["mac"], tuple(row["vlans"]), row["ifIndex"], row["ifName"]))
        for row in expected["learned"]
    )


@pytest.mark.parametrize(
    ("device", "port"),
    [("netgear_m4300", "1/5/1"), ("hp_1810", "CPU Interface for Slot: 5 Port: 1")],
)
def test_what_the_switch_itself_is_behind_is_no_port(device: str, port: str, serve: Serve) -> None:
    switch = serve({"public": recording(RECORDED / device / "public.snmprec")})
    assert {one.name: one.kind for one in switch.ports()}[port] is PortKind.CPU
