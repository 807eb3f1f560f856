from __future__ import annotations

import gzip
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.samples import FLOW, NOON, fill, letters, some_facts, ticking
from whence.model import BadInput, CannotStore, Reading
from whence.store import portable
from whence.store.bodies import from_observable
from whence.store.cases import Cases
from whence.store.journal import Entry


@pytest.fixture
def here(tmp_path: Path) -> Cases:
    made = Cases(tmp_path / "here", ticking(), letters())
    fill(made.create(FLOW, "first")).close()
    return made


@pytest.fixture
def there(tmp_path: Path) -> Cases:
    return Cases(tmp_path / "there", ticking(), letters())


@pytest.mark.parametrize("name", ["case.jsonl", "case.jsonl.gz"])
def test_a_case_travels(here: Cases, there: Cases, tmp_path: Path, name: str) -> None:
    here.export("last", tmp_path / name)
    with closing(there.import_(tmp_path / name)) as case, closing(here.open("last")) as original:
        assert case.id == original.id
        assert case.facts() == some_facts()
        assert next(case.answers()) == next(original.answers())
        assert [entry.kind for entry in case.journal()][-1] == "imported"
        assert not case.verify()


def test_the_same_case_gives_the_same_bytes(here: Cases, tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        here.export("last", tmp_path / name)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_file_is_not_replaced_by_accident(here: Cases, tmp_path: Path) -> None:
    target = tmp_path / "case.jsonl"
    target.write_text("precious")
    with pytest.raises(BadInput):
        here.export("last", target)
    assert target.read_text() == "precious"
    here.export("last", target, replace=True)
    assert target.read_text() != "precious"


def test_an_export_to_where_nothing_can_be_written(here: Cases, tmp_path: Path) -> None:
    with pytest.raises(CannotStore):
        here.export("last", tmp_path / "no" / "such" / "folder")


def test_a_case_that_is_here_already(here: Cases, there: Cases, tmp_path: Path) -> None:
    here.export("last", tmp_path / "case")
    with pytest.raises(BadInput, match="here already"):
        here.import_(tmp_path / "case")
    there.import_(tmp_path / "case").close()
    with pytest.raises(BadInput, match="here already"):
        there.import_(tmp_path / "case")


def test_a_case_that_went_on_elsewhere_gets_a_name_of_its_own(
    here: Cases, there: Cases, tmp_path: Path
) -> None:
    here.export("last", tmp_path / "case")
    with closing(there.import_(tmp_path / "case")) as copy:
        copy.note("seen here too", author="lee")
    there.export("last", tmp_path / "back")
    with closing(here.import_(tmp_path / "back")) as case:
        assert case.id == "2026-11-23-k7f1"
        assert [note.author for note in case.notes()] == ["kim", "lee"]


def test_a_long_text_is_written_in_pieces(here: Cases, there: Cases, tmp_path: Path) -> None:
    long = Reading("/var/log/syslog", "line\n" * 500_000, some_facts()[0].at, "fw")
    with closing(here.open("last")) as case:
        case.keep_reading(long.source, long)
    here.export("last", tmp_path / "case.gz")
    with closing(there.import_(tmp_path / "case.gz")) as case:
        assert [*case.answers()][-1] == (long.source, long)


def _exported(here: Cases, path: Path) -> list[str]:
    here.export("last", path)
    return path.read_text().splitlines()


CHANGES = {
    "another verdict": ('"verdict":"explained"', '"verdict":"suspicious"'),
    "another text": ("17 * * * *", "18 * * * *"),
    "another time": ("T12:00:01", "T13:00:01"),
    "another head": ('"head":"', '"head":"0'),
    "a newer format": ('"whence-case":1', '"whence-case":2'),
    "no format": ('"whence-case":1', '"whence-case":"1"'),
    "a foreign file": ('"whence-case"', '"case"'),
    "true for a format": ('"whence-case":1', '"whence-case":true'),
    "a body before the body": ('"body":', '"body":{"verdict":"benign"},"body":'),
    "a name twice in a body": ('"title":"first"', '"title":"other","title":"first"'),
    "a word beside an entry": ('"kind":"verdict"', '"checked-by":"court","kind":"verdict"'),
    "a word beside a text": ('\n{"digest":"', '\n{"source":"/etc/shadow","digest":"'),
    "a word in the header": ('"id":', '"author":"court","id":'),
    "a name that leads elsewhere": ('"seq":1', '"seq":"../../etc/passwd"'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_not_taken_in(
    here: Cases, there: Cases, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "case"
    text = "\n".join(_exported(here, path)) + "\n"
    path.write_text(text.replace(*CHANGES[change], 1))
    with pytest.raises(BadInput, match="is not a case that whence exported"):
        there.import_(path)
    assert not there.directory.exists()


def test_what_is_no_number_is_not_taken_in(there: Cases, tmp_path: Path) -> None:
    opened = Entry.after(None, NOON, "opened", {"subject": from_observable(FLOW), "title": ""})
    odd = Entry.after(opened, NOON, "came-later", {"size": float("nan")})
    portable.write(tmp_path / "case", portable.lines_of("no id", [opened, odd], {}))
    with pytest.raises(BadInput, match="is not a case that whence exported") as refused:
        there.import_(tmp_path / "case")
    assert "NaN" in refused.value.because


def test_what_is_no_text_is_not_taken_in(there: Cases, tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\n" * 9)
    with pytest.raises(BadInput, match="is not a case that whence exported") as refused:
        there.import_(tmp_path / "x.pcap")
    assert refused.value.because == "it is no text"


def test_a_folder_is_not_replaced_and_nobody_is_told_to(here: Cases, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no ordinary file") as refused:
        here.export("last", tmp_path)
    assert refused.value.try_ == "name another file"


def test_a_line_that_was_left_out(here: Cases, there: Cases, tmp_path: Path) -> None:
    path = tmp_path / "case"
    lines = _exported(here, path)
    for left_out in range(len(lines)):
        path.write_text("\n".join(lines[:left_out] + lines[left_out + 1 :]) + "\n")
        with pytest.raises(BadInput):
            there.import_(path)


def test_a_name_that_leads_out_of_the_folder(here: Cases, there: Cases, tmp_path: Path) -> None:
    path = tmp_path / "case"
    header, *lines = _exported(here, path)
    evil = json.dumps(json.loads(header) | {"id": "../../evil"})
    path.write_text("\n".join([evil, *lines]) + "\n")
    with closing(there.import_(path)) as case:
        assert case.path.parent == there.directory
        assert case.id == "2026-11-23-k7f0"


@pytest.mark.parametrize("at", ["../../../tmp", "9999-99-99T", "", "2026-11-23", "tomorrow"])
def test_a_chain_forged_so_that_its_date_leads_elsewhere(
    there: Cases, tmp_path: Path, at: str
) -> None:
    opened = Entry.after(None, NOON, "opened", {"subject": from_observable(FLOW), "title": ""})
    forged = replace(opened, at=at)
    forged = replace(forged, hash=forged.computed_hash)
    portable.write(tmp_path / "case", portable.lines_of("no id", [forged], {}))
    with pytest.raises(BadInput, match="is not a case that whence exported"):
        there.import_(tmp_path / "case")
    assert not there.directory.exists()


HOSTILE = {
    "nothing": b"",
    "no JSON": b"hello\n",
    "no object": b"[1]\n",
    "a deep one": b"[" * 100_000 + b"\n",
    "no end": b'{"whence-case":1,"id":"x","head":"y"}',
    "no entries": b'{"whence-case":1,"id":"x","head":"y"}\n',
    "half a gzip": gzip.compress(b"x" * 1000)[:40],
    "no gzip": b"\x1f\x8b\x08\x00junk",
    "numbers": b'{"whence-case":1,"id":1,"head":2}\n{"digest":1,"text":2}\n',
    "a number without end": b'{"whence-case":' + b"9" * 100_000 + b"}\n",
    "a bomb": gzip.compress(b"\0" * (portable.LONGEST + 1)),
    "no UTF-8": b"\xff\xfe{}\n",
}


@pytest.mark.parametrize("content", HOSTILE)
def test_a_hostile_file_is_refused(there: Cases, tmp_path: Path, content: str) -> None:
    path = tmp_path / "case"
    path.write_bytes(HOSTILE[content])
    with pytest.raises(BadInput):
        there.import_(path)
    assert not there.directory.exists()


def test_a_file_that_is_not_there(there: Cases, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        there.import_(tmp_path / "nothing")


def test_a_device_or_a_pipe_is_not_replaced_by_a_case(tmp_path: Path) -> None:
    """As root, /dev/null would be gone."""
    cases = Cases(tmp_path / "cases", lambda: NOON)
    cases.create(FLOW).close()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadInput):
        cases.export("last", pipe, replace=True)
    assert pipe.is_fifo()
