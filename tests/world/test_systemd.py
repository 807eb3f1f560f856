from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world import systemd
from whence.world.systemd import Account, recorder_unit

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


@pytest.fixture(params=Account, ids=lambda account: account.name)
def unit(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "whence-record.service"
    path.write_text(recorder_unit(["/usr/bin/env"], request.param))
    return path


def analyze(*arguments: str) -> str:
    done = subprocess.run(
        ("systemd-analyze", *arguments), capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    assert analyze("verify", "--man=no", str(unit)) == ""


@needs_systemd
def test_systemd_finds_the_unit_hardened(unit: Path) -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"exposure level for .*: ([0-9.]+)", told)
    assert exposure
    assert float(exposure[1]) <= 2.3  # of 10; a unit without hardening has 9.6


def test_the_unit_asks_for_four_capabilities_only() -> None:
    text = recorder_unit(["/usr/bin/env"], Account.OWN)
    asked = set(re.findall(r"CAP_\w+", re.sub(r"(?m)^#.*", "", text)))
    assert asked == {"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_NET_RAW"}


CALLBACKS = """
import ctypes
libc = ctypes.CDLL(None)
refused = libc.prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: Linux 6.3
Order = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
libc.qsort((ctypes.c_int * 2)(2, 1), 2, 4, Order(lambda a, b: print("called") or 0))
"""


def test_callbacks_work_where_no_memory_may_be_written_and_run() -> None:
    done = subprocess.run(
        (sys.executable, "-c", CALLBACKS), capture_output=True, text=True, timeout=60, check=True
    )
    assert "called" in done.stdout


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(CannotAsk, match="could not run sh") as told:
        systemd.run(("sh", "-c", "echo first >&2; echo last words >&2; exit 3"))
    assert told.value.because == "last words"


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(CannotAsk) as told:
        systemd.run(("/absent/systemctl",))
    assert told.value.because == "No such file or directory"
