from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tests.cli.conftest import Whence
from whence.model.bisection import Event, Frame, Mirrored, Passed, Plan

PLAN = Plan(1.0, "sw1", ("1", "2", "3"), mirror="tc:///mon0", interface="eth1", filter="udp")
EVENTS: list[Event] = [PLAN, Mirrored(2.0, ("1", "2", "3")), Frame(3.0), Passed(4.0)]
START = ("bisect", "start", "--ports", "1-3", "--sniff", "lo", "--filter", "udp port 6667")


def written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in EVENTS))
    return path


def test_without_a_search_each_verb_says_so(whence: Whence) -> None:
    for verb in ("status", "log", "resume"):
        status, _, err = whence("bisect", verb)
        assert status == 65
        assert "there is no search" in err
    assert whence("bisect", "reset")[0] == 0


def test_a_log_is_replayed(whence: Whence, tmp_path: Path) -> None:
    file = written(tmp_path / "log.jsonl")
    status, out, _ = whence("bisect", "replay", str(file))
    assert status == 1  # nothing was found
    assert "mirror 1-3" in out
    _, out, _ = whence("bisect", "replay", str(file), "--json")
    told = json.loads(out.splitlines()[0])
    assert told["event"]["action"] == "bisect-mirror"
    assert told["whence"]["bisect"]["mirrored"] == ["1", "2", "3"]
    assert told["observer"]["name"] == "sw1"


@pytest.mark.parametrize("text", ["", "nonsense", '{"type":"frame","at":1}\n', "[]\n"])
def test_what_is_no_log_is_said(whence: Whence, tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    status, _, err = whence("bisect", "replay", str(tmp_path / "log"))
    assert status == 65
    assert "not the log of a search" in err


def test_a_port_can_be_skipped_and_the_search_forgotten(whence: Whence, tmp_path: Path) -> None:
    written(tmp_path / "state/bisect/log.jsonl")
    assert whence("bisect", "skip", "9")[0] == 65
    assert whence("bisect", "skip", "2", "--json")[0] == 0
    assert "skip: the user said so" in whence("bisect", "log")[1]
    assert "forgotten" in whence("bisect", "reset")[1]
    assert whence("bisect", "status")[0] == 65


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "--mirror URL"),
        (("--mirror", "gopher://sw1/24"), 65, "not spoken to by"),
        (("--mirror", "sw1"), 65, "is not the URL of a switch"),
        (("--mirror", "tc://", "--ports", "3,3"), 65, "does not name ports"),
    ],
)
def test_what_is_wrong_is_said_before_anything_begins(
    whence: Whence, words: tuple[str, ...], status: int, said: str
) -> None:
    found, _, err = whence(*START, *words)
    assert found == status or (found == 77 and "may not capture" in err)
    assert said in err or found == 77


def test_a_name_of_a_port_does_not_steer_the_terminal(whence: Whence, tmp_path: Path) -> None:
    steering = Plan(1.0, "sw\x1b[2J", ("a\x1b[31m", "b"))
    events: list[Event] = [steering, Mirrored(2.0, steering.ports)]
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    for words in ((), ("--json",)):
        assert "\x1b" not in whence("bisect", "replay", str(file), *words)[1]


def test_a_log_that_a_kill_left_empty_is_of_no_search(whence: Whence, tmp_path: Path) -> None:
    log = written(tmp_path / "state/bisect/log.jsonl")
    log.write_bytes(b"")
    assert "there is no search" in whence("bisect", "resume")[2]
    _, _, err = whence(*START, "--mirror", "manual:")
    assert "there is a search already" not in err


def test_a_damaged_log_can_be_forgotten(whence: Whence, tmp_path: Path) -> None:
    log = written(tmp_path / "state/bisect/log.jsonl")
    log.write_bytes(b'{"type":"unheard-of"}\n')
    status, _, err = whence("bisect", "status")
    assert status == 65
    assert "whence bisect reset" in err
    assert "the search is forgotten" in whence("bisect", "reset")[1]
    assert not log.exists()


def test_a_search_that_has_ended_skips_no_more_ports(whence: Whence, tmp_path: Path) -> None:
    written(tmp_path / "state/bisect/last.jsonl")
    status, _, err = whence("bisect", "skip", "2")
    assert status == 65
    assert "no search that could go on" in err


def test_an_uplink_alone_is_nothing_to_search_among(whence: Whence) -> None:
    words = ("--ports", "5", "--uplink", "5", "--mirror", "manual:")
    status, _, err = whence(*START, *words)
    assert status == 65
    assert "no port to search among" in err


def test_a_log_that_is_not_there_is_not_called_another_file(whence: Whence, tmp_path: Path) -> None:
    status, _, err = whence("bisect", "replay", str(tmp_path / "gone.jsonl"))
    assert status == 65
    assert f"there is no file {tmp_path / 'gone.jsonl'}" in err
