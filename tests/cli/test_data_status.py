from __future__ import annotations

from tests.cli.conftest import Whence


def test_tables_that_are_not_here_are_named_with_how_to_get_them(whence: Whence) -> None:
    status, out, _ = whence("data", "status")
    assert status == 0
    assert "Tor exits: there is none here\n  try      put the list of" in out


def test_an_answer_names_them_in_one_line(whence: Whence) -> None:
    _, out, _ = whence("remote", "203.0.113.7")
    (line,) = (line for line in out.splitlines() if "no tables here of" in line)
    assert "Tor exits" in line
    assert line.endswith("→ whence data status")
