"""Our services under a real systemd, on a machine of its own that leaves nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

import whence

pytestmark = pytest.mark.lab

SYSTEMD = Path("/lib/systemd/systemd")
PROGRAM = "/opt/whence/bin/whence"
HERE = [str(Path(module.__file__ or "").parents[1]) for module in (whence, msgspec)]
PATH = [f"/opt/whence/lib{number}" for number in range(len(HERE))]  # a service sees no /tmp of ours
# Where this Python is below a folder of root's, the service cannot have a user of its own; with
# the system's Python it can, if that is of the same version.
PYTHONS = [os.path.realpath(sys.executable), f"/usr/bin/python3.{sys.version_info.minor}"]
BOOT = f"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs {{folder}}
for place in etc var opt; do
    mkdir -p {{folder}}/$place.new {{folder}}/$place.work
    mount -t overlay overlay /$place \
        -o lowerdir=/$place,upperdir={{folder}}/$place.new,workdir={{folder}}/$place.work
done
rm -rf /etc/systemd/system/* /var/lib/whence
mount -t tmpfs tmpfs /run
mkdir /run/systemd
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p {Path(PROGRAM).parent}
{{mounts}}
cat > {PROGRAM} <<'END'
#!{{python}}
import os, sys
sys.path[:0] = {{path}}
os.environ["PYTHONPATH"] = ":".join({{path}})
from whence.cli.main import main
main()
END
chmod 755 {PROGRAM}
cd /etc/systemd/system
for unit in sysinit shutdown umount; do
    printf '[Unit]\\nDefaultDependencies=no\\n' > $unit.target
done
printf '[Unit]\\nRequires=sysinit.target\\nAfter=sysinit.target\\n' > basic.target
printf '[Unit]\\nDefaultDependencies=no\\nRequires=basic.target\\n' > multi-user.target
exec env -i PATH="$PATH" container=whence-test SYSTEMD_UNIT_PATH=/etc/systemd/system \
    {SYSTEMD} --system --unit=multi-user.target --log-target=null --show-status=no
"""
DO = """
import sys
from whence.world import service_install
action, *command = sys.argv[1:]
print(*getattr(service_install, action)(*([command] if command else [])), sep="\\n")
"""


class Machine:
    """A systemd that is the first process of its own namespaces."""

    def __init__(self, init: int, python: str) -> None:
        self._enter = ("nsenter", "-t", str(init), "--all")
        self._python = ("env", f"PYTHONPATH={':'.join(PATH)}", python)

    def run(self, *argv: str, check: bool = True) -> str:
        done = subprocess.run(
            (*self._enter, *argv), capture_output=True, text=True, timeout=90, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ask(self, *words: str) -> str:
        return self.run(*self._python, "-c", DO, *words)

    def recorder(self) -> str:
        """The pid of the running recorder, as this machine counts."""
        return self.run("systemctl", "show", "--property=MainPID", "--value", "whence-record")

    def history(self) -> str:
        return self.run(PROGRAM, "record", "status", check=False)


def until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 90
    while not look():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.2)


@pytest.fixture
def group() -> Iterator[Path]:
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    root = next(Path(fields[1]) for fields in mounts if fields[2] == "cgroup2")
    group = root / f"whence-test-service-{os.getpid()}"
    group.mkdir()
    yield group
    until(lambda: "populated 0" in (group / "cgroup.events").read_text(), "the end of all")
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()


@pytest.fixture(params=[python for python in PYTHONS if Path(python).exists()])
def machine(group: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    mounts = (
        f"mkdir {to} && mount --bind {here} {to}" for here, to in zip(HERE, PATH, strict=True)
    )
    script = BOOT.format(folder=tmp_path, python=request.param, path=PATH, mounts="\n".join(mounts))
    spaces = ("--mount", "--pid", "--mount-proc", "--cgroup", "--ipc", "--uts")
    starter = subprocess.Popen(
        (
            *("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"),
            *("unshare", *spaces, "--fork", "--kill-child=KILL", "bash", "-c", script),
        )
    )
    children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children")
    try:
        until(lambda: bool(children.read_text().split()), "the machine")
        machine = Machine(int(children.read_text().split()[0]), request.param)
        booted = ("systemctl", "is-system-running")
        until(lambda: machine.run(*booted, check=False) == "running", "systemd")
        yield machine
    finally:
        starter.kill()
        starter.wait()


@pytest.mark.skipif(not SYSTEMD.exists(), reason="systemd is not installed")
def test_the_recorder_runs_comes_back_and_is_removed(machine: Machine) -> None:
    assert "enabled and started" in machine.ask("install", PROGRAM)
    until(lambda: " ebpf, " in machine.history(), "the history of the best sensor")
    assert "it runs" in machine.ask("status")

    killed = machine.recorder()
    machine.run("kill", "-KILL", killed)
    until(lambda: machine.recorder() not in ("0", killed), "the next recorder")

    said = machine.ask("remove")
    assert "removed /etc/systemd/system/whence-record.service" in said
    assert "the history stays" in said
    assert machine.run("systemctl", "is-active", "whence-record", check=False) == "inactive"
    assert " ebpf, " in machine.history()


@pytest.mark.skipif(not SYSTEMD.exists(), reason="systemd is not installed")
def test_the_unit_that_is_shown_receives_and_keeps(machine: Machine) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    unit = "/etc/systemd/system/whence-logs.service"
    machine.run(
        "sh", "-c", f"{PROGRAM} logs receive --udp 127.0.0.1:{port} --print-unit > {unit}"
    )  # fmt: skip
    machine.run("systemctl", "enable", "--now", "whence-logs")
    line = b"<134>Nov 17 03:17:00 fw1 %ASA-6-302013: Built outbound TCP connection"

    def kept() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(line, ("127.0.0.1", port))
        spool = "/var/lib/whence/logs/spool"
        return bool(machine.run("grep", "-rl", "302013", spool, check=False))

    until(kept, "a line in the spool")
    receiver = machine.run("pgrep", "--full", "whence.sensors.log_receiving")
    assert "CapEff:\t0000000000000000" in machine.run("cat", f"/proc/{receiver}/status")
    machine.run("systemctl", "stop", "whence-logs")
    assert machine.run("systemctl", "is-failed", "whence-logs", check=False) == "inactive"
    assert machine.run("sh", "-c", "find /var/lib/whence/logs/lake -name '*.parquet'")
