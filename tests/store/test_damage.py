"""Whatever happens to the bytes of a case: a clear error or the truth, and no byte written."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.samples import a_case, some_facts, ticking
from whence.model import BadInput, CannotStore, WhenceError
from whence.store.case_file import CaseFile
from whence.store.cases import Cases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(a_case(tmp_path / "cases")) as case:
        return case.path


def test_random_damage_is_found_or_does_no_harm(path: Path) -> None:
    whole = path.read_bytes()
    chance = random.Random(2026)
    refused = 0
    for _ in range(200):
        damaged = _damage(whole, chance)
        path.write_bytes(damaged)
        problems = Cases(path.parent, ticking()).verify(path.stem)
        assert path.read_bytes() == damaged
        try:
            with closing(CaseFile.open(path, ticking())) as case:
                assert case.facts() == some_facts()
                assert case.verify() == [*problems]
                [*case.answers()]
        except WhenceError:
            refused += 1
            assert path.read_bytes() == damaged
        assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert refused > 50


def _damage(whole: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.2:
        return whole[: chance.randrange(len(whole))]
    damaged = bytearray(whole)
    for _ in range(chance.choice((1, 1, 3, 50))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def test_a_damaged_case_is_never_written_to(path: Path) -> None:
    damaged = path.read_bytes().replace(b"vendor", b"vendoR")
    path.write_bytes(damaged)
    with pytest.raises(BadInput, match="is damaged") as refusal:
        CaseFile.open(path, ticking())
    assert "chain is broken" in refusal.value.because
    assert path.read_bytes() == damaged


def _pragma(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as plain:
        plain.execute(statement)


def test_a_case_of_a_newer_whence(path: Path) -> None:
    _pragma(path, "PRAGMA user_version = 2")
    with pytest.raises(BadInput, match="newer whence") as refusal:
        CaseFile.open(path, ticking())
    assert refusal.value.try_ == "update whence"


def test_a_database_of_another_program(path: Path) -> None:
    _pragma(path, "PRAGMA application_id = 42")
    with pytest.raises(BadInput, match="is not a case"):
        CaseFile.open(path, ticking())


def test_a_case_to_which_somebody_added_a_trap(path: Path) -> None:
    trap = "CREATE TRIGGER trap AFTER INSERT ON journal BEGIN DELETE FROM text; END"
    _pragma(path, trap)
    with pytest.raises(BadInput, match="is damaged"):
        CaseFile.open(path, ticking())


def test_a_case_whose_guard_was_taken_away(path: Path) -> None:
    _pragma(path, "DROP TRIGGER journal_is_not_rewritten")
    with pytest.raises(BadInput, match="is damaged"):
        CaseFile.open(path, ticking())


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"SQLite format 3\0", b"hello"])
def test_a_file_that_is_no_case(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.case"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is not a case"):
        CaseFile.open(path, ticking())
    assert path.read_bytes() == content


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotStore):
        CaseFile.open(tmp_path / "x.case", ticking())
    assert not [*tmp_path.iterdir()]


def test_a_case_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CannotStore):
        CaseFile.open(tmp_path, ticking())
