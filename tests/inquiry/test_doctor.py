from __future__ import annotations

from pathlib import Path

import pytest

from whence.inquiry.doctor import EXTRAS, extras


def test_what_is_not_installed_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(EXTRAS, "no_such_package", ("nothing is done", "nothing"))
    told = {one.what: one for one in extras()}
    assert told["nothing is done"].try_ == "pip install 'whence[nothing]'"
    assert not told["nothing is done"].works


def test_each_extra_is_one_of_pyproject() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert all(f"\n{extra} = [" in text for _, extra in EXTRAS.values())
