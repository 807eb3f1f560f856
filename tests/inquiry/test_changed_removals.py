"""What is gone is told by its folder, and a folder that only got something new is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whence.inquiry.changed import _removals
from whence.inquiry.changed._declare import Past
from whence.inquiry.changed.schedules import schedules
from whence.inquiry.changed.units import units
from whence.model.changed import Onset, rank
from whence.world import ThisHost
from whence.world.changed_files import ThisMachinesFiles

CRON = "etc/cron.d"
WANTS = "etc/systemd/system/timers.target.wants"
AGO = timedelta(hours=1)
AT_ONCE = 0.03  # seconds


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a root with schedules, enabled timers and transient units, older than a while."""
    monkeypatch.setattr(_removals, "AT_ONCE", AT_ONCE)
    for folder in (CRON, WANTS, "run/systemd/transient"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "one").write_text("x")
        (tmp_path / folder / "two").write_text("x")
    time.sleep(3 * AT_ONCE)  # nobody can set a ctime
    return tmp_path


def past(root: Path, end: timedelta = AGO) -> Past:
    now = datetime.now(UTC)
    host, files = ThisHost(root=str(root)), ThisMachinesFiles(root=str(root))
    return Past(now - AGO, now + end, host, files)


def gone(past: Past) -> list[str]:
    found = [*schedules.read(past), *units.read(past)]
    return [change.what for change in found if change.kind == "removal"]


def test_a_schedule_that_was_removed(root: Path) -> None:
    (root / CRON / "one").unlink()
    assert gone(past(root)) == ["something was removed from, or renamed in, /etc/cron.d"]


def test_a_unit_that_was_disabled(root: Path) -> None:
    (root / WANTS / "one").unlink()
    words = f"something was removed from, or renamed in, /{WANTS}: a unit was disabled, it seems"
    assert gone(past(root)) == [words]


def write_anew(root: Path) -> None:
    (root / CRON / "new").write_text("x")


def rename(root: Path) -> None:
    (root / CRON / "one").rename(root / CRON / "new")


def write_in_place(root: Path) -> None:
    (root / CRON / "one").write_text("more")


def put_in_place_of(root: Path) -> None:
    (root / "new").write_text("x")
    (root / "new").rename(root / CRON / "one")


def change_rights(root: Path) -> None:
    (root / CRON).chmod(0o700)


def end_a_transient_unit(root: Path) -> None:
    (root / "run/systemd/transient/one").unlink()


def make_a_folder(root: Path) -> None:
    (root / "etc/systemd/system/one.service.d").mkdir()


def make_what_was_not_there(root: Path) -> None:
    (root / "etc/cron.hourly").mkdir()


@pytest.mark.parametrize(
    "change",
    [write_anew, rename, write_in_place, put_in_place_of, change_rights, end_a_transient_unit,
     make_a_folder, make_what_was_not_there],
    ids=lambda change: change.__name__,
)  # fmt: skip
def test_what_removes_nothing(change: Callable[[Path], None], root: Path) -> None:
    change(root)
    assert not gone(past(root))


def test_a_new_file_that_was_written_again_after_the_span(root: Path) -> None:
    write_anew(root)
    asked = past(root, end=timedelta(seconds=0.05))
    time.sleep(0.1)
    with (root / CRON / "new").open("a") as file:
        file.write("x")
    assert not gone(asked)


def test_a_folder_that_may_not_be_looked_into_is_not_judged(root: Path) -> None:
    (root / CRON / "one").unlink()
    host = ThisHost(root=str(root / "nowhere"))  # root may look into all
    asked = past(root)
    assert not gone(Past(asked.begin, asked.end, host, asked.files))


def test_a_removal_stands_behind_what_has_a_name(root: Path) -> None:
    (root / WANTS / "one").unlink()
    (root / CRON / "one").write_text("x")
    asked = past(root)
    found = [*schedules.read(asked), *units.read(asked)]
    onset = Onset(datetime.now(UTC) + AGO)
    named = [one for one in rank(found, onset, [f"/{WANTS}/two"]) if one.change.kind != "removal"]
    [removal] = [one for one in rank(found, onset) if one.change.kind == "removal"]
    assert all(one.score > removal.score for one in named)
