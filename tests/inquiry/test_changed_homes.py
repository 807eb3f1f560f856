"""What users put into their own homes is told, and nothing else of a home is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.inquiry.recorded_changes import SEEN, RecordedFiles
from whence.inquiry.changed._declare import ChangeSource, Past
from whence.inquiry.changed._homes import MOST, in_homes
from whence.inquiry.changed.autostarts import autostarts
from whence.inquiry.changed.containers import containers
from whence.inquiry.changed.login_keys import login_keys
from whence.inquiry.changed.pip_and_npm import pip_and_npm
from whence.inquiry.changed.units import units
from whence.world import RecordedHost, ThisHost
from whence.world.changed_files import ThisMachinesFiles

PASSWD = """root:x:0:0::/root:/bin/sh
daemon:x:1:1::/home/daemon:/bin/sh
zoe:x:1000:1000::/home/zoe:/bin/sh
gone:x:1001:1001::/home/gone:/bin/sh
nobody:x:65534:65534::/home/daemon:/bin/sh
"""
Write = Callable[[str], None]


@pytest.fixture
def past(tmp_path: Path) -> Past:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(PASSWD)
    now = datetime.now(UTC)
    host, files = ThisHost(root=str(tmp_path)), ThisMachinesFiles(root=str(tmp_path))
    return Past(now - timedelta(hours=1), now + timedelta(minutes=1), host, files)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(path: str) -> None:
        for home in ("/root", "/home/zoe", "/home/daemon"):
            file = Path(f"{tmp_path}{home}/{path}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x")

    return write


CONTAINER = "ab" * 32
FOUND = (
    (units, ".config/systemd/user/scan.timer", "the unit file {} was written"),
    (units, ".local/share/systemd/user/scan.service", "the unit file {} was written"),
    (autostarts, ".config/autostart/scan.desktop", "the autostart file {} was written"),
    (pip_and_npm, ".local/lib/python3.11/site-packages/scan-2.1.dist-info/INSTALLER",
     "pip put in scan 2.1"),
    (pip_and_npm, ".local/share/pipx/venvs/scan/lib/python3.13/site-packages/"
     "scan-2.1.dist-info/INSTALLER", "pip put in scan 2.1"),
    (pip_and_npm, ".nvm/versions/node/v22.1.0/lib/node_modules/scan/package.json",
     "npm put in scan"),
    (containers, f".local/share/containers/storage/overlay-containers/{CONTAINER}/userdata/"
     "config.json", f"the container {CONTAINER[:12]} was made, started or stopped"),
    (login_keys, ".ssh/authorized_keys", "the list of authorized keys {} was written"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "path", "words"), FOUND, ids=[path for _, path, _ in FOUND])
def test_what_was_put_into_a_home(
    source: ChangeSource, path: str, words: str, past: Past, write: Write
) -> None:
    write(path)
    write("Documents/systemd/user/other.timer")
    found = [*source.read(past)]
    paths = [f"/root/{path}", f"/home/zoe/{path}"]
    assert [change.what for change in found] == [words.format(path) for path in paths]
    assert all(path in change.things for path, change in zip(paths, found, strict=True))


def test_whose_keys_they_are(past: Past, write: Write) -> None:
    write(".ssh/authorized_keys")
    assert [change.things[1] for change in login_keys.read(past)] == ["root", "zoe"]


def test_a_host_without_accounts_has_no_homes() -> None:
    past = Past(SEEN - timedelta(hours=1), SEEN, RecordedHost(), RecordedFiles([]))
    assert not [*login_keys.read(past)]


def test_homes_beyond_the_most_are_counted() -> None:
    passwd = "".join(f"u{uid}:x:{uid}:1::/home/u{uid}:/bin/sh\n" for uid in range(1000, 1203))
    host = RecordedHost({"/etc/passwd": passwd})
    past = Past(SEEN - timedelta(hours=1), SEEN, host, RecordedFiles([]))
    assert len(in_homes(past, ".ssh/authorized_keys")) == MOST
    assert past.not_read == {"beyond 200 home folders": 3}
