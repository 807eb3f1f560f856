"""Files of programs, looked into: real ones, hostile ones, and what is no program."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from whence.model import BadInput, CannotAsk
from whence.world import EPOCH
from whence.world.program_file import sums
from whence.world.program_reading import QUICK, contents, names
from whence.world.these_programs import Allowed, ThesePrograms

SOURCE = '''#!/usr/bin/env python3
"""https://documentation.example.org/"""
import socket
from . import near
API = "https://api.vendor." "example/v1"
LISTEN_PORT = 8443

def sync(port=0):
    # comment.example.org
    connect(("192.0.2.7", 4443), timeout=3)
    serve(port=9000)
'''


def told(path: Path) -> dict[str, tuple[str, int]]:
    return {said.text: (said.what, said.line) for said in contents(str(path))}


def test_python_source_is_read_as_python(tmp_path: Path) -> None:
    file = tmp_path / "sync.py"
    file.write_text(SOURCE)
    assert told(file) == {
        "a Python program": ("kind", 0),
        "/usr/bin/env python3": ("interpreter", 1),
        "socket": ("imports", 3),
        ".": ("imports", 4),
        "https://api.vendor.example/v1": ("url", 5),
        "api.vendor.example": ("host", 5),
        "8443": ("port", 6),
        "192.0.2.7": ("address", 10),
        "4443": ("port", 10),
        "9000": ("port", 11),
    }


@pytest.mark.parametrize(
    "source",
    [
        "print 'old.example.org'\n",
        "(" * 100_000 + "'old.example.org'",
        "x = " + "-" * 200_000 + "1\n'old.example.org'\n",
        "a" + ".a" * 100_000 + "\n'old.example.org'\n",
        "def f(:\n 'old.example.org'\n\0",
    ],
)
def test_python_that_cannot_be_parsed_is_read_line_by_line(tmp_path: Path, source: str) -> None:
    file = tmp_path / "old.py"
    file.write_text(source)
    began = time.monotonic()
    found = told(file)
    assert time.monotonic() - began < 10
    if "\0" not in source and not source.startswith("("):
        assert found["old.example.org"][0] == "host"


def test_what_is_no_text_is_looked_through_for_names(tmp_path: Path) -> None:
    file = tmp_path / "a.jar"
    file.write_bytes(b"PK\3\4" + bytes(100) + b"https://files.vendor.example/x" + bytes(9))
    found = told(file)
    assert found["files.vendor.example"] == ("host", 0)
    assert found["a ZIP archive"] == ("kind", 0)
    assert "not-read" in {what for what, _ in found.values()}


def test_a_damaged_elf_file_is_said_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\x7fELF\2\1\1" + b"\xff" * 200)
    assert "a damaged ELF file" in told(file)


def test_sums_are_those_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"12" * 700_000)
    found = json.loads(sums(str(file)))
    assert found["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert found["size"] == 1_400_000
    assert "capabilities" not in found


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(BadInput):
        sums(str(tmp_path / "fifo"))
    with pytest.raises(CannotAsk):
        sums(str(tmp_path / "none"))


def test_a_large_file_is_not_looked_into_where_no_time_may_pass(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(QUICK + 1))
    with pytest.raises(CannotAsk) as refused:
        [*names(str(file))]
    assert refused.value.try_ == f"whence program {file}"


def test_a_changed_file_is_summed_again(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("one")
    programs = ThesePrograms("here", lambda: EPOCH)
    first = programs.sums(str(file)).text
    file.write_text("three")
    assert programs.sums(str(file)).text != first


def test_nothing_is_run_and_no_rules_are_matched_unless_allowed() -> None:
    programs = ThesePrograms("here", lambda: EPOCH)
    with pytest.raises(CannotAsk) as refused:
        programs.help("/usr/bin/ls", is_sound=True)
    assert refused.value.try_ == "--run-help"
    with pytest.raises(CannotAsk, match="no rules"):
        programs.matched("/usr/bin/ls")
    unsound = ThesePrograms("here", lambda: EPOCH, Allowed(run_help=True))
    with pytest.raises(CannotAsk) as refused:
        unsound.help("/usr/bin/ls", is_sound=False)
    assert refused.value.try_ == "--run-help --any-owner"
