from __future__ import annotations

import os
from pathlib import Path

import pytest

from whence.world import at_boot
from whence.world.at_boot import undo_at_boot
from whence.world.trust import this_whence
from whence.world.undo import Undo

WHENCE = Path("/usr/bin/env")
SYSTEMD, CRON = "run/systemd/system", "usr/sbin/cron"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="units of the system are root's")


@pytest.fixture
def undo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Undo:
    monkeypatch.setenv("WHENCE_STATE", "/srv/whence state")
    # The folders of a test may be anybody's; what a real unit rests on is tried with its printing.
    monkeypatch.setattr(at_boot, "this_whence", lambda: ())
    monkeypatch.setattr("whence.world.undo_unit.this_whence", lambda: ())
    return Undo(tmp_path / "journal/undo.jsonl")


def machine(folder: Path, *there: str) -> Path:
    for name in ("etc/cron.d", *there):
        (folder / name).mkdir(parents=True)
    return folder


def files(root: Path) -> list[str]:
    found = (path for path in root.rglob("*") if path.is_symlink() or path.is_file())
    return sorted(str(path.relative_to(root)) for path in found)


def test_where_systemd_runs_a_unit_that_is_wanted(undo: Undo, tmp_path: Path) -> None:
    root = machine(tmp_path / "root", SYSTEMD, CRON)
    assert undo_at_boot(undo, "5f", WHENCE, root=root) == "whence-undo-5f.service does at boot"
    unit, wanted = root / at_boot.UNITS / "whence-undo-5f.service", root / at_boot.WANTED_BY
    assert "\nExecStart=/usr/bin/env undo --all\n" in unit.read_text()
    assert '\nEnvironment="WHENCE_STATE=/srv/whence state"\n' in unit.read_text()
    assert (wanted / unit.name).resolve() == unit
    assert [*undo.undo_all(lambda _: None)] == [
        f"removed {wanted / unit.name}",
        f"removed {unit}",
    ]
    assert files(root) == []


def test_what_somebody_else_put_there_stays(undo: Undo, tmp_path: Path) -> None:
    root = machine(tmp_path / "root", SYSTEMD)
    undo_at_boot(undo, "5f", WHENCE, root=root)
    wanted = root / at_boot.WANTED_BY / "whence-undo-5f.service"
    wanted.unlink()
    wanted.symlink_to("/dev/null")
    (root / at_boot.UNITS / "other.service").touch()
    [*undo.undo_all(lambda _: None)]
    assert files(root) == [f"{at_boot.WANTED_BY}/{wanted.name}", f"{at_boot.UNITS}/other.service"]


def test_where_cron_is_a_line_for_it(undo: Undo, tmp_path: Path) -> None:
    root = machine(tmp_path / "root", CRON)
    line = root / "etc/cron.d/whence-undo-5f"
    assert undo_at_boot(undo, "5f", WHENCE, root=root) == f"{line} does at boot"
    assert line.read_text().splitlines()[1:] == [
        "@reboot root env 'WHENCE_STATE=/srv/whence state' /usr/bin/env undo --all"
    ]
    [*undo.undo_all(lambda _: None)]
    assert files(root) == []


def test_where_there_is_neither_it_says_so(undo: Undo, tmp_path: Path) -> None:
    root = machine(tmp_path / "root")
    said = undo_at_boot(undo, "5f", WHENCE, root=root)
    assert said == "nothing does at boot, for there is neither systemd nor cron"
    assert not undo.pending()


@pytest.mark.parametrize("manager", [SYSTEMD, CRON])
def test_root_runs_nothing_that_others_can_change(undo: Undo, tmp_path: Path, manager: str) -> None:
    root = machine(tmp_path / "root", manager)
    program = tmp_path / "whence"
    program.touch()
    program.chmod(0o777)
    said = undo_at_boot(undo, "5f", program, root=root)
    assert said.startswith("nothing does at boot: a service with capabilities should not rest on")
    assert files(root) == []


def test_the_parts_of_a_whence_are_those_that_it_runs() -> None:
    assert all(part.exists() for part in this_whence())
