"""A case from its beginning to its end, as a user types it."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Whence
from tests.store.samples import FLOW, NOON, ticking
from whence.model import Reading
from whence.store.case_file import CaseFile


@pytest.fixture
def connection() -> Iterator[str]:
    """A connection of this very process, on loopback; gives its called end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            yield f"127.0.0.1:{port}"


def test_who_holds_a_connection_now(whence: Whence, connection: str) -> None:
    _, out, _ = whence(connection, "--json")
    answer = json.loads(out)
    assert answer["process"]["pid"] == __import__("os").getpid()
    assert connection in answer["whence"]["sentence"]
    assert answer["destination"]["ip"] == "127.0.0.1"


def test_a_case_is_kept_shown_noted_verified_and_forgotten(whence: Whence, connection: str) -> None:
    whence(connection)
    assert connection in whence("case", "list")[1]
    assert whence("case", "note", "last", "seen by the night shift")[0] == 0
    assert "seen by the night shift" in whence("case", "show")[1]
    assert "nothing was changed" in whence("case", "verify")[1]
    assert "E1 of case" in whence("show", "E1")[1]
    assert whence("case", "forget", "last")[0] == 0
    assert whence("case", "list")[1] == ""


def test_a_replay_comes_to_the_same_facts(whence: Whence, connection: str) -> None:
    whence(connection)
    status, _, err = whence("case", "replay")
    assert (status, err) == (0, "the replay came to the same facts\n")


def _foreign_case(state: Path, text: str) -> None:
    """Write a case with a step of a question that is none of ours."""
    reading = Reading("/etc/hosts", text, NOON, "fw")
    with closing(CaseFile.create(state / "cases", FLOW, ticking())) as case:
        case.keep_reading(reading.source, reading)
        cited = [line.evidence for line in reading.lines() if "cited" in line]
        case.note_step("oracle", FLOW, [FLOW.fact("goes", "nowhere", *cited)])


def test_a_replay_says_what_it_took_on_faith(whence: Whence, tmp_path: Path) -> None:
    _foreign_case(tmp_path / "state", "cited\n")
    assert "1 of 1 fact could not be replayed" in whence("case", "replay")[2]
    [document] = documents(whence("case", "replay", "--json"))
    assert document["whence"]["not_replayed"] == 1


def test_the_cited_line_is_marked_where_a_stranger_put_other_line_ends_in(
    whence: Whence, tmp_path: Path
) -> None:
    _foreign_case(tmp_path / "state", "a\rb\x0bc\u2028d\ninnocent\nthis is cited\nlast\n")
    [marked] = [line for line in whence("show", "E1")[1].splitlines() if line.startswith("→")]
    assert marked.split(maxsplit=2)[1:] == ["3", "this is cited"]


def test_a_case_travels(whence: Whence, connection: str, tmp_path: Path) -> None:
    whence(connection)
    told = whence("case", "show", "--json")[1]
    parcel = tmp_path / "case.jsonl.gz"
    assert whence("case", "export", "-o", str(parcel))[0] == 0
    assert whence("case", "export", "-o", str(parcel))[0] != 0  # not overwritten unasked
    whence("case", "forget", "last")
    assert whence("case", "import", str(parcel))[0] == 0
    assert whence("case", "show", "--json")[1] == told


def test_a_touched_parcel_is_refused(whence: Whence, connection: str, tmp_path: Path) -> None:
    whence(connection)
    parcel = tmp_path / "case.jsonl"
    whence("case", "export", "-o", str(parcel))
    parcel.write_text(parcel.read_text().replace("127.0.0.1", "127.0.0.2"))
    status, _, err = whence("case", "import", str(parcel))
    assert status == 65
    assert "Traceback" not in err


def test_the_head_that_was_noted_is_found_again(
    whence: Whence, connection: str, tmp_path: Path
) -> None:
    whence(connection)
    [before] = documents(whence("case", "verify", "--json"))
    head, entries = before["whence"]["head"], before["whence"]["entries"]
    whence("case", "note", "last", "asked ops")
    status, out, _ = whence("case", "verify", "--head", head.upper())
    assert status == 0
    assert f"that of entry {entries}; 1 entry was added since" in out
    assert whence("case", "verify", "--head", head[:12])[0] == 2


def test_a_case_that_was_cut_off_does_not_have_the_head_that_was_noted(
    whence: Whence, connection: str, tmp_path: Path
) -> None:
    whence(connection)
    sent, parcel = tmp_path / "sent.jsonl", tmp_path / "cut.jsonl"
    whence("case", "export", "-o", str(sent))
    [noted] = documents(whence("case", "verify", "--json"))
    whence("case", "note", "last", "it was me")
    header, *lines = map(json.loads, sent.read_text().splitlines())
    [verdict] = [line for line in lines if line.get("kind") == "verdict"]
    kept = [line for line in lines if "digest" in line or line["seq"] < verdict["seq"]]
    header["head"] = verdict["previous"]
    parcel.write_text("".join(json.dumps(line) + "\n" for line in (header, *kept)))
    whence("case", "forget", "last")
    assert whence("case", "import", str(parcel))[0] == 0
    assert whence("case", "verify")[0] == 0  # nothing in the file can tell
    status, out, _ = whence("case", "verify", "--head", noted["whence"]["head"])
    assert status == 65
    assert "cut off at the end" in out
    assert "nothing was changed" not in out


def test_a_recording_for_a_test(whence: Whence, connection: str, tmp_path: Path) -> None:
    whence(connection)
    assert whence("case", "record", "last", str(tmp_path / "recorded"))[0] == 0
    assert any(file.name.startswith("process ") for file in (tmp_path / "recorded").iterdir())


def test_a_damaged_case_is_said_to_be_so_and_left_alone(
    whence: Whence, connection: str, tmp_path: Path
) -> None:
    whence(connection)
    [file] = (tmp_path / "state" / "cases").glob("*.case")
    file.write_bytes(b"not a case at all" * 100)
    before = file.read_bytes()
    status, _, err = whence("case", "show", "last")
    assert status == 65
    assert "Traceback" not in err
    assert file.read_bytes() == before


def test_traffic_that_nobody_saw(whence: Whence) -> None:
    status, out, _ = whence("203.0.113.7:443")
    assert status == 1
    assert "no process was seen" in out
    assert "--wait 2h" in out


@pytest.mark.parametrize("words", [("case", "list"), ("case", "show"), ("trap", "ls")])
def test_a_state_that_is_a_file_is_not_an_empty_one(
    whence: Whence, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "state").touch()
    status, out, err = whence(*words)
    assert (status, out) == (74, "")
    assert f"could not use {tmp_path}/state/" in err
    assert "Not a directory" in err
    assert " yet" not in err


def test_a_case_goes_on(whence: Whence) -> None:
    whence("203.0.113.7:443")
    case = whence("case", "list")[1].split()[0]
    assert case in whence(case)[1]
    assert len(whence("case", "list")[1].splitlines()) == 1


def documents(told: tuple[int, str, str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told[1].splitlines()]


def test_each_line_of_json_is_an_object(whence: Whence, connection: str) -> None:
    whence(connection)
    for words in (
        ["case", "list"], ["case", "show"], ["case", "verify"], ["case", "replay"], ["show", "E1"],
        ["record", "status"], ["doctor"], ["live"],
    ):  # fmt: skip
        found = documents(whence(*words, "--json"))
        assert found or words == ["live"]
        assert all(isinstance(document, dict) for document in found)


def test_a_listed_case_says_what_it_came_to(whence: Whence, connection: str) -> None:
    whence(connection)
    [listed] = documents(whence("case", "list", "--json"))
    [shown] = documents(whence("case", "show", "--json"))
    for field in ("case", "target", "verdict", "sentence"):
        assert listed["whence"][field] == shown["whence"][field]


def test_evidence_as_json_with_its_text(whence: Whence, connection: str) -> None:
    whence(connection)
    [document] = documents(whence("show", "e1", "--json", "--all"))
    cited = document["whence"]["evidence"]
    assert cited["label"] == "E1"
    assert cited["excerpt"] in cited["text"]


def test_what_a_case_read_is_for_its_owner_alone(
    whence: Whence, connection: str, tmp_path: Path
) -> None:
    whence(connection)
    whence("case", "record", "last", str(tmp_path / "recorded"))
    whence("case", "export", "-o", str(tmp_path / "case.gz"))
    found = [tmp_path / "case.gz", *(tmp_path / "state" / "cases").rglob("*"),
             *(tmp_path / "recorded").rglob("*")]  # fmt: skip
    assert {oct(path.stat().st_mode & 0o777) for path in found if path.is_file()} == {"0o600"}
    folders = [tmp_path / "recorded", tmp_path / "state" / "cases"]
    assert {oct(folder.stat().st_mode & 0o777) for folder in folders} == {"0o700"}


def test_a_case_whose_chain_is_broken_is_not_handed_over(
    whence: Whence, connection: str, tmp_path: Path
) -> None:
    whence(connection)
    [file] = (tmp_path / "state" / "cases").glob("*.case")
    with closing(sqlite3.connect(file)) as changing:
        rule = "journal_is_not_rewritten"
        (sql,) = changing.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (rule,)
        ).fetchone()
        changing.execute(f"DROP TRIGGER {rule}")
        changing.execute("UPDATE journal SET body = replace(body, '127.0.0.1', '127.0.0.2')")
        changing.execute(sql)
        changing.commit()
    status, _, err = whence("case", "export", "-o", str(tmp_path / "case.gz"))
    assert (status, "chain is broken" in err) == (65, True)
    assert not (tmp_path / "case.gz").exists()


def test_so_many_connections_means_connections(whence: Whence, connection: str) -> None:
    """Who listens is shown too, and is no connection."""
    words = ("--for", "20s", "--count", "1", "--level", "sock_diag", "--json")
    seen = documents(whence("watch", connection, *words))
    actions = [document["event"]["action"] for document in seen]
    assert [action == "listening" for action in actions].count(False) == 1
