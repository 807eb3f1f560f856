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


def with_the_rights_of_the_service(*command: str) -> list[str]:
    unit = recorder_unit(["/usr/bin/env"], Account.ROOT)
    (asked,) = re.findall(r"(?m)^CapabilityBoundingSet=(.*)", unit)
    rights = "-all," + ",".join(f"+{name[4:].lower()}" for name in asked.split())
    bounded = ("setpriv", "--no-new-privs", f"--bounding-set={rights}", f"--inh-caps={rights}")
    alone = ("unshare", "--mount", "--propagation=private", "sh", "-c", READ_ONLY, "sh")
    return [*alone, *bounded, sys.executable, "-B", *command]


def test_the_best_sensor_works_with_the_rights_of_the_service() -> None:
    done = subprocess.run(
        with_the_rights_of_the_service("-c", WATCH, "watch", "--for", "1s"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "watching with ebpf" in done.stderr


def test_names_are_heard_with_the_rights_of_the_service() -> None:
    hearing = with_the_rights_of_the_service("-m", "whence.sensors.name_hearing")
    with subprocess.Popen(hearing, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            assert '"type":"status"' in process.stdout.readline()
        finally:
            process.terminate()


def test_what_hears_names_does_not_outlive_a_killed_recorder() -> None:
    hearing = subprocess.Popen(
        [sys.executable, "-m", "whence.sensors.name_hearing"], stdout=subprocess.PIPE, text=True
    )
    assert hearing.stdout
    assert '"status"' in hearing.stdout.readline()
    hearing.stdout.close()  # as the kernel does for who is killed
    assert hearing.wait(10) is not None
