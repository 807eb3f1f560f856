"""Nothing leaves the machine unless the user allowed it: whence is run in a network namespace
whose only way out is counted, and so is its loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
NEEDS_NO_NETWORK = (
    ("203.0.113.7:443",),
    ("203.0.113.7", "--wait", "2s"),
    (":443", "--json"),
    ("2001:db8::7", "--all"),
    ("example.org",),
    ("localhost",),
    ("00:00:5e:00:53:01",),
    ("station", "192.0.2.9"),
    ("station", "00:00:5e:00:53:01", "--json"),
    ("station", "203.0.113.7", "--ask-neighbours"),  # on no link: it is not asked through a router
    ("data", "status"),
    ("started", "1"),
    ("started", "2", "--all"),
    ("remote", "52.30.1.2:443"),
    ("remote", "2001:db8::7", "--all"),
    ("program", sys.executable),
    ("program", "/usr/bin/dpkg"),
    ("find", "203.0.113.7", "--name", "scan.example.org"),
    ("find", "example.org"),
    ("changes", "--window", "1h"),
    ("trap", "/usr/bin/dpkg", "--for", "1s"),
    ("203.0.113.7:443", "--until-silent", "1s"),
    ("watch", "--for", "2s"),
    ("watch", "example.org", "--for", "1s"),
    ("live", "--for", "1s"),
    ("live", "--once", "--json"),
    ("doctor",),
    ("record", "status"),
    ("case", "list"),
    ("case", "show"),
    ("case", "replay"),
    ("case", "verify"),
    ("show", "E1"),
)
WAY_OUT = """
sysctl -qw net.ipv6.conf.all.disable_ipv6=1  # the kernel looks for routers by itself
ip link set lo up
ip link add out type veth peer name far
ip link set far up
ip address add 192.0.2.2/24 dev out
ip link set out up
ip route add default dev out
echo "nameserver 192.0.2.53\noptions timeout:1 attempts:1" > "$1"
mount --bind "$1" "$(readlink -f /etc/resolv.conf)"
exec sleep 600
"""


class Cell:
    """A network namespace with one way out, a machine's files, and nothing else."""

    def __init__(self, process: subprocess.Popen[bytes], state: Path) -> None:
        self._enter = ("nsenter", f"--target={process.pid}", "--net", "--mount")
        self._environment = os.environ | {
            "WHENCE_STATE": str(state),
            "WHENCE_ONLINE_PATIENCE": "0.5",
        }

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run((*self._enter, *argv), env=self._environment, text=True,
                              capture_output=True, timeout=60, check=False)  # fmt: skip

    def sent(self) -> int:
        """Count all packets that were sent, also to itself."""
        rows = self.run("cat", "/proc/self/net/dev").stdout.splitlines()[2:]
        return sum(int(row.partition(":")[2].split()[9]) for row in rows)


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cell]:
    folder = tmp_path_factory.mktemp("cell")
    argv = ("unshare", "--net", "--mount", "--propagation=private", "sh", "-ec", WAY_OUT, "sh",
            str(folder / "resolv.conf"))  # fmt: skip
    with subprocess.Popen(argv) as process:
        cell = Cell(process, folder / "state")
        while "192.0.2.53" not in cell.run("cat", "/etc/resolv.conf").stdout:
            assert process.poll() is None
        yield cell
        process.kill()


@pytest.mark.parametrize("words", NEEDS_NO_NETWORK, ids=" ".join)
def test_what_only_looks_sends_nothing(cell: Cell, words: tuple[str, ...]) -> None:
    before = cell.sent()
    done = cell.run(WHENCE, *words)
    assert done.returncode in (0, 1, 69), done.stderr
    assert cell.sent() == before


def test_the_name_server_is_asked_where_the_user_allowed_it(cell: Cell) -> None:
    before = cell.sent()
    assert cell.run(WHENCE, "example.org", "--online").returncode == 69
    assert cell.sent() > before


def test_others_are_asked_about_an_address_where_the_user_allowed_it(cell: Cell) -> None:
    before = cell.sent()
    done = cell.run(WHENCE, "remote", "203.0.113.7:443", "--online")
    assert done.returncode == 0, done.stderr  # it is set aside for documentation, that is known
    assert cell.sent() > before


def test_who_is_to_be_told_is_told(cell: Cell) -> None:
    before = cell.sent()
    cell.run(WHENCE, "203.0.113.7", "--notify", "syslog://203.0.113.53:514")
    assert cell.sent() > before
