"""``whence logs explain``, from a file of lines to the sentence."""

import bz2
import gzip
import json
import lzma
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bench.logs.generator.flood import flood

from tests.cli.conftest import Whence


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "flood.log"
    flood(path, 30_000, form="iso")
    return path


def test_the_sentence_of_the_story(whence: Whence, log: Path) -> None:
    status, out, err = whence("logs", "explain", str(log))
    sentence = out.partition("\n")[0]
    assert (status, err) == (0, "")
    assert sentence.startswith("Since 2026-08-17 03:17:")
    assert "85 % of the increase is 10.20.5.17 and 10.20.5.18 → 192.168.77.0/24 port 10050" in out
    assert "no answer in " in sentence
    assert "  08-17 03:25:" in out
    assert "8 % 10.20.8.44 → 198.51.100.0/24 port 1900 at fw-edge2 (106023)" in sentence
    assert "6 % kernel" in sentence
    assert "; coincides with zbx01: Started zabbix-proxy.service" in sentence
    assert "→ whence 10.20.5.17; whence 192.168.77.1" in out
    assert "→ whence logs forecast --rate " in out
    assert "fw-edge2: jdoe (from 10.20.8.9) executed" in out


def test_documents_have_ecs_names_and_shares_that_add_up(whence: Whence, log: Path) -> None:
    status, out, _ = whence("logs", "explain", str(log), "--json")
    whole, *patterns = map(json.loads, out.splitlines())
    assert status == 0
    shares = [each["whence"]["log_pattern"]["share"] for each in patterns]
    assert sum(shares) + whole["whence"]["explanation"]["rest"] == pytest.approx(1, abs=0.001)
    first, second, third = patterns
    assert first["host"]["name"] == "fw-dc1"
    assert first["destination"]["port"] == 10050
    assert first["whence"]["log_pattern"]["never_answered"][0].startswith("192.168.77.")
    assert second["source"]["ip"] == "10.20.8.44"
    assert third["process"]["name"] == "kernel"
    assert third["event"]["start"].startswith("2026-08-17T03:25:")


def test_a_window_that_is_given(whence: Whence, log: Path) -> None:
    status, out, _ = whence(
        "logs", "explain", str(log), "--window", "2026-08-17T03:00:00+00:00..2026-08-17T06:00+00:00"
    )
    assert status == 0
    assert "2026-08-17 03:00:00 to 2026-08-17 06:00:00 UTC" in out


@pytest.mark.parametrize("reference", [[], ["2026-08-16T03:00+00:00..2026-08-16T11:40+00:00"]])
def test_a_window_without_an_end_ends_with_the_log(
    whence: Whence, log: Path, reference: list[str]
) -> None:
    compared = [word for one in reference for word in ("--reference", one)]
    window = "2026-08-17T03:00+00:00.."
    _, out, err = whence("logs", "explain", str(log), "--window", window, *compared)
    assert (out.startswith("Since 2026-08-17 03:17:"), err) == (True, "")
    assert " of the increase is 10.20.5.17 and 10.20.5.18 → " in out.partition("\n")[0]


def test_a_window_without_lines(whence: Whence, log: Path) -> None:
    status, _, err = whence("logs", "explain", str(log), "--window", "2020-01-01..2020-01-02")
    assert status == 65
    assert "there is no line in this window" in err


@pytest.mark.parametrize("text", ["yesterday", "2026-08-17..2026-08-16", ".."])
def test_what_is_no_window(whence: Whence, log: Path, text: str) -> None:
    assert whence("logs", "explain", str(log), "--window", text)[0] == 2


def test_a_quiet_night_has_nothing_to_tell(whence: Whence, tmp_path: Path) -> None:
    flood(tmp_path / "quiet.log", 8_000, form="iso", quiet=True)
    status, out, _ = whence("logs", "explain", str(tmp_path / "quiet.log"))
    assert status == 1
    assert out.startswith("Nothing stands out: ")


def test_from_the_lake(whence: Whence, log: Path) -> None:
    assert whence("logs", "explain")[0] == 65
    assert whence("logs", "load", str(log))[0] == 0
    status, out, _ = whence("logs", "explain")
    assert status == 0
    assert "85 % of the increase is 10.20.5.17 and 10.20.5.18 → 192.168.77.0/24" in out


@pytest.mark.parametrize("text", ["", "\n\n\n", "no time here\n", "\x00\x1b[2J\xff\n" * 50])
def test_files_that_are_no_logs(whence: Whence, tmp_path: Path, text: str) -> None:
    path = tmp_path / "strange"
    path.write_text(text, encoding="latin-1")
    status, out, _ = whence("logs", "explain", str(path))
    assert status == 1
    assert "\x1b" not in out
    assert ("There is no line." in out) == (not text)


def test_hostile_names_do_not_steer_the_terminal(whence: Whence, tmp_path: Path) -> None:
    path = tmp_path / "hostile.log"
    usual = [f"2026-08-17T{n // 60:02}:{n % 60:02}:00+00:00 a cron: tick\n" for n in range(300)]
    evil = "2026-08-17T05:00:01+00:00 e\x1bvil evil\x1b[2J: \x9b31m' OR 1=1; \u202e\n"
    path.write_text("".join([*usual, *[evil] * 4000]), encoding="utf-8")
    status, out, _ = whence("logs", "explain", str(path))
    assert status == 0
    assert not set("\x1b\x9b\u202e") & set(out)


def test_a_file_that_is_not_there(whence: Whence) -> None:
    assert whence("logs", "explain", "/nowhere/flood.log")[0] == 65


def test_an_access_point_without_a_clock_changes_nothing(
    whence: Whence, log: Path, tmp_path: Path
) -> None:
    lines = log.read_text().splitlines(keepends=True)
    lines[9000:9000] = [f"Jan  1 00:00:{n} ap5 kernel: started\n" for n in range(10, 25)]
    strange = tmp_path / "strange.log"
    strange.write_text("".join(lines))
    _, usual, _ = whence("logs", "explain", str(log))
    status, out, err = whence("logs", "explain", str(strange))
    assert (status, out.partition("\n")[0]) == (0, usual.partition("\n")[0])
    assert "15 lines of ap5 say times far from all others, as " in err
    _, out, err = whence("logs", "rate", str(strange))
    assert "15 lines of ap5 say times far from all others, as " in err
    assert "-01-01" not in out


@pytest.mark.skipif(not shutil.which("zstd"), reason="there is no zstd here to pack with")
def test_a_log_that_zstd_packed(whence: Whence, log: Path, tmp_path: Path) -> None:
    packed = tmp_path / "flood.log.zst"
    subprocess.run(["zstd", "-q", str(log), "-o", str(packed)], check=True)
    _, usual, _ = whence("logs", "explain", str(log))
    status, out, _ = whence("logs", "explain", str(packed))
    assert (status, out.partition("\n")[0]) == (0, usual.partition("\n")[0])


@pytest.mark.parametrize("question", ["explain", "rate", "parse", "load"])
def test_a_log_that_cannot_be_unpacked_is_no_log(
    whence: Whence, tmp_path: Path, question: str
) -> None:
    packed = tmp_path / "a.log.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.log", "Nov 26 10:00:00 web1 app: hello\n")
    status, out, err = whence("logs", question, str(packed))
    assert (status != 0, out) == (True, "")
    assert "it is packed by zip" in err


def test_a_rotated_log_whose_files_are_packed_in_several_ways(
    whence: Whence, log: Path, tmp_path: Path
) -> None:
    lines = log.read_bytes().splitlines(keepends=True)
    day = len(lines) // 5
    names = ["log-20261120.bz2", "log-20261121.xz", "log-20261122.gz", "log-20261123", "log"]
    packings: list[Callable[[bytes], bytes]] = [
        bz2.compress, lzma.compress, gzip.compress, bytes, bytes,
    ]  # fmt: skip
    for number, (name, pack) in enumerate(zip(names, packings, strict=True)):
        last = None if name == "log" else (number + 1) * day
        (tmp_path / name).write_bytes(pack(b"".join(lines[number * day : last])))
    for question in ("explain", "rate"):
        _, usual, _ = whence("logs", question, str(log))
        files = (str(tmp_path / name) for name in sorted(names))
        status, out, err = whence("logs", question, *files)
        assert (status, out, err) == (0, usual, "")


@pytest.mark.parametrize("question", ["explain", "rate"])
def test_the_year_of_an_old_log_is_that_in_which_it_was_written(
    whence: Whence, tmp_path: Path, question: str
) -> None:
    old = tmp_path / "old.log"
    old.write_text("".join(f"Nov 28 1{n}:00:00 web1 app: hello\n" for n in range(8)))
    written = datetime(2021, 11, 28, 18, tzinfo=UTC).timestamp()
    os.utime(old, (written, written))
    _, out, _ = whence("logs", question, str(old))
    assert "2021-11-28 1" in out


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_is_told_as_that(whence: Whence, tmp_path: Path, hours: int) -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    jumps = range(9 * 1440 + 600, 9 * 1440 + 780)
    log = tmp_path / "jump.log"
    with log.open("w") as file:
        for minute in range(10 * 1440):
            for number in range(4):
                host = "web1" if number == 3 else "db1"
                off = timedelta(hours=hours * (host == "db1" and minute in jumps))
                said = begin + timedelta(minutes=minute, seconds=15 * number) + off
                file.write(f"{said:%Y-%m-%dT%H:%M:%SZ} {host} app[7]: request {minute} done\n")
    _, out, _ = whence("logs", "explain", str(log))
    assert out.startswith("The clock of db1 was set back by about ")
    hour = "13" if hours > 0 else "09"
    assert f": 2026-03-11 {hour}:00:00 to {hour}:59:" in out
    _, out, _ = whence("logs", "explain", "--json", str(log))
    [jump] = json.loads(out.splitlines()[0])["whence"]["explanation"]["clocks_set_back"]
    assert (jump["host"], jump["lines_before"]) == ("db1", 180)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_was_set_makes_no_increase_and_no_silence(
    whence: Whence, tmp_path: Path, hours: int, stored: bool
) -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    log, lake = tmp_path / "set.log", tmp_path / "lake"
    with log.open("w") as file:
        for minute in range(9 * 1440):
            for number in range(4):
                host = "web1" if number == 3 else "db1"
                off = timedelta(hours=hours * (host == "db1" and minute >= 7 * 1440 + 600))
                said = begin + timedelta(minutes=minute, seconds=15 * number) + off
                file.write(f"{said:%Y-%m-%dT%H:%M:%SZ} {host} app[7]: request {minute} done\n")
    if stored:
        whence("logs", "load", "--lake", str(lake), str(log))
    status, out, _ = whence("logs", "explain", *(["--lake", str(lake)] if stored else [str(log)]))
    way = "forward" if hours > 0 else "back"
    assert out.startswith(f"The clock of db1 was set {way} by about 60 min, ")
    assert (status, "Nothing stands out: " in out) == (1, True)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_rate_is_that_of_clocks_that_are_right(
    whence: Whence, tmp_path: Path, hours: int
) -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    log = tmp_path / "set.log"
    with log.open("w") as file:
        for minute in range(9 * 1440):
            for number in range(4):
                host = "web1" if number == 3 else "db1"
                off = timedelta(hours=hours * (host == "db1" and minute >= 7 * 1440 + 600))
                said = begin + timedelta(minutes=minute, seconds=15 * number) + off
                file.write(f"{said:%Y-%m-%dT%H:%M:%SZ} {host} app[7]: request {minute} done\n")
    status, out, err = whence("logs", "rate", "--all", str(log))
    assert (status, out.startswith("Nothing unusual.")) == (0, True)
    way = "forward" if hours > 0 else "back"
    assert f"whence: The clock of db1 was set {way} by about 60 min, " in err
    _, out, _ = whence("logs", "rate", "--json", str(log))
    counts = {json.loads(line)["whence"]["rate"]["lines"]["count"] for line in out.splitlines()}
    assert counts == {240}
    _, out, _ = whence("logs", "rate", "--json", "--until", "2026-03-09T12:00:00Z", str(log))
    assert len(out.splitlines()) == 7 * 24 + 12


def test_a_clock_that_was_set_when_its_log_was_rotated(whence: Whence, tmp_path: Path) -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    old, log = tmp_path / "messages.1", tmp_path / "messages"
    with old.open("w") as before, log.open("w") as after:
        for minute in range(9 * 1440):
            is_after = minute >= 7 * 1440 + 600
            for number in range(4):
                host = "web1" if number == 3 else "db1"
                off = timedelta(hours=host == "db1" and is_after)
                said = begin + timedelta(minutes=minute, seconds=15 * number) - off
                line = f"{said:%Y-%m-%dT%H:%M:%SZ} {host} app[7]: request {minute} done\n"
                (after if is_after else before).write(line)
    status, out, _ = whence("logs", "explain", str(log), str(old))
    assert out.startswith("The clock of db1 was set back by about 60 min, ")
    assert (status, "Nothing stands out: " in out) == (1, True)


@pytest.mark.parametrize("form", ["%b %d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
def test_the_hour_that_clocks_leave_out_for_summer_time(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    log = tmp_path / "summer.log"
    end, said = datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    with log.open("w") as file:
        while said < end:
            if (said.day, said.hour) != (29, 2):
                file.write(f"{said:{form}} db1 app[7]: request {said.minute} done\n")
            said += timedelta(seconds=30)
    os.utime(log, (end.timestamp(), end.timestamp()))
    says_zone = "Z" in form
    for question in ("explain", "rate"):
        _, out, _ = whence("logs", question, str(log))
        assert ("Nothing stands out" in out) is (not says_zone and question == "explain")
        assert ("summer time begins, as in Europe/Berlin" in out) is not says_zone
        assert ("gone quiet" in out or "No lines at all" in out) is says_zone
        _, out, _ = whence("logs", question, "--zone", "Europe/Berlin", str(log))
        assert "summer time" not in out
    if not says_zone:
        assert "Nothing unusual." in out


def test_a_log_of_one_host_cannot_tell_silence_from_a_clock_that_was_set(
    whence: Whence, tmp_path: Path
) -> None:
    begin, log = datetime(2026, 3, 2, tzinfo=UTC), tmp_path / "forward.log"
    with log.open("w") as file:
        for number in range(9 * 4320):
            off = timedelta(hours=number >= 7 * 4320 + 1800)
            said = begin + timedelta(seconds=20 * number) + off
            file.write(f"{said:%Y-%m-%dT%H:%M:%SZ} db1 app[7]: request {number} done\n")
    _, out, _ = whence("logs", "explain", str(log))
    assert "the log had no line where 180 are usual: " in out
    assert "; a clock that was set forward looks the same, and only another log can tell." in out
