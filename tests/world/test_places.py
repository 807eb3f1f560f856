import os
from pathlib import Path

import pytest

from whence.world.places import Places


def test_a_folder_that_can_be_made_will_do(tmp_path: Path) -> None:
    assert Places(tmp_path / "not" / "yet" / "there").can_keep_cases()


def test_a_file_in_its_place_will_not(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    assert not Places(tmp_path / "state").can_keep_cases()


def test_a_folder_of_somebody_else_will_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    assert not Places(tmp_path).can_keep_cases()
