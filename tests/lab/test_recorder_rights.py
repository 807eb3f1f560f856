"""The best sensor works with the rights that the installed service has, and no others."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from whence.world.systemd import Account, recorder_unit

pytestmark = pytest.mark.lab

WATCH = """
import ctypes
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE: as MemoryDenyWriteExecute
from whence.cli.main import main
main()
"""
READ_ONLY = """
for place in $(awk '$3 == "sysfs" || $3 == "cgroup2" {print $2}' /proc/self/mounts) /; do
    mount -o remount,bind,ro "$place"
done
exec "$@"
"""


def test_the_best_sensor_works_with_the_rights_of_the_service() -> None:
    unit = recorder_unit(["/usr/bin/env"], Account.ROOT)
    (asked,) = re.findall(r"(?m)^CapabilityBoundingSet=(.*)", unit)
    rights = "-all," + ",".join(f"+{name[4:].lower()}" for name in asked.split())
    bounded = ("setpriv", "--no-new-privs", f"--bounding-set={rights}", f"--inh-caps={rights}")
    alone = ("unshare", "--mount", "--propagation=private", "sh", "-c", READ_ONLY, "sh")
    done = subprocess.run(
        (*alone, *bounded, sys.executable, "-B", "-c", WATCH, "watch", "--for", "1s"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "watching with ebpf" in done.stderr
