from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world.replaced_files import FolderWatch


def test_what_appears_is_told_once(tmp_path: Path) -> None:
    watch = FolderWatch(str(tmp_path))
    (tmp_path / "agent.dpkg-new").write_text("2")
    (tmp_path / "agent.dpkg-new").rename(tmp_path / "agent")
    assert watch.appeared() == ["agent.dpkg-new", "agent"]
    assert not watch.appeared()
    watch.close()


def test_a_folder_that_is_moved_is_gone(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    watch = FolderWatch(str(tmp_path / "bin"))
    (tmp_path / "bin").rename(tmp_path / "moved")
    assert not watch.appeared()
    assert watch.gone
    watch.close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CannotAsk, match="cannot be watched"):
        FolderWatch(str(tmp_path / "none"))
