from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.samples import FLOW, MAKER, lineage, sighting, ticking
from whence.model import CannotAsk, Flow, ecs
from whence.store import witness
from whence.store.history import History
from whence.store.witness import HistoryWitness


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with closing(History(tmp_path / "history", ticking())) as opened:
        yield opened


@pytest.fixture
def told(history: History) -> HistoryWitness:
    return HistoryWitness(history, ticking())


def test_each_sighting_is_a_line_oldest_first(history: History, told: HistoryWitness) -> None:
    all_of_them = [sighting(number) for number in range(3)]
    history.add(all_of_them)
    reading = told.connections(FLOW)
    assert reading.source == "connections 203.0.113.7:443"
    assert reading.observer == "fw"
    assert [ecs.from_line(line) for line in reading.lines()] == all_of_them


def test_only_the_newest_are_told(history: History, told: HistoryWitness) -> None:
    all_of_them = [sighting(number) for number in range(witness.MOST + 5)]
    history.add(all_of_them)
    lines = [*told.connections(FLOW).lines()]
    assert len(lines) == witness.MOST
    assert ecs.from_line(lines[0]) == all_of_them[5]
    assert ecs.from_line(lines[-1]) == all_of_them[-1]


def test_an_address_that_was_never_called(history: History, told: HistoryWitness) -> None:
    history.add([sighting()])
    assert told.connections(Flow("192.0.2.99")).text == ""


def test_a_process_and_its_ancestors_are_a_line_each(
    history: History, told: HistoryWitness
) -> None:
    history.add([sighting()])
    process = lineage()[0].process
    reading = told.process(process)
    assert reading.source == f"process {process.pid}@{process.started}"
    assert tuple(map(ecs.record_from_line, reading.lines())) == lineage()


def test_a_process_that_was_not_recorded(history: History, told: HistoryWitness) -> None:
    history.add([sighting()])
    with pytest.raises(CannotAsk):
        told.process(replace(MAKER, pid=1))


def test_a_machine_without_recorder(told: HistoryWitness) -> None:
    with pytest.raises(CannotAsk, match="no history") as refusal:
        told.connections(FLOW)
    assert refusal.value.try_ == "whence record install"


def test_nothing_found_is_no_answer_where_not_everything_could_be_read(
    history: History, told: HistoryWitness
) -> None:
    history.add([sighting()])
    (history.directory / "000000-2026-11-22.history").write_bytes(b"damaged")
    assert len(told.connections(FLOW).text.splitlines()) == 1
    with pytest.raises(CannotAsk, match="is not a segment"):
        told.connections(Flow("192.0.2.99"))
