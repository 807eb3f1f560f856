"""Files of log lines that this user may not read, as an unprivileged process meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
WITHOUT_RIGHTS = ("setpriv", "--inh-caps=-all", "--bounding-set=-all")  # root's as well


@pytest.mark.parametrize("command", ["parse", "rate", "explain", "load"])
def test_a_file_that_may_not_be_read_is_no_misuse(tmp_path: Path, command: str) -> None:
    log = tmp_path / "fw.log"
    log.write_text("Nov 26 03:17:01 fw su: hello\n")
    log.chmod(0o000)
    os.chown(log, 65534, 65534)
    done = subprocess.run(
        [*WITHOUT_RIGHTS, WHENCE, "logs", command, str(log)], capture_output=True, text=True,
        env=os.environ | {"WHENCE_STATE": str(tmp_path / "state")}, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 77
    assert f"may not read {log}" in done.stderr
