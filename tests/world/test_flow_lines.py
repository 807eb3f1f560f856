"""Lines of flows, held to the rule in ``tests/flow_documents.py``."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

pytest.importorskip("whence._native")

from tests.flow_documents import from_flow
from tests.world.exporters import OneWay, netflow5, rows
from whence.model import ecs
from whence.model.flow_tables import FLOWS
from whence.model.refusals import Refusal
from whence.store.flow_tables import empty_tables, put_rows
from whence.world.flow_exports import FlowExports
from whence.world.flow_lines import FlowLines, Form

Row = dict[str, Any]

STEERING = ["", "\x1b[31m", '"\\\b\f\n\r\t', "\x9b\u202e", "↔", "=1+1"]
TEXTS = some.text() | some.sampled_from(STEERING)
NUMBERS = {"UTINYINT": 8, "USMALLINT": 16, "UINTEGER": 32, "UBIGINT": 64}
ALWAYS_THERE = {
    "first", "last", "protocol", "source_packets", "source_bytes", "destination_packets",
    "destination_bytes",
}  # fmt: skip
TIMES = some.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001  # as the tables


def _cells(column: str, kind: str) -> some.SearchStrategy[Any]:
    if kind == "TIMESTAMP":
        return TIMES
    if kind == "VARCHAR":
        cells: some.SearchStrategy[Any] = TEXTS
    elif column.endswith(("_bytes", "_packets")):
        cells = some.integers(0, 1 << 60)
    else:
        cells = some.integers(0, (1 << NUMBERS[kind]) - 1)
    return cells if column in ALWAYS_THERE else some.none() | cells


ROWS = some.fixed_dictionaries(
    {
        **{column: _cells(column, kind) for column, kind in FLOWS.items() if column != "flow"},
        "source_ip": some.ip_addresses().map(str),
        "destination_ip": some.ip_addresses().map(str),
        "vlan": some.sampled_from(["", "100", "100.20", "100.20.3"]),
        "source_mac": some.sampled_from([None, "", "00:00:5e:00:53:af"]),
        "direction_in": some.sampled_from(["", "incoming", "outgoing", "forwarded?"]),
        "transport": some.sampled_from(["tcp", "udp", "icmp", "ipv6-icmp", "47"]),
    }
)


@cache
def shared_tables() -> duckdb.DuckDBPyConnection:
    """Give the same tables each time: to make an engine takes longer than an example."""
    return empty_tables()


def lines_of(
    table: Sequence[Row],
    form: Form,
    names: Mapping[str, str],
    most: int | None = None,
    refused: Sequence[Refusal] = (),
) -> list[str]:
    lines, tables = FlowLines(), shared_tables()
    tables.execute("DELETE FROM flows")
    put_rows(tables, "flows", table)
    lines.take(tables.sql("FROM flows"))
    ordered = lines.ordered(form, names, refused)
    text = b"".join(block for block, _ in ordered.blocks(most)).decode()
    return [*filter(None, [ordered.heading]), *text.removesuffix("\n").split("\n")]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(ROWS, min_size=1, max_size=5), TEXTS)
def test_a_document_says_what_the_rule_says(table: list[Row], name: str) -> None:
    numbered = [row | {"flow": number} for number, row in enumerate(table)]
    names = {table[0]["destination_ip"]: name}
    expected = [ecs.encode(from_flow(row, names)) for row in numbered]
    assert lines_of(numbered[::-1], "json", names) == expected


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS)
def test_a_line_of_csv_has_every_cell(row: Row) -> None:
    heading, line = csv.reader(lines_of([row | {"flow": 7}], "csv", {}))
    cells = dict(zip(heading, line, strict=True))
    assert [*cells] == [*FLOWS]
    assert cells["flow"] == "7"
    assert cells["first"] == row["first"].isoformat(timespec="microseconds") + "Z"
    for column, kind in FLOWS.items():
        if kind in NUMBERS and column != "flow":
            assert cells[column] == ("" if row[column] is None else str(row[column]))
        elif kind == "VARCHAR":
            assert cells[column].isprintable() or not (row[column] or "").isprintable()
            assert cells[column][:1] not in ("=", "+", "-", "@")


FLOW = {
    "flow": 1, "file": "office.pcap", "interface": "wan0", "vlan": "100.20", "tunnel": "VXLAN 7",
    "first": datetime(2026, 11, 17, 12, 0, 0, 999_999),  # noqa: DTZ001  # as the tables have it
    "last": datetime(2026, 11, 17, 13, 0, 1, 1_234),  # noqa: DTZ001
    "source_ip": "2001:db8::9", "destination_ip": "2001:db8::7", "source_port": 40000,
    "destination_port": 443, "protocol": 6, "transport": "tcp", "state": "SF",
    "direction_in": "outgoing", "source_packets": 1234, "destination_packets": 0,
    "source_bytes": 1125, "destination_bytes": 2_779_859_654, "server_name": None,
}  # fmt: skip


def test_a_row_for_people() -> None:
    assert lines_of([FLOW], "table", {"2001:db8::7": "www.example.org"})[1] == (
        "2026-11-17 12:00:00.999  3600.001 s  [2001:db8::9]:40000    [2001:db8::7]:443      "
        "tcp       SF           1,234 ↔ 0  1.12 kB ↔ 2.78 GB  "
        "wan0 VLAN 100.20 outgoing in VXLAN 7 (www.example.org)"
    )


def test_a_row_for_people_of_which_little_is_known() -> None:
    little = FLOW | {
        "transport": "icmp", "state": None, "interface": "", "vlan": "", "tunnel": "",
        "direction_in": "", "source_ip": "192.0.2.9", "destination_ip": "192.0.2.7",
    }  # fmt: skip
    [heading, row] = lines_of([little], "table", {})
    assert heading.startswith("first                       lasts  from  ")
    assert row.endswith("icmp                   1,234 ↔ 0  1.12 kB ↔ 2.78 GB")
    assert "  192.0.2.9              192.0.2.7              icmp" in row


REFUSAL = Refusal(
    first=datetime(2026, 11, 17, 12, tzinfo=UTC), last=datetime(2026, 11, 17, 12, 1, tzinfo=UTC),
    count=1, file="office.pcap", packet=2, interface="wan0", vlan="", sender_ip="2001:db8::1",
    receiver_ip="2001:db8::9", icmp="ipv6-icmp", type=1, code=0, fits=0, transport="tcp",
    source_ip="2001:db8::9", source_port=40000, destination_ip="2001:db8::7",
    destination_port=443,
)  # fmt: skip


@pytest.mark.parametrize(
    ("quoted", "told"),
    [
        ((40000, 443), True),
        ((40000, 80), False),
        ((None, None), True),  # of a later fragment, or cut off
    ],
)
def test_a_refusal_is_told_of_the_flow_that_is_quoted(
    quoted: tuple[int | None, int | None], told: bool
) -> None:
    refused = replace(REFUSAL, source_port=quoted[0], destination_port=quoted[1])
    [_, row] = lines_of([FLOW], "table", {}, refused=[refused])
    assert row.endswith(" · 2001:db8::1 told 2001:db8::9: no route") is told


def test_no_more_than_so_many() -> None:
    table = [FLOW | {"flow": number} for number in (3, 1, 2)]
    found = [json.loads(line)["whence"]["flow"] for line in lines_of(table, "json", {}, 2)]
    assert found == [1, 2]


def test_nothing_has_no_lines() -> None:
    assert [*FlowLines().ordered("csv", {}).blocks()] == []


def test_many_flows_come_in_order() -> None:
    many = 100_000  # some times as many as are kept in memory
    lines = FlowLines()
    with closing(empty_tables()) as tables:
        lines.take(
            tables.sql(
                f"""SELECT (range * 7919 % {many})::UBIGINT AS flow,
                '192.0.2.' || (flow % 250) AS source_ip, 'abcdefgh' AS state FROM range({many})"""
            )
        )
    blocks = [block for block, _ in lines.ordered("csv", {}).blocks()]
    assert max(map(sys.getsizeof, blocks)) < 300_000
    found = b"".join(blocks).splitlines()
    assert found == [b"%d,192.0.2.%d,abcdefgh" % (flow, flow % 250) for flow in range(many)]


def test_no_room_for_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "missing"
    monkeypatch.setenv("TMPDIR", str(missing))
    with closing(empty_tables()) as tables, pytest.raises(FileNotFoundError) as raised:
        FlowLines().take(tables.sql("SELECT range::UBIGINT AS flow FROM range(1_000_000)"))
    assert raised.value.filename == str(missing)


def test_what_an_exporter_tells() -> None:
    def exported() -> FlowExports:
        exports = FlowExports.empty()
        datagram = netflow5(OneWay(), OneWay().back())
        exports.native.feed("192.0.2.1", 2055, 1_700_000_000_000_000_000, datagram)
        exports.native.end_all()
        return exports

    [row] = rows(exported().flows())
    lines = FlowLines()
    lines.take(exported().flows())
    [(line, _)] = lines.ordered("json", {}).blocks()
    assert json.loads(line) == from_flow(row, {})
    assert json.loads(line)["whence"]["exporter"] == "192.0.2.1"


def test_flows_are_given_once() -> None:
    lines = FlowLines()
    lines.ordered("json", {})
    with pytest.raises(ValueError, match="given once"):
        lines.ordered("json", {})


def test_what_is_no_flow() -> None:
    with closing(empty_tables()) as tables, pytest.raises(ValueError, match="no column flow"):
        FlowLines().take(tables.sql("SELECT 1::UBIGINT AS other"))
