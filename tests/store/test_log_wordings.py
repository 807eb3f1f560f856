"""Wordings that are known from one run to the next."""

from __future__ import annotations

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from whence.model import CannotStore
from whence.store.log_wordings import MOST, NAME, Wordings

TODAY = date(2026, 3, 3)


def test_what_was_met_is_known_the_next_time(tmp_path: Path) -> None:
    wordings = Wordings(tmp_path)
    wordings.keep(
        [("a1", "app: <*> failed", 3), ("cisco_asa:419002", "cisco_asa:419002", 9)], TODAY
    )
    assert Wordings(tmp_path).known == wordings.known == [("a1", "app: <*> failed")]
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_wording_that_became_wider_is_kept_as_it_is_now(tmp_path: Path) -> None:
    wordings = Wordings(tmp_path)
    wordings.keep([("a1", "app: al failed", 1)], TODAY)
    wordings.keep([("a1", "app: <*> failed", 2)], TODAY)
    assert Wordings(tmp_path).known == [("a1", "app: <*> failed")]


def test_nothing_is_written_where_nothing_is_new(tmp_path: Path) -> None:
    wordings = Wordings(tmp_path)
    wordings.keep([("a1", "app: failed", 1)], TODAY)
    written = (tmp_path / NAME).stat().st_ino
    wordings.keep([("a1", "app: failed", 7), ("b2", "app: only known", 0)], TODAY)
    assert (tmp_path / NAME).stat().st_ino == written


def test_those_that_were_seen_last_are_known_where_there_are_too_many(tmp_path: Path) -> None:
    wordings = Wordings(tmp_path)
    wordings.keep([("old", "app: old", 1)], TODAY - timedelta(days=9))
    wordings.keep([("still", "app: still", 1)], TODAY - timedelta(days=9))
    wordings.keep([(f"{n}", f"app: {n}", 1) for n in range(MOST - 1)], TODAY - timedelta(days=1))
    wordings.keep([("still", "app: still", 2)], TODAY)
    known = dict(Wordings(tmp_path).known)
    assert (len(known), "still" in known, "old" in known) == (MOST, True, False)


def test_what_another_has_kept_meanwhile_stays(tmp_path: Path) -> None:
    receiver, loader = Wordings(tmp_path), Wordings(tmp_path)
    loader.keep([("a1", "app: loaded", 1)], TODAY)
    receiver.keep([("b2", "app: received", 1)], TODAY)
    assert sorted(Wordings(tmp_path).known) == [("a1", "app: loaded"), ("b2", "app: received")]


@pytest.mark.parametrize("content", [b"", b"{}", b"[[1,2,3]]", b'[["a","b"]]', b"\xff"])
def test_what_is_damaged_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(CannotStore, match="is damaged") as told:
        Wordings(tmp_path)
    assert told.value.try_.startswith("remove it")
