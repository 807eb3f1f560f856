from __future__ import annotations

from pathlib import Path

from whence.analysis.log_generations import generations


def _names(*names: str) -> list[list[str]]:
    return [
        [file.name for file in log] for log in generations([Path("/l", name) for name in names])
    ]


def test_files_of_a_log_are_together_and_the_oldest_is_first() -> None:
    log = ["m.10.gz", "m.2.gz", "m.1", "m"]
    assert _names(*reversed(log)) == [log]
    assert _names("m", "other", "m.1") == [["m.1", "m"], ["other"]]
    dated = ["m-20260301.xz", "m-20260302", "m"]
    assert _names("m", *dated[:2]) == [dated]


def test_what_ends_in_a_number_may_be_an_address() -> None:
    assert _names("10.0.0.1", "10.0.0.2", "fw-1", "fw") == [
        ["10.0.0.1"], ["10.0.0.2"], ["fw-1"], ["fw"],
    ]  # fmt: skip
