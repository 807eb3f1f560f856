from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("whence._native")

from whence.inquiry.log_keeping import LogKeeping
from whence.model import CannotStore
from whence.store.log_lake import LogLake
from whence.world.log_spool import Kind, gap, mark, records, segments
from whence.world.log_spool_writer import SpoolWriter

SENDER = mark(Kind.UDP, "192.0.2.1", 514)


def write(spool: SpoolWriter, *texts: str) -> None:
    messages = [text.encode() for text in texts]
    spool.append(records(time.time_ns() // 1000, messages, [SENDER] * len(messages)))


def kept(lake: Path) -> list[str]:
    with LogLake(lake) as opened, duckdb.connect() as connection:
        rows = opened.relation(connection).select("original").fetchall()
    return [row[0] for row in rows]


def keep_all(keeping: LogKeeping) -> None:
    while keeping.step(at_once=True):
        pass


@pytest.fixture
def spool(tmp_path: Path) -> SpoolWriter:
    return SpoolWriter(tmp_path / "spool", 10_000, 60)


def test_each_line_of_the_spool_becomes_a_row(tmp_path: Path, spool: SpoolWriter) -> None:
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    sent: list[str] = []
    for turn in range(5):
        more = [f"<13>line {turn} {number}" for number in range(turn * 60)]
        sent += more
        write(spool, *more)
        spool.append(gap(1, 0, "a note is no row"))
        keep_all(keeping)
        assert (sorted(kept(tmp_path / "lake")), keeping.rows) == (sorted(sent), len(sent))
    assert len(segments(tmp_path / "spool")) == 1  # what the lake has is removed
    keeping.close()
    again = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    keep_all(again)
    assert again.rows == 0
    again.close()


def test_others_may_write_to_the_lake_in_between(tmp_path: Path, spool: SpoolWriter) -> None:
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    write(spool, "<13>one")
    keep_all(keeping)
    with LogLake(tmp_path / "lake") as other:
        other.take_turn()
        write(spool, "<13>two")
        keep_all(keeping)
        assert "another whence writes there" in keeping.problem
    keep_all(keeping)
    assert (kept(tmp_path / "lake"), keeping.problem) == (["<13>one", "<13>two"], "")
    keeping.close()


def test_lines_that_are_very_long_are_taken_in_smaller_numbers(tmp_path: Path) -> None:
    spool = SpoolWriter(tmp_path / "spool", 200 << 20, 60)
    for number in range(400):
        write(spool, f"<13>{number} " + "x" * 250_000)
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    keeping._tables.execute("SET memory_limit = '50MB'")
    keep_all(keeping)
    keeping.close()
    assert (keeping.rows, keeping.problem) == (400, "")


def test_what_was_lost_stays_known_when_the_spool_is_gone(
    tmp_path: Path, spool: SpoolWriter
) -> None:
    spool.append(gap(1_795_600_000_000_000, 7, "the disk is full", peers={"192.0.2.1": 7}))
    for _ in range(2):  # once, also when it is read again
        keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
        keep_all(keeping)
        keeping.close()
    (line,) = (tmp_path / "losses.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert (told["lost"], told["peers"]) == (7, {"192.0.2.1": 7})
    assert told["@timestamp"] == "2026-11-25T09:46:40.000000Z"


def test_damage_is_told_once_and_what_follows_is_kept(tmp_path: Path, spool: SpoolWriter) -> None:
    write(spool, "<13>one")
    spool.close()
    ((_, path),) = segments(tmp_path / "spool")
    with path.open("ab") as file:
        file.write(b"\xff" * 100)
    after = SpoolWriter(tmp_path / "spool", 10_000, 60)
    write(after, "<13>two")
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    keep_all(keeping)
    keeping.close()
    assert sorted(kept(tmp_path / "lake")) == ["<13>one", "<13>two"]
    (note,) = keeping.notes
    assert str(path) in note


def test_a_clock_that_jumps_loses_nothing(tmp_path: Path, spool: SpoolWriter) -> None:
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    for turn, year in enumerate((56, 1, 69, 0)):  # since 1970
        now = year * 31_556_952_000_000
        messages = [b"<13>%d %d" % (turn, number) for number in range(300)]
        spool.append(records(now, messages, [SENDER] * 300))
        keep_all(keeping)
    keeping.close()
    assert len(kept(tmp_path / "lake")) == len(set(kept(tmp_path / "lake"))) == 1200


def test_a_lake_that_cannot_be_written_keeps_nothing_from_being_received(
    tmp_path: Path, spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CannotStore("could not write", because="no space left")

    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    write(spool, "<13>one")
    with monkeypatch.context() as patched:
        patched.setattr(LogLake, "append", full)
        keep_all(keeping)
        assert keeping.problem == "could not write: no space left"
    keep_all(keeping)
    assert (kept(tmp_path / "lake"), keeping.problem) == (["<13>one"], "")
    keeping.close()


def test_each_line_is_there_once_after_kills(tmp_path: Path, spool: SpoolWriter) -> None:
    chance = random.Random(3)
    sent: list[str] = []
    for turn in range(20):
        child = keep_until_killed(tmp_path)
        end = time.monotonic() + chance.uniform(0.0, 0.12)
        while time.monotonic() < end:
            more = [f"<13>{turn} {len(sent) + number}" for number in range(20)]
            write(spool, *more)
            sent += more
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it ended by itself"
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    keep_all(keeping)
    keeping.close()
    assert sorted(kept(tmp_path / "lake")) == sorted(sent)


def keep_until_killed(folder: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            keeping = LogKeeping(folder / "spool", folder / "lake")
            while True:
                keeping.step(at_once=True)
        finally:
            os._exit(1)
    return child


def test_a_repetition_is_of_what_came_seconds_before(tmp_path: Path, spool: SpoolWriter) -> None:
    keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
    write(spool, "<13>Nov 28 10:00:00 web-1 app: disk error on sda")
    keep_all(keeping)
    write(spool, "<13>Nov 28 10:00:30 web-1 last message repeated 5 times")
    keep_all(keeping)
    keeping.close()
    with LogLake(tmp_path / "lake") as opened, duckdb.connect() as connection:
        rows = opened.relation(connection).order("position").select("template, weight").fetchall()
    assert [weight for _, weight in rows] == [1, 5]
    assert len({template for template, _ in rows}) == 1


def test_a_wording_keeps_its_id_when_the_next_one_keeps(tmp_path: Path, spool: SpoolWriter) -> None:
    for users in ("al bo ca da em fa go ha in jo", "ka la mo na ol pa qu ra se ta"):
        keeping = LogKeeping(tmp_path / "spool", tmp_path / "lake")
        write(
            spool, *[f"<13>Nov 28 10:00:00 web-1 app: mail to {u} went off" for u in users.split()]
        )
        keep_all(keeping)
        keeping.close()
    with LogLake(tmp_path / "lake") as opened, duckdb.connect() as connection:
        rows = opened.relation(connection).order("position").select("template").fetchall()
    assert {*rows[-10:]} == {rows[9]}
