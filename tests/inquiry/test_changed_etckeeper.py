"""Commits of a real repository in /etc are told with who, why and which files."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.inquiry.recorded_changes import SEEN, RecordedFiles
from whence.inquiry.changed._declare import Past
from whence.inquiry.changed.etckeeper import MOST_FILES, etckeeper
from whence.model import CannotAsk, Reading
from whence.model.changed import Change
from whence.world import ThisHost

AT = SEEN - timedelta(minutes=5)


class HostWithEtc(ThisHost):
    """A host whose /etc is in a folder, also for git."""

    def __init__(self, root: Path) -> None:
        super().__init__(root=str(root))
        self._etc = str(root / "etc")

    def run(self, *argv: str) -> Reading:
        return super().run(*(self._etc if word == "/etc" else word for word in argv))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(root: Path, *argv: str, at: datetime = AT, who: str = "Alice") -> None:
    environment = {
        "PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": who, "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "root",
        "GIT_COMMITTER_EMAIL": "root@example.org", "GIT_AUTHOR_DATE": at.isoformat(),
        "GIT_COMMITTER_DATE": at.isoformat(),
    }  # fmt: skip
    subprocess.run(["git", "-C", str(root / "etc"), *argv], env=environment, check=True)


def commit(root: Path, reason: str, *files: str, at: datetime = AT, who: str = "Alice") -> None:
    for file in files:
        (root / "etc" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "etc" / file).write_text(f"{at}")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", reason, at=at, who=who)


def told(root: Path) -> list[Change]:
    past = Past(SEEN - timedelta(hours=1), SEEN, HostWithEtc(root), RecordedFiles([]))
    return [*etckeeper.read(past)]


def test_who_committed_which_files_and_why(root: Path) -> None:
    commit(root, "before it all", "hosts", at=SEEN - timedelta(days=3))
    commit(root, "move the scanner\n\nto the new network", "scanner/networks", "cron.d/scan")
    [change] = told(root)
    assert change.what == "“move the scanner”: /etc/cron.d/scan, /etc/scanner/networks"
    assert (change.at, change.kind, change.who) == (AT, "commit", "Alice")
    assert change.things == ("/etc/cron.d/scan", "/etc/scanner/networks")
    assert not change.along
    assert change.evidence.line == 1
    assert "move the scanner" in change.evidence.excerpt


def test_what_came_with_a_package_counts_less_than_what_somebody_did(root: Path) -> None:
    commit(root, "daily autocommit", "hosts", at=AT - timedelta(minutes=2))
    commit(root, "committing changes in /etc made by \"apt install nmap\"", "nmap.conf", "x", "y",
           "z", at=AT - timedelta(minutes=1), who="bob")  # fmt: skip
    commit(root, "saving uncommitted changes in /etc prior to apt run", "rc.local")
    prior, by_apt, daily = told(root)
    assert by_apt.what == (
        '“committing changes in /etc made by "apt install nmap"”: '
        "/etc/nmap.conf, /etc/x, /etc/y and 1 more"
    )
    assert (by_apt.who, by_apt.along) == ("bob", True)
    assert by_apt.command == "apt install nmap"
    assert not prior.along
    assert not daily.along, "only the commit was made by itself"


def test_names_of_any_kind(root: Path) -> None:
    commit(root, "scharfes ß", "café/a b", "tab\there")
    [change] = told(root)
    assert change.things == ("/etc/café/a b", "/etc/tab\there")


def test_many_files_are_not_all_named(root: Path) -> None:
    commit(root, "all", *(f"many/{number}" for number in range(MOST_FILES + 9)))
    [change] = told(root)
    assert len(change.things) == MOST_FILES
    assert change.what.endswith(f"and {MOST_FILES + 6} more")


def test_a_commit_of_nothing_and_an_empty_repository(root: Path) -> None:
    with pytest.raises(CannotAsk, match="git gave no answer"):
        told(root)
    commit(root, "nothing")
    [change] = told(root)
    assert change.what == "“nothing”"


def test_an_etc_that_is_in_no_repository(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert not told(tmp_path)
