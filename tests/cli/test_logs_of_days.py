"""Logs of which each day has a file of its own, as rotation leaves them."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.conftest import Whence

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
NOON = timedelta(hours=12)
USERS = [f"{a}{b}" for a in ("al", "bo", "ca", "da", "em", "fa") for b in ("ra", "do", "ni", "tu")]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight days of mails that go wrong twice a minute, by whomever; at the last noon often."""
    folder = tmp_path_factory.mktemp("days")
    chance = random.Random(5)
    files = []
    for day in range(8):
        begin = FIRST + timedelta(days=day)
        times = [begin + timedelta(seconds=30 * n) for n in range(2 * 24 * 60)]
        if day == 7:
            times += [begin + NOON + timedelta(seconds=n % 1800) for n in range(1200)]
        users = chance.sample(USERS, len(USERS))  # who is first is another one each day
        file = folder / f"mail-{begin:%Y%m%d}.log"
        file.write_text(
            "".join(
                f"{at:%b %d %H:%M:%S} web-1 app: mail to {chance.choice(users)} could not be sent\n"
                for at in sorted(times)
            )
        )
        files.append(file)
    return files


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENCE_STATE", str(tmp_path / "state"))


def usual(said: str) -> list[tuple[int, float]]:
    """Give events and what was usual of each pattern, those of most events first."""
    found: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines()]
    patterns = [one for one in found if one["event"]["action"] == "log-increase"]
    counts = [(one["whence"]["count"], one["whence"]["log_pattern"]["usual"]) for one in patterns]
    return sorted(counts, reverse=True)


def test_a_wording_has_the_same_id_in_each_file(
    whence: Whence, days: list[Path], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    ids: list[set[str]] = []
    for file in days[:4]:  # each by a process of its own, as cron does it
        assert whence("logs", "load", "--lake", str(lake), "--zone", "UTC", str(file))[0] == 0
    with duckdb.connect() as engine:
        for file in days[:4]:
            rows = engine.execute(
                f"SELECT DISTINCT template FROM read_parquet('{lake}/rows*.parquet') "
                "WHERE peer = $1", [str(file)],
            ).fetchall()  # fmt: skip
            ids.append({template for (template,) in rows})
    assert ids[0] >= ids[1] | ids[2] | ids[3]


@pytest.mark.parametrize("loaded", [False, True])
def test_what_was_usual_stands_in_another_file(
    whence: Whence, days: list[Path], tmp_path: Path, loaded: bool
) -> None:
    given = [str(file) for file in days]
    if loaded:
        lake = str(tmp_path / "lake")
        for file in given:
            assert whence("logs", "load", "--lake", lake, "--zone", "UTC", file)[0] == 0
        given = ["--lake", lake]
    else:
        given += ["--zone", "UTC"]
    status, said, err = whence(
        "logs", "explain", "--json", "--window", "2026-11-27 12:00Z..12:30Z", *given
    )
    assert status == 0, err
    (events, before), *_ = usual(said)
    assert events > 1000
    assert before > 30  # sixty mails went wrong at that time a week earlier
