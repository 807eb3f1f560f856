import contextlib
import os
import pty
import termios
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.cli.say import Progress, duration, explain_fault, safe
from whence.cli.types import Duration, Size
from whence.model import CannotAsk


def test_three_parts(capsys: pytest.CaptureFixture[str]) -> None:
    code = explain_fault(CannotAsk("may not read /x", because="it is root's", try_="use sudo"))
    assert code == 69
    assert capsys.readouterr().err == (
        "whence: may not read /x\n  because  it is root's\n  try      use sudo\n"
    )


def test_a_full_disk_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_fault(OSError(28, "No space left on device", "/var/x")) == 74
    assert "No space left" in capsys.readouterr().err


def test_what_is_not_permitted_need_not_be_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_fault(PermissionError(1, "Operation not permitted")) == 77
    told = capsys.readouterr().err
    assert told.startswith("whence: may not do that\n  because  Operation not permitted\n")


def test_a_bug_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_fault(KeyError("x")) == 70
    assert "Traceback" not in capsys.readouterr().err


@given(st.text())
def test_no_text_steers_the_terminal(text: str) -> None:
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in safe(text))


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("\u061c", "\\u061c"),  # turns the direction of text, as \u200e does
        ("\u200b", "\\u200b"),
        ("\u00ad", "\\xad"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_no_letter_hides_in_the_terminal(mark: str, shown: str) -> None:
    assert safe(f"svc{mark}host") == f"svc{shown}host"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (45, "45 s"), (600, "10 min"), (7200, "2 h 0 min"), (100_000, "1 d 3 h")],
)
def test_durations_as_people_say_them(seconds: int, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("45", 45), ("45s", 45), ("10m", 600), ("2h", 7200), ("1d12h", 129_600)]
)
def test_time_spans_that_are_understood(text: str, seconds: int) -> None:
    assert Duration().convert(text, None, None) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("text", "size"), [("500", 500), ("2k", 2048), ("1.5M", 1_572_864)])
def test_sizes_that_are_understood(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


def test_an_escape_says_how_far_it_goes() -> None:
    assert safe("a\x1b\u202eb") == r"a\x1b\u202eb"


@pytest.mark.parametrize(("columns", "longest"), [(30, 29), (0, 79), (200, 199)])
def test_progress_stays_on_one_line(columns: int, longest: int) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with open(theirs, "w") as terminal, contextlib.redirect_stderr(terminal):  # noqa: PTH123
        Progress().show("x" * 500)
    assert os.read(ours, 4096) == b"\r" + b"x" * longest
    os.close(ours)
