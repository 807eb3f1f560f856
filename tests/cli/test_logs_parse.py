"""Log lines from files to words, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Whence

LINES = """\
<164>Mar  3 2026 03:17:00 fw-dc1 : %ASA-4-419002: Received duplicate TCP SYN from \
inside:10.20.5.17/50000 to transit:192.168.77.10/10050 with different initial sequence number
Mar  3 03:17:01 app07 sshd[12]: Failed password for root from 192.0.2.1 port 50022 ssh2
Mar  3 03:17:02 app07 sshd[13]: Failed password for root from 192.0.2.7 port 50023 ssh2
nothing that anybody knows
"""


@pytest.fixture
def log(tmp_path: Path) -> str:
    file = tmp_path / "some.log"
    file.write_text(LINES)
    return str(file)


def test_a_table_for_people(whence: Whence, log: str) -> None:
    status, out, err = whence("logs", "parse", log)
    assert (status, err) == (0, "")
    _head, flood, login, _again, unknown = out.splitlines()
    assert "duplicate-syn" in flood
    assert "inside 10.20.5.17:50000 → transit 192.168.77.10:10050" in flood
    assert "login-failed" in login
    assert unknown.endswith("nothing that anybody knows")


def test_one_object_a_line(whence: Whence, log: str) -> None:
    status, out, _ = whence("logs", "parse", "--json", "--count", "2", log)
    flood, login = map(json.loads, out.splitlines())
    assert status == 0
    assert flood["whence"]["template"]["id"] == "cisco_asa:419002"
    assert flood["destination"]["ip"] == "192.168.77.10"
    assert login["event"]["original"] == LINES.splitlines()[1]


def test_wordings_with_the_most_frequent_first(whence: Whence, log: str) -> None:
    status, out, _ = whence("logs", "parse", "--templates", log)
    assert status == 0
    assert "2  " in out.splitlines()[1]
    assert out.splitlines()[1].endswith("Failed password for root from <*> port <*> <*>")
    _, out, _ = whence("logs", "parse", "--templates", "--json", log)
    assert json.loads(out.splitlines()[0])["whence"]["template"]["count"] == 2


def test_a_file_without_a_line_is_told(whence: Whence, tmp_path: Path) -> None:
    empty = tmp_path / "empty.log"
    empty.touch()
    for form in ([], ["--json"], ["--templates"]):
        said = f"whence: there is no line in {empty}\n"
        assert whence("logs", "parse", *form, str(empty)) == (1, "", said)


def test_what_cannot_be_read_is_said(whence: Whence, tmp_path: Path) -> None:
    status, out, err = whence("logs", "parse", str(tmp_path / "gone"))
    assert (status, out) == (65, "")
    assert "there is no file" in err


def test_an_empty_file_is_nothing_seen(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    assert whence("logs", "parse", str(tmp_path / "empty.log"))[0] == 1


def test_each_source_has_the_zone_that_is_told_of_it(whence: Whence, tmp_path: Path) -> None:
    one, other = tmp_path / "one.log", tmp_path / "other.log"
    one.write_text(
        "Mar  3 10:00:00 app07 a: text\nMar  3 10:00:00 fw-tokyo a: text\n"
        "2026-03-03T10:00:00Z fw-tokyo a: says its zone\n"
    )
    other.write_text("Mar  3 10:00:00 app08 a: text\n")
    zones = ("--zone", "UTC", "--zone", "fw-tokyo=Asia/Tokyo", "--zone", f"{other}=-03:30")
    _, out, _ = whence("logs", "parse", "--json", *zones, str(one), str(other))
    times = [json.loads(line)["@timestamp"][11:19] for line in out.splitlines()]
    assert times == ["10:00:00", "01:00:00", "10:00:00", "13:30:00"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "=UTC", "a=", "+25:00", "../../etc/passwd", ""])
def test_what_is_no_zone_is_refused(whence: Whence, log: str, zone: str) -> None:
    status, out, err = whence("logs", "parse", "--zone", zone, log)
    assert (status, out) == (2, "")
    assert "zone" in err


def test_a_log_of_a_year_has_summer_times(whence: Whence, tmp_path: Path) -> None:
    log = tmp_path / "year.log"
    log.write_text("Jul  1 12:00:00 web1 app: summer\nJan 20 12:00:00 web1 app: winter\n")
    for zone in ("Europe/Berlin", "web1=Europe/Berlin"):
        _, out, _ = whence("logs", "parse", str(log), "--zone", zone)
        assert "-07-01 10:00:00 " in out
        assert "-01-20 11:00:00 " in out


@pytest.mark.parametrize("source", ["", "web1=", "FILE="])
def test_what_judges_logs_takes_the_zone_of_their_times(
    whence: Whence, tmp_path: Path, source: str
) -> None:
    log = tmp_path / "day.log"
    log.write_text("".join(f"Mar  3 10:{n:02}:00 web1 app: text\n" for n in range(60)))
    zone = f"{source.replace('FILE', str(log))}Asia/Tokyo"
    _, out, _ = whence("logs", "rate", "--json", "--zone", zone, str(log))
    assert {json.loads(line)["event"]["start"][11:16] for line in out.splitlines()} == {"01:00"}
    _, out, _ = whence("logs", "explain", "--zone", zone, str(log))
    assert "-03 01:00:00 to " in out
    lake = ("--lake", str(tmp_path / "lake"))
    assert whence("logs", "load", "--zone", zone, *lake, str(log))[0] == 0
    _, out, _ = whence("logs", "rate", "--json", *lake)
    assert "T01:00:00" in out


@pytest.mark.parametrize("command", ["explain", "rate"])
def test_the_lake_has_no_zone(whence: Whence, command: str) -> None:
    status, _, err = whence("logs", command, "--zone", "UTC")
    assert status == 2
    assert "FILES" in err


MIXED = (
    "Mar  3 10:00:{0:02} fw-1 app: says none\n"
    "2026-03-03T10:00:{0:02}+01:00 web-1 app: says its zone\n"
)


@pytest.mark.parametrize("command", ["parse", "rate", "explain"])
def test_a_zone_that_was_assumed_is_told_and_one_that_was_stated_is_not(
    whence: Whence, command: str, tmp_path: Path
) -> None:
    log = tmp_path / "mixed.log"
    log.write_text("".join(map(MIXED.format, range(60))))
    _, _, err = whence("logs", command, str(log))
    assert "60 of 120 lines with a time say no zone" in err
    assert "--zone" in err
    _, _, err = whence("logs", command, "--zone", "UTC", str(log))
    assert "zone" not in err


def test_the_lake_knows_of_which_files_a_zone_was_assumed(whence: Whence, tmp_path: Path) -> None:
    for stated in ([], ["--zone", "UTC"]):
        log, lake = tmp_path / "fw.log", ("--lake", str(tmp_path / f"lake{len(stated)}"))
        log.write_text("".join(map(MIXED.format, range(60))))
        _, _, err = whence("logs", "load", *stated, *lake, str(log))
        assert ("--zone" in err) is not bool(stated)
        whence("logs", "load", *stated, *lake, str(log))  # again, which changes nothing
        for command in ("rate", "explain"):
            _, _, err = whence("logs", command, *lake)
            assert ("logs load --zone" in err) is not bool(stated)
