"""Where the traffic happens: network namespaces that nothing else uses and that go away again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.attribution.launcher import Launcher, launcher

HERE = Path(__file__).parent
NAMESPACES = Path("/run/netns")

# Documentation addresses (RFC 5737, 3849). The far machine accepts TCP; behind the other link
# nobody lives: a fixed neighbour entry lets packets leave, and nothing ever answers.
FAR = {"ipv4": "192.0.2.2", "ipv6": "2001:db8:1::2"}
NOBODY = {"ipv4": "198.51.100.9", "ipv6": "2001:db8:2::9"}
INNER = "203.0.113.2"
NEAR = {
    "192.0.2.2": "192.0.2.1",
    "2001:db8:1::2": "2001:db8:1::1",
    "198.51.100.9": "198.51.100.1",
    "2001:db8:2::9": "2001:db8:2::1",
    INNER: "203.0.113.1",
}
SINK_PORT = "443"


@dataclass(frozen=True, slots=True)
class Place:
    """A near network with a workload in it, a far one that answers, and a container's own."""

    folder: Path  # temporary; holds the compiled workload
    near: str
    far: str
    inner: str
    cgroup: Path | None
    launcher: Launcher

    @property
    def workload(self) -> Path:
        return self.folder / "workload"

    @property
    def network_namespace(self) -> int:
        return (NAMESPACES / self.near).stat().st_ino

    def run(self, role: str, *arguments: str, told: str = "") -> str:
        """Run a role of the workload in the near network to its end; give what it printed."""
        env = {"BENCH_WORKLOAD": str(self.workload)}
        return self.launcher.run(self.inside(str(self.workload), role, *arguments), env, told)

    def inside(self, *command: str) -> list[str]:
        """Write a command so that it runs in the near network."""
        return ["nsenter", f"--net={NAMESPACES / self.near}", "--", *command]


@contextmanager
def place() -> Iterator[Place]:
    """Build the place, and remove all of it whatever happens."""
    with ExitStack() as leave:
        folder = Path(leave.enter_context(tempfile.TemporaryDirectory(prefix="whence-bench-")))
        near, far, inner = (f"{folder.name}-{part}" for part in ("near", "far", "inner"))
        for name in (near, far, inner):
            _ip("netns", "add", name)
            leave.callback(_ip, "netns", "delete", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _compile(folder)
        launches = leave.enter_context(launcher(folder))
        built = Place(folder, near, far, inner, _cgroup(folder.name, leave), launches)
        _connect(built)
        leave.enter_context(_sink(built))
        yield built


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _compile(folder: Path) -> None:
    command = ["cc", "-O2", "-pthread", "-o", str(folder / "workload"), str(HERE / "workload.c")]
    subprocess.run(command, check=True)
    for role in ("leaf", "hop"):
        os.link(folder / "workload", folder / f"workload-{role}")
    shutil.copy(HERE / "script.pl", folder / "workload.pl")
    (folder / "workload.pl").chmod(0o755)


def _connect(built: Place) -> None:
    _link(built.near, built.far, "out", ("192.0.2.1/24", "2001:db8:1::1/64"), True)
    _link(built.inner, built.far, "in", ("203.0.113.1/24",), True)
    _link(built.near, built.far, "void", ("198.51.100.1/24", "2001:db8:2::1/64"), False)
    for address in NOBODY.values():
        neighbour = ("neigh", "add", address, "lladdr", "02:00:00:00:00:09", "dev", "void")
        _ip("-n", built.near, *neighbour, "nud", "permanent")


def _link(near: str, far: str, name: str, addresses: tuple[str, ...], answered: bool) -> None:
    _ip(
        "-n", near, "link", "add", name, "type", "veth", "peer", "name", f"{name}-far", "netns", far
    )
    for address in addresses:
        _address(near, name, address)
        if answered:
            _address(far, f"{name}-far", address.replace("1/", "2/"))
    _ip("-n", far, "link", "set", f"{name}-far", "up")
    _ip("-n", near, "link", "set", name, "up")


def _address(namespace: str, link: str, address: str) -> None:
    at_once = ["nodad"] if ":" in address else []  # no wait for duplicate address detection
    _ip("-n", namespace, "address", "add", address, "dev", link, *at_once)


def _cgroup(name: str, leave: ExitStack) -> Path | None:
    root = next(
        (
            Path(line.split()[1])
            for line in Path("/proc/mounts").read_text().splitlines()
            if line.split()[2] == "cgroup2"
        ),
        None,
    )
    if root is None:
        return None
    created = root / f"{name}-docker-{os.urandom(32).hex()}.scope"
    created.mkdir()
    leave.callback(created.rmdir)
    return created


@contextmanager
def _sink(built: Place) -> Iterator[None]:
    enter = ["nsenter", f"--net={NAMESPACES / built.far}", "--"]
    command = [*enter, str(built.workload), "sink", SINK_PORT]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the far machine does not listen")
            yield
        finally:
            process.kill()
