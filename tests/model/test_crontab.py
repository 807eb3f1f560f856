from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import Reading
from whence.model.crontab import CrontabEntry, anacrontab_entries, crontab_entry, shell_command

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "schedule", "user", "command"),
    [
        ("17 *\t* * *\troot\tcd / && x", "17 * * * *", "root", "cd / && x"),
        ("@hourly acme run  it ", "@hourly", "acme", "run  it "),
        ("  -*/5 0-6,22 1 jan-mar Mon root x", "*/5 0-6,22 1 jan-mar Mon", "root", "x"),
        ("0~30 * * * * root A=b x", "0~30 * * * *", "root", "A=b x"),
    ],
)
def test_what_a_system_crontab_says(line: str, schedule: str, user: str, command: str) -> None:
    assert crontab_entry(line) == CrontabEntry(schedule, user, command, command)


def test_a_crontab_of_ones_own_has_no_column_for_the_user() -> None:
    entry = crontab_entry("0 * * * * root x", owner="alice")
    assert entry == CrontabEntry("0 * * * *", "alice", "root x", "root x")


@pytest.mark.parametrize(
    "line",
    ["", "# 0 * * * * root x", "PATH=/bin", 'MAILTO = "a b"', "0 * * * * root", "0 * * *", "\0"],
)
def test_lines_that_start_nothing(line: str) -> None:
    assert crontab_entry(line) is None


@pytest.mark.parametrize(
    ("written", "given_to_the_shell"),
    [
        (r"date +\%F", "date +%F"),
        ("mail%hello%there", "mail"),
        (r"a \\% b", r"a \\"),
        (r"printf 'a\n'", r"printf 'a\n'"),
        ("a\\", "a\\"),
    ],
)
def test_the_rule_of_the_per_cent_sign(written: str, given_to_the_shell: str) -> None:
    assert shell_command(written) == given_to_the_shell


@given(st.text())
def test_any_line_is_read_or_passed_over(line: str) -> None:
    crontab_entry(line)
    crontab_entry(line, owner="alice")


@given(st.text(alphabet="0123456789@=#\\ \tdaily*"), st.text())
def test_any_anacrontab_is_read_or_passed_over(begin: str, rest: str) -> None:
    for entry, line in anacrontab_entries(Reading("tab", f"{begin} {rest}", NOW, "here").lines()):
        assert entry.days >= 0
        assert line.evidence.line >= 1
