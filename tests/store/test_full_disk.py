"""A disk that is full: RLIMIT_FSIZE refuses to let files grow, as a full disk does."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.store.samples import CRONTAB, FLOW, NOON, a_case, letters, sightings, ticking
from whence.model import CannotStore, Flow, Reading, SensorStatus
from whence.store.case_file import CaseFile
from whence.store.cases import Cases
from whence.store.history import History


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def write_without_end(write: Callable[[], None]) -> None:
    for _ in range(100_000):
        write()


def largest_in(directory: Path) -> int:
    return max(path.stat().st_size for path in directory.iterdir())


def test_a_case_on_a_full_disk(tmp_path: Path) -> None:
    with closing(a_case(tmp_path)) as case:
        entries = len([*case.journal()])
        with no_file_larger_than(largest_in(tmp_path) + 20_000):
            with pytest.raises(CannotStore) as refusal:
                write_without_end(lambda: case.note("a note " * 20, author="kim"))
            assert refusal.value.because
            assert refusal.value.try_
            written = len(case.notes())
            assert not case.verify()
        case.note("there is room again", author="kim")
        assert len(case.notes()) == written + 1
        assert len([*case.journal()]) == entries + written
        assert not case.verify()


def test_a_reading_that_found_no_room_leaves_no_trace(tmp_path: Path) -> None:
    with closing(a_case(tmp_path)) as case:
        incompressible = "".join(map(chr, range(256, 50_000)))
        large = Reading("/large", incompressible, NOON, "fw")
        with no_file_larger_than(largest_in(tmp_path) + 8_000), pytest.raises(CannotStore):
            case.keep_reading(large.source, large)
        assert not case.verify()
        case.keep_reading(large.source, large)
        assert [*case.answers()][-1] == (large.source, large)


def test_a_case_can_be_read_while_the_disk_is_full(tmp_path: Path) -> None:
    a_case(tmp_path).close()
    with no_file_larger_than(0):
        cases = Cases(tmp_path, ticking())
        assert len(cases.list().cases) == 1
        assert not cases.verify("last")
        with closing(cases.open("last")) as case:
            assert case.evidence("E2")[1] == CRONTAB.text
            with pytest.raises(CannotStore) as refusal:
                case.note("no room", author="kim")
    assert refusal.value.because == "it could only be opened for reading"


def test_a_case_cannot_be_begun_on_a_full_disk(tmp_path: Path) -> None:
    with no_file_larger_than(5_000), pytest.raises(CannotStore):
        CaseFile.create(tmp_path, FLOW, ticking(), letters=letters())
    assert not [*tmp_path.iterdir()]


def test_an_export_that_found_no_room_leaves_no_file(tmp_path: Path) -> None:
    a_case(tmp_path / "cases").close()
    with no_file_larger_than(100), pytest.raises(CannotStore):
        Cases(tmp_path / "cases", ticking()).export("last", tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["cases"]


def test_a_history_on_a_full_disk(tmp_path: Path) -> None:
    with closing(History(tmp_path, ticking())) as history:
        history.add([*sightings(0, 100)])
        with no_file_larger_than(largest_in(tmp_path) + 50_000):
            peers = count(100, 100)
            with pytest.raises(CannotStore):
                write_without_end(lambda: history.add([*sightings(next(peers), 100)]))
            added = next(peers) - 100
            assert len([*history.sightings(Flow())]) == added
        history.add([*sightings(200_000, 100)])
        history.note_status(SensorStatus("ebpf", NOON))
        assert len([*history.sightings(Flow())]) == added + 100
        assert not history.unreadable


def test_a_case_that_was_open_when_the_disk_filled(tmp_path: Path) -> None:
    with closing(a_case(tmp_path)) as case:
        with no_file_larger_than(0), pytest.raises(CannotStore):
            case.note("no room", author="kim")
        assert [note.text for note in case.notes()] == ["called the vendor"]
        assert case.evidence("E2")[1] == CRONTAB.text
