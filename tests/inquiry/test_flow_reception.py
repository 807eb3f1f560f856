from __future__ import annotations

import socket
from datetime import timedelta

import pytest

pytest.importorskip("whence._native")

from tests.world.exporters import OneWay, netflow5, rows
from whence.inquiry.flow_reception import receive_flows


def test_flows_come_in_batches_and_the_open_ones_last() -> None:
    ports: list[int] = []
    turns = iter([False, False, True])
    receptions = receive_flows(
        "127.0.0.1",
        0,
        every=timedelta(seconds=0.1),
        stop=lambda: next(turns),
        listening=ports.append,
    )
    first = next(receptions)
    assert first.ended == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as router:
        router.sendto(netflow5(OneWay(), OneWay().back()), ("127.0.0.1", ports[0]))
        second = next(receptions)
    assert (second.ended, second.totals.records, len(second.senders)) == (0, 2, 1)
    last = next(receptions)
    assert len(rows(last.flows)) == 1
    assert next(receptions, None) is None
