"""What was changed before it began, kept in the case that it is about."""

from __future__ import annotations

from tests.cli.conftest import Whence


def test_a_case_keeps_the_first_changes_with_what_they_rest_on(whence: Whence) -> None:
    whence("127.0.0.1:9")
    status, out, _ = whence("changes", "--window", "2d", "--case", "last", "--count", "1")
    _, shown, _ = whence("case", "show", "last")
    found = status == 0
    assert ("changed before" in shown) is found, out
    assert whence("case", "verify", "last")[0] == 0
    assert whence("case", "replay", "last")[0] == 0


def test_a_case_that_is_not_there(whence: Whence) -> None:
    assert whence("changes", "--case", "2020-01-01-none")[0] == 65
