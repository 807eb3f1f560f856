"""Reports as a user asks for them."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from tests.frames import conversation, write_pcap
from tests.inquiry.reporting.samples import NOON, REMOTE, Own, sighting
from whence.model import Evidence, Flow, Program, Reading, ecs
from whence.store.case_file import CaseFile


def now() -> datetime:
    return datetime(2026, 11, 23, 13, tzinfo=UTC)


@pytest.fixture
def case(tmp_path: Path) -> str:
    """A case with a sighting, a fact, a note and a password."""
    flow, own = Flow(REMOTE, 443), Own(user="root")
    seen = sighting(own)
    told = Reading(f"connections {flow}", ecs.encode(ecs.from_sighting(seen)), NOON, own.host)
    conf = Reading("/etc/agent.conf", f"password = hunter2horse\npeer = {REMOTE}\n", NOON, own.host)
    with closing(CaseFile.create(tmp_path / "state" / "cases", flow, now, REMOTE)) as made:
        for reading in (told, conf):
            made.keep_reading(reading.source, reading)
        process = seen.lineage[0].process
        made.note_step("made_by", flow, [flow.fact("made-by", process, told.whole())])
        program = Program(own.host, "/opt/agent")
        made.note_step("runs", process, [process.fact("runs", program, *map_lines(conf))])
        made.note_verdict("insufficient", "Somebody does it.")
        made.note("<b>asked</b> the vendor | token=tok3n-of-somebody", "kim")
        return made.id


def map_lines(reading: Reading) -> list[Evidence]:
    return [line.evidence for line in reading.lines() if line]


ENDINGS = {
    "html": "<!doctype html>", "md": "# ", "json": "{", "stix.json": "{", "ecs.ndjson": "{",
    "ocsf.ndjson": "{",
}  # fmt: skip


@pytest.mark.parametrize("ending", [*ENDINGS])
def test_the_ending_says_the_form(ending: str, whence: Whence, case: str, tmp_path: Path) -> None:
    path = tmp_path / f"report.{ending}"
    status, out, err = whence("report", case, "-o", str(path))
    assert (status, out) == (0, "")
    assert "wrote" in err
    content = path.read_bytes()
    assert content.decode("latin-1").startswith(ENDINGS[ending])
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"hunter2horse" not in content
    assert b"tok3n-of-somebody" not in content
    assert whence("report", case, "-o", str(path))[0] == 65  # not overwritten unasked
    assert whence("report", case, "-o", str(path), "--overwrite")[0] == 0


def test_without_a_file_it_is_markdown_of_the_last_case(whence: Whence, case: str) -> None:
    status, out, _ = whence("report")
    assert status == 0
    assert case in out
    assert "\\<b\\>asked\\</b\\> the vendor" in out
    assert whence("report", "last", "-o", "-", "--format", "md")[1].startswith("# ")


def test_packets_get_their_process(whence: Whence, case: str, tmp_path: Path) -> None:
    frames = conversation(Own().public, REMOTE, (40000, 443), NOON.timestamp())
    capture, path = write_pcap(tmp_path / "x.pcap", frames), tmp_path / "x.pcapng"
    assert whence("report", case, "--read", str(capture), "-o", str(path))[0] == 0
    assert b"PID: 4711" in path.read_bytes()
    again = ("report", case, "--read", str(capture), "-o", str(path), "--overwrite")
    status, _, err = whence(*again, "--redact")
    assert (status, "cannot be redacted" in err) == (65, True)
    status, _, err = whence("report", case, "-o", str(tmp_path / "y.pcapng"))
    assert (status, "--read FILE" in err) == (65, True)


def test_redacted_it_hides_ones_own(whence: Whence, case: str) -> None:
    shown, hidden = whence("report", case)[1], whence("report", case, "--redact")[1]
    assert Own().host in shown
    assert Own().public in shown
    assert Own().host not in hidden
    assert Own().public not in hidden
    assert REMOTE in hidden
    assert REMOTE not in whence("report", case, "--redact=all")[1]
    assert REMOTE not in whence("report", "--redact", "ALL", case)[1]


@pytest.mark.parametrize("words", ["--redact {}", "--redact -- {}", "--redact own {}", "--redact"])
def test_what_follows_redact_may_be_the_case(words: str, whence: Whence, case: str) -> None:
    status, out, _ = whence("report", *words.format(case).split())
    assert (status, REMOTE in out, Own().host in out) == (0, True, False)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["last", "-o", "report.docx"], 65, "--format"),
        (["last", "-o", "missing/report.md"], 74, "No such file"),
        (["nosuch"], 65, "whence case list"),
        (["last", "--read", "x.pcap", "-o", "x.md"], 2, "--read is for"),
        (["last", "-o", "."], 65, "ending"),
        (["x.html"], 2, "-o x.html"),
        (["last", "--redact", "al"], 2, "(al)"),
        (["last", "--redact=al"], 2, "'own', 'all'"),
        (["--", "--redact"], 65, "whence case list"),
    ],
)
def test_mistakes_are_explained(
    words: list[str], status: int, said: str, whence: Whence, case: str,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    found, _, err = whence("report", *words)
    assert (found, "Traceback" in err) == (status, False)
    assert said in err


def test_a_case_in_which_nothing_was_found(whence: Whence) -> None:
    assert whence("203.0.113.99:9")[0] == 1
    for form in ("html", "md", "json", "stix", "ecs", "ocsf"):
        status, out, _ = whence("report", "--format", form)
        assert status == 0
        assert "203.0.113.99" in out


def change(file: Path, *statements: str) -> None:
    """Change a case's file as whence itself never would."""
    with closing(sqlite3.connect(file)) as changing:
        for statement in statements:
            changing.execute(statement)
        changing.commit()


def test_a_case_with_a_missing_text_says_so_first(
    whence: Whence, case: str, tmp_path: Path
) -> None:
    file = tmp_path / "state" / "cases" / f"{case}.case"
    change(file, "DELETE FROM text")
    for form in ("md", "html", "json"):
        status, out, err = whence("report", case, "--format", form)
        assert status == 65
        assert "is missing" in err
        assert "is missing" in out
    told = json.loads(out)["whence"]["report"]["custody"]["problems"]
    assert len(told) == 2


def test_a_case_whose_journal_was_changed_gets_no_report(
    whence: Whence, case: str, tmp_path: Path
) -> None:
    file = tmp_path / "state" / "cases" / f"{case}.case"
    with closing(sqlite3.connect(file)) as reading:
        [(rule,)] = reading.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'journal_is_not_rewritten'"
        )
    change(file, "DROP TRIGGER journal_is_not_rewritten",
           "UPDATE journal SET body = replace(body, 'agent', 'angel')", rule)  # fmt: skip
    path = tmp_path / "report.html"
    status, _, err = whence("report", case, "-o", str(path))
    assert (status, "damaged" in err) == (65, True)
    assert not path.exists()
