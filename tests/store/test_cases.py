from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.samples import FLOW, MAKER, NOON, fill, letters, ticking
from whence.model import BadInput
from whence.store.cases import Cases


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    made = Cases(tmp_path / "cases", ticking(), letters())
    fill(made.create(FLOW, "first")).close()
    made.create(MAKER, "second").close()
    return made


def test_a_folder_that_is_not_there_has_no_cases(tmp_path: Path) -> None:
    none = Cases(tmp_path / "nowhere", ticking())
    assert none.list().cases == ()
    with pytest.raises(BadInput):
        none.find("last")
    assert not (tmp_path / "nowhere").exists()


def test_a_list_tells_what_each_case_is_about(cases: Cases) -> None:
    first, second = cases.list().cases
    assert (first.title, first.subject, first.steps) == ("first", FLOW, 3)
    assert first.verdict == ("explained", "The vendor's agent does it.")
    assert (second.title, second.subject, second.verdict) == ("second", MAKER, None)


def test_files_that_are_no_cases_do_not_hide_the_others(cases: Cases) -> None:
    (cases.directory / "2026-01-01-junk.case").write_bytes(b"junk")
    (cases.directory / "empty.case").touch()
    (cases.directory / "folder.case").mkdir()
    (cases.directory / "notes.txt").touch()
    found = cases.list()
    assert len(found.cases) == 2
    assert {path.name for path, _ in found.unreadable} == {
        "2026-01-01-junk.case",
        "empty.case",
        "folder.case",
    }


@pytest.mark.parametrize("name", ["2026-11-23-k7f1", "last", "k7f1", "f1"])
def test_a_case_can_be_named_in_short(cases: Cases, name: str) -> None:
    assert cases.find(name).name == "2026-11-23-k7f1.case"


@pytest.mark.parametrize("name", ["2026", "", "../2026-11-23-k7f1", "K", "2026-11-23-k7f1.case"])
def test_a_name_that_means_no_case_or_two(cases: Cases, name: str) -> None:
    with pytest.raises(BadInput):
        cases.find(name)


def test_the_last_case_is_the_one_worked_on_last(cases: Cases) -> None:
    later = Cases(cases.directory, ticking(NOON + timedelta(days=1)))
    opened = later.open("k7f0")
    opened.note("again", author="kim")
    opened.close()
    assert cases.find("last").name == "2026-11-23-k7f0.case"


def test_forgetting_leaves_nothing_behind(cases: Cases) -> None:
    opened = cases.open("k7f1")
    opened.note("unfinished", author="kim")
    gone = cases.forget("k7f1")
    assert len(gone) == 3
    assert [path.name for path in cases.directory.iterdir()] == ["2026-11-23-k7f0.case"]


def test_a_damaged_case_can_be_forgotten(cases: Cases) -> None:
    junk = cases.directory / "2026-01-01-junk.case"
    junk.write_bytes(b"junk")
    assert cases.verify("junk") == ("2026-01-01-junk.case is not a case: it is no SQLite file",)
    assert cases.forget("junk") == (junk,)
