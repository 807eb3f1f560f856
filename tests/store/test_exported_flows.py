from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("whence._native")

from tests.world.exporters import OneWay, netflow5
from whence._native import Stream
from whence.store.exported_flows import add_flows
from whence.store.flow_tables import empty_tables, put_rows
from whence.world.flow_exports import FlowExports

BEGAN = datetime(2023, 11, 14, 22, 13, 11, tzinfo=UTC)  # of OneWay, by its exporter's uptime


def exported(*flows: OneWay) -> Stream:
    """Give the flows that a router tells of."""
    exports = FlowExports.empty()
    exports.native.feed("192.0.2.1", 2055, 1_700_000_000_000_000_000, netflow5(*flows))
    exports.native.end_all()
    return exports.flows()


def test_rows_in_the_tables_are_numbered_on() -> None:
    with closing(empty_tables()) as tables:
        put_rows(tables, "flows", [{"flow": 7, "source_ip": "192.0.2.9"}])
        assert add_flows(tables, exported(OneWay(), OneWay(ports=(40001, 443)))) == 0
        found = tables.execute("SELECT flow, source_port, file FROM flows ORDER BY flow").fetchall()
    assert found == [(7, None, None), (8, 40000, ""), (9, 40001, "")]


def test_only_the_columns_that_are_asked_for() -> None:
    with closing(empty_tables(["flow", "source_ip"])) as tables:
        add_flows(tables, exported(OneWay()))
        assert tables.execute("FROM flows").fetchall() == [(1, "10.0.0.1")]


def test_only_flows_of_a_span_of_time() -> None:
    flows = (OneWay(), OneWay(ports=(40001, 443), times=(6000, 7000)))
    middle = BEGAN + timedelta(seconds=4)
    for since, until, port in ((middle, None, 40001), (None, middle, 40000)):
        with closing(empty_tables()) as tables:
            add_flows(tables, exported(*flows), since, until)
            assert tables.execute("SELECT source_port FROM flows").fetchall() == [(port,)]


@pytest.mark.parametrize(
    ("interfaces", "direction"), [((3, 4), ""), ((0, 0), ""), ((3, 0), "incoming")]
)
def test_what_goes_on_by_another_interface_does_not_end_there(
    interfaces: tuple[int, int], direction: str
) -> None:
    exports = FlowExports.empty()
    exports.native.add(
        exporter="192.0.2.1", received=1, first=1, last=1, source="10.0.0.1",
        destination="198.51.100.7", protocol=17, packets=1, bytes=100,
        input=interfaces[0], output=interfaces[1], direction=0,
    )  # fmt: skip
    exports.native.end_all()
    with closing(empty_tables()) as tables:
        add_flows(tables, exports.flows())
        assert tables.execute("SELECT direction_in FROM flows").fetchall() == [(direction,)]


def test_the_interfaces_of_the_exporter_are_kept_beside() -> None:
    with closing(empty_tables()) as tables:
        put_rows(tables, "flows", [{"flow": 7, "source_ip": "192.0.2.9"}])
        add_flows(tables, exported(OneWay(), OneWay().back()))
        found = tables.execute("FROM exported").fetchall()
        assert found == [(8, "192.0.2.1", 3, 4)]
        assert tables.execute("SELECT flow FROM flows ORDER BY flow").fetchall() == [(7,), (8,)]
