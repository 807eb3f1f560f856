"""Network namespaces, from a tree that was written down; entering one is tested in the lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world.namespaces import inside, network_namespaces


def lives_in(proc: Path, name: str, inode: int) -> None:
    below = proc / name / "ns"
    below.mkdir(parents=True)
    (below / "net").symlink_to(f"net:[{inode}]")


def test_each_namespace_once_and_our_own_first(tmp_path: Path) -> None:
    for name, inode in (("1", 500), ("20", 400), ("30", 500), ("self", 400)):
        lives_in(tmp_path, name, inode)
    (tmp_path / "40").mkdir()  # somebody else's
    spaces = network_namespaces(str(tmp_path), str(tmp_path / "none"))
    assert [(space.inode, space.own) for space in spaces] == [(400, True), (500, False)]


def test_who_led_there_before_leads_there_as_long_as_it_does(tmp_path: Path) -> None:
    for name, inode in (("20", 500), ("self", 400)):
        lives_in(tmp_path, name, inode)
    before = network_namespaces(str(tmp_path), str(tmp_path / "none"))
    lives_in(tmp_path, "10", 500)
    again = network_namespaces(str(tmp_path), str(tmp_path / "none"), before)
    assert again == before
    (tmp_path / "20/ns/net").unlink()
    own, other = network_namespaces(str(tmp_path), str(tmp_path / "none"), before)
    assert (own.own, other.path) == (True, f"{tmp_path}/10/ns/net")


def test_a_named_namespace_in_which_nobody_lives(tmp_path: Path) -> None:
    (tmp_path / "netns").mkdir()
    named = tmp_path / "netns/blue"
    named.touch()
    (tmp_path / "proc").mkdir()
    (space,) = network_namespaces(str(tmp_path / "proc"), str(tmp_path / "netns"))
    assert (space.inode, space.path, space.tables) == (named.stat().st_ino, str(named), "")


def test_a_namespace_that_is_gone_cannot_be_entered(tmp_path: Path) -> None:
    with pytest.raises(CannotAsk):
        inside(str(tmp_path / "gone"), lambda: None)
