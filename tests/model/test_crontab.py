from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.crontab import CrontabEntry, crontab_entry, shell_command


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
