"""The names that addresses had while the recorder ran."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from whence.model import BadInput, CannotAsk
from whence.model.heard_names import HeardName
from whence.store import heard_names
from whence.store.heard_names import FILE, HeardNames
from whence.world import EPOCH

SERVER, YEAR = "203.0.113.9", timedelta(days=365)


def heard(name: str, days: int = 0, how: str = "dns", address: str = SERVER) -> HeardName:
    return HeardName(EPOCH + timedelta(days=days), address, name, how)


def told(names: HeardNames, address: str = SERVER) -> list[Any]:
    return [json.loads(line) for line in names.heard_for(address).text.splitlines()]


@pytest.fixture
def names(tmp_path: Path) -> HeardNames:
    return HeardNames(tmp_path, lambda: EPOCH + timedelta(days=20))


def test_a_name_is_kept_with_when_it_was_heard_first_and_last(names: HeardNames) -> None:
    names.add([heard("old.example"), heard("www.example", 1), heard("www.example", 3)], YEAR)
    names.add([heard("www.example", 2), heard("www.example", 2, "tls")], YEAR)
    latest, by_tls, old = told(names)
    assert (latest["name"], latest["how"], latest["count"]) == ("www.example", "dns", 3)
    assert (latest["first"], latest["last"]) == ("2026-01-02T00:00:00Z", "2026-01-04T00:00:00Z")
    assert (by_tls["how"], old["name"]) == ("tls", "old.example")
    assert not told(names, "203.0.113.10")


def test_only_what_name_servers_said_is_looked_for(names: HeardNames) -> None:
    names.add([heard("true.example"), heard("made-up.example", how="tls")], YEAR)
    assert names.resolving_to(SERVER) == ("true.example",)


def test_what_was_not_heard_for_long_is_dropped(names: HeardNames) -> None:
    names.add([heard("old.example"), heard("new.example", 15)], timedelta(days=10))
    assert [row["name"] for row in told(names)] == ["new.example"]


def test_of_too_many_the_oldest_are_dropped(
    names: HeardNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heard_names, "MOST", 3)
    names.add([heard(f"{day}.example", day) for day in range(5)], YEAR)
    assert [row["name"] for row in told(names)] == ["4.example", "3.example", "2.example"]


def test_where_nobody_recorded_that_is_said(names: HeardNames) -> None:
    with pytest.raises(CannotAsk, match="no names were heard"):
        names.heard_for(SERVER)


def test_a_file_that_is_something_else_is_refused(names: HeardNames, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database")
    with pytest.raises(BadInput, match="is not a file of heard names"):
        names.heard_for(SERVER)
    with pytest.raises(BadInput):
        names.add([heard("www.example")], YEAR)
    assert (tmp_path / FILE).read_bytes() == b"no database"
