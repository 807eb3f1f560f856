"""Recordings of real switches, served over UDP: every row of their forwarding tables is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.snmp_agents import recording
from tests.switches.conftest import Serve

SAMPLES = Path(__file__).parents[3] / "shared/samples/fdb"
CASES = sorted(file.stem for file in SAMPLES.glob("*.snmprec"))
pytestmark = pytest.mark.skipif(not CASES, reason=f"the recordings are not at {SAMPLES}")

Row = tuple[str, int, tuple[int, ...], int | None, str]


@pytest.mark.parametrize("case", CASES)
def test_each_row_of_a_forwarding_table_is_right(case: str, serve: Serve) -> None:
    expected = json.loads((SAMPLES / f"{case}.expected.json").read_text())
    switch = serve({"public": recording(SAMPLES / f"{case}.snmprec")})
    wanted: list[Row] = [
        (row["mac"], row["fdb_id"], tuple(row["vlans"]), row["ifIndex"], row["ifName"])
        for row in expected["expected_fdb"]
    ]
    found: list[Row] = [
        (row.mac, row.fdb_id, row.vlans, row.index, row.port) for row in switch.learned()
    ]
    assert sorted(found) == sorted(wanted)
    links = {
        (link["protocol"], link["ifName"], link["remote_hostname"])
        for link in expected["expected_links"]
    }
    assert links <= {(one.protocol, one.port, one.system_name) for one in switch.neighbours()}
    assert all(row.evidence for row in switch.ports())
    assert [*switch.counters()]
