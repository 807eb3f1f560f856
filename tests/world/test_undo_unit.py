from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.world.undo_unit import undo_unit

ENV = Path("/usr/bin/env")

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


def analyze(folder: Path, *arguments: str) -> str:
    path = folder / "whence-undo.service"
    path.write_text(undo_unit(ENV, rests_on=()))
    done = subprocess.run(
        ("systemd-analyze", *arguments, str(path)),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_finds_nothing_wrong_and_much_taken_away(tmp_path: Path) -> None:
    assert analyze(tmp_path, "verify", "--man=no") == ""
    told = analyze(tmp_path, "security", "--offline=true", "--no-pager")
    exposure = re.search(r"exposure level for .*: ([0-9.]+)", told)
    assert exposure
    assert float(exposure[1]) <= (5.5 if os.geteuid() == 0 else 9.6)  # it puts programs back


def test_it_takes_everything_back_and_only_where_something_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENCE_STATE", str(tmp_path))
    text = undo_unit(ENV, rests_on=())
    assert "\nExecStart=/usr/bin/env undo --all\n" in text
    assert f"\nConditionPathExists=|{tmp_path}/bisect/undo.json\n" in text
    assert f"\nConditionDirectoryNotEmpty=|{tmp_path}/undo/passing\n" in text


def test_letters_that_systemd_reads_differently_are_refused() -> None:
    with pytest.raises(BadSettings):
        undo_unit(Path("/opt/$(reboot)/whence"), rests_on=())
