"""Files of log lines, loaded, counted, drawn; and when their disk is full."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from tests.cli.conftest import Whence
from tests.store.log_rows import rows
from whence.analysis.log_baseline import judged
from whence.cli.log_chart import chart
from whence.store.log_lake import LogLake

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
FLOOD = BEGIN + timedelta(days=20, hours=3)
HOURS = 21 * 24
HOSTILE = "fw-<script>\x1b[2J"


@cache
def lines() -> list[str]:
    """Write three weeks of a firewall, with a flood in the last night."""
    chance = random.Random(3)
    made = []
    for hour in range(HOURS):
        begin = BEGIN + timedelta(hours=hour)
        count = round(chance.gauss(30, 2)) + (400 if FLOOD <= begin < FLOOD + 3 * HOUR else 0)
        for number in range(count):
            at = begin + timedelta(seconds=number * 3600 // count)
            made.append(
                f"<164>{at:%b %d %Y %H:%M:%S} fw-{number % 2} : %ASA-4-419002: Received duplicate "
                f"TCP SYN from inside:192.0.2.7/{1024 + number} to outside:198.51.100.9/10050 "
                "with different initial sequence number"
            )
    return made


HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "fw.log"
    path.write_text("\n".join(lines()) + "\n")
    os.utime(path, (1.7e9, 1.7e9))
    return path


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def count(whence: Whence) -> int:
    status, out, _ = whence("logs", "rate", "--json", "--since", "2026-11-01",
                            "--until", "2026-11-24")  # fmt: skip
    assert status == 0
    documents = [json.loads(line) for line in out.splitlines()]
    return sum(one["whence"]["rate"]["lines"]["count"]
               for one in documents if one["event"]["kind"] == "metric")  # fmt: skip


def test_a_file_is_loaded_once_by_whatever_name(whence: Whence, log: Path, tmp_path: Path) -> None:
    total = len(lines())
    status, out, _ = whence("logs", "load", str(log))
    assert (status, f"{total:,} lines" in out) == (0, True)
    data = log.read_bytes()
    same = {
        "fw.log.2.gz": gzip.compress(data),
        "fw.log-20261123.xz": lzma.compress(data),
        "fw.log-20261123.bz2": bz2.compress(data),
        "exported.txt": data.decode().encode("utf-16"),
        "exported.txt.xz": lzma.compress(data.decode().encode("utf-16")),
    }
    for name, content in same.items():
        (tmp_path / name).write_bytes(content)
    status, out, _ = whence("logs", "load", str(log), *(str(tmp_path / name) for name in same))
    assert status == 0
    assert out.count(" 0 lines") == 1 + len(same)
    assert count(whence) == total


def test_lines_in_utf_16_that_are_being_written(whence: Whence, log: Path, tmp_path: Path) -> None:
    growing = tmp_path / "transcript.log"
    whole = log.read_text().encode("utf-16")
    growing.write_bytes(whole[: len(whole) // 2])
    assert whence("logs", "load", str(growing))[0] == 0
    growing.write_bytes(whole)
    os.utime(growing, (1.7e9, 1.7e9))
    assert whence("logs", "load", str(growing))[0] == 0
    assert count(whence) == len(lines())


def test_what_was_added_to_a_file_is_loaded(whence: Whence, log: Path, tmp_path: Path) -> None:
    growing = tmp_path / "fw.log"
    whole = log.read_bytes()
    cut = whole.index(b"\n", len(whole) // 2) + 20  # in the middle of a line
    growing.write_bytes(whole[:cut])
    assert whence("logs", "load", str(growing))[0] == 0
    growing.write_bytes(whole)
    os.utime(growing, (1.7e9, 1.7e9))
    assert whence("logs", "load", str(growing))[0] == 0
    assert count(whence) == len(lines())


def test_what_cannot_be_loaded_does_not_stop_the_rest(
    whence: Whence, log: Path, tmp_path: Path
) -> None:
    xz = tmp_path / "old.xz"
    xz.write_bytes(lzma.compress(log.read_bytes())[:-9])
    status, out, err = whence("logs", "load", str(tmp_path / "gone"), str(xz), str(log))
    assert status == 65
    assert "there is no file" in err
    assert "old.xz is damaged" in err
    assert str(log) in out


def test_a_flood_in_the_lake_and_in_the_file_is_told_the_same(whence: Whence, log: Path) -> None:
    whence("logs", "load", str(log))
    assert whence("logs", "tidy", "--keep", "9999d")[0] == 0
    span = ("--since", "2026-11-21", "--until", "2026-11-23T00:00Z")
    _, from_lake, _ = whence("logs", "rate", *span)
    status, from_file, _ = whence("logs", "rate", str(log), *span)
    assert status == 0
    [told] = [line for line in from_lake.splitlines() if "times the usual" in line]
    assert told in from_file
    assert "2026-11-22 03:00 UTC to 06:00" in told
    assert "▲▲▲" in from_lake


def test_an_old_lake_shows_the_last_that_it_has(whence: Whence, tmp_path: Path) -> None:
    old = tmp_path / "old.log"
    old.write_text("".join(f"Mar  {day} 2020 10:00:00 fw su: of {day}\n" for day in (2, 3, 4)))
    assert whence("logs", "load", str(old))[0] == 0
    status, out, err = whence("logs", "rate")
    assert (status, "2020-03-04 10:00" in out) == (0, True)
    assert "the last line was received at 2020-03-04 10:00 UTC" in err


def test_what_cannot_be_counted_is_refused(whence: Whence, tmp_path: Path) -> None:
    packed = tmp_path / "old.bz2"
    packed.write_bytes(b"BZh91AY&SY")
    for path, said in (
        (packed, "nothing could be read"),
        (tmp_path, "is a folder"),
        (tmp_path / "x", "no file"),
    ):
        status, _, err = whence("logs", "rate", str(path))
        assert (status, said in err) == (65, True), err


def test_a_picture_of_a_rate(whence: Whence, log: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.log"
    text = "\n".join(line.replace("fw-1", HOSTILE) for line in lines())
    hostile.write_text(text + "\n")
    status, out, _ = whence("logs", "rate", str(hostile), "--svg", str(tmp_path / "rate.svg"))
    assert status == 0
    assert "\x1b" not in out
    drawn = (tmp_path / "rate.svg").read_text()
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert "<script" not in drawn
    assert "\x1b" not in drawn


def test_a_lake_that_is_empty_says_how_to_fill_it(whence: Whence) -> None:
    status, _, err = whence("logs", "rate")
    assert status == 65
    assert "whence logs load" in err


def test_a_bucket_that_cannot_be_compared(whence: Whence, log: Path) -> None:
    for every in ("7m", "1m", "2h"):
        status, _, err = whence("logs", "rate", str(log), "--every", every)
        assert (status, "15m" in err) == (65, True)


def test_when_the_disk_is_full(whence: Whence, tmp_path: Path) -> None:
    now = datetime.now(UTC).timestamp()
    for number, age in ((1, 1), (2, 2), (3, 3)):
        old = tmp_path / f"app.log.{number}"
        old.write_bytes(b"x" * 10_000)
        os.utime(old, (now - age * 86_400, now - age * 86_400))
    (tmp_path / "app.log").write_bytes(b"x" * 5_000_000)
    status, out, _ = whence("logs", "forecast", "--path", str(tmp_path), "--cause", "a b=1G")
    assert status == 0
    assert "without a b: not full within two years" in out
    assert "app.log is rotated every 24 h" in out
    status, out, _ = whence("logs", "forecast", "--path", str(tmp_path / "app.log"), "--json")
    assert status == 0
    told = json.loads(out)["whence"]["forecast"]
    assert told["bytes_per_hour"] == pytest.approx(5_000_000 / 24, rel=0.05)
    assert told["free"] > 0


def test_nothing_shows_when_it_is_full(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("one line\n")
    status, out, _ = whence("logs", "forecast", "--path", str(tmp_path))
    assert status == 1
    assert "cannot be told" in out
    assert f"  try       whence logs forecast --path {tmp_path} --for 1m\n" in out
    status, out, _ = whence("logs", "forecast", "--path", str(tmp_path), "--for", "0.1s")
    assert status == 1
    assert "it did not grow" in out
    status, out, _ = whence("logs", "forecast", "--path", str(tmp_path), "--rate", "9999T")
    assert (status, "full now" in out, "the given number" in out) == (0, True, True)
    assert whence("logs", "forecast", "--path", str(tmp_path / "gone" / "x"))[0] == 65
    status, out, err = whence("logs", "forecast", "--path", str(tmp_path / "gone"))
    assert (status, out) == (65, "")
    assert f"there is no folder {tmp_path / 'gone'}" in err
    assert whence("logs", "forecast", "--cause", "nonsense")[0] == 2


def test_a_chart_fits_its_width_and_shows_everything() -> None:
    buckets = judged([50.0] * 400 + [2000.0, 1.0], BEGIN, HOUR)
    for width in (10, 40, 80, 200):
        drawn = [*chart(buckets, HOUR, width, UTC)]
        assert max(map(len, drawn)) <= max(width, 50)
        assert any("▲" in line for line in drawn)
    [*_, floor] = [line for line in chart(buckets, HOUR, 80, UTC) if "│" in line]
    assert " " not in floor.partition("│")[2], "what is not nothing is never drawn as nothing"
    assert not [*chart([], HOUR, 80, UTC)]


def test_the_lake_knows_the_usual_rate(whence: Whence, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    last = now.replace(minute=0, second=0, microsecond=0) - HOUR  # the last hour that is over
    usual = 10 * 24 * 100
    with duckdb.connect() as tables, LogLake(tmp_path / "state" / "logs" / "lake") as lake:
        first = last - timedelta(days=10)
        lake.append(rows(tables, 0, usual, first, step=36.0), 0, usual)
        flood = rows(tables, usual, usual + 2000, last, step=1.8, base=usual)
        lake.append(flood, usual, usual + 2000)
    logs = tmp_path / "log"
    logs.mkdir()
    (logs / "app.log.1").write_bytes(b"x" * 10_000)
    yesterday = now.timestamp() - 86_400
    os.utime(logs / "app.log.1", (yesterday, yesterday))
    (logs / "app.log").write_bytes(b"x" * 4_800_000)
    status, out, _ = whence("logs", "forecast", "--path", str(logs), "--json")
    assert status == 0
    told = json.loads(out)["whence"]["forecast"]
    [at_usual] = told["without"]
    assert at_usual["label"] == "at the usual rate"
    assert at_usual["per_hour"] == pytest.approx(told["bytes_per_hour"] / 20, rel=0.1)
