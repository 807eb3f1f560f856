"""A cable between two namespaces, and a generator that sends along it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ADDRESS, NOBODY = "203.0.113.1", "203.0.113.9"  # NOBODY: sent to, never answers
SOURCE = Path(__file__).parent / "flood.c"


@dataclass(frozen=True)
class Cable:
    """Its ends are both called end0, in the namespaces sender and receiver."""

    sender: str
    receiver: str
    flood: Path

    def command(self, namespace: str, *argv: str) -> list[str]:
        return ["nsenter", f"--net=/run/netns/{namespace}", *argv]

    def send(self, count: int, flows: int, size: int, rate: int) -> tuple[int, int]:
        """Send; give how many packets went out, and in how many nanoseconds."""
        argv = [str(self.flood), NOBODY, *map(str, (count, flows, size, rate))]
        done = subprocess.run(
            self.command(self.sender, *argv), capture_output=True, text=True, check=True
        )
        sent, nanoseconds = map(int, done.stdout.split())
        return sent, nanoseconds


@contextlib.contextmanager
def cable(folder: Path) -> Iterator[Cable]:
    names = f"whence-bench-a{os.getpid()}", f"whence-bench-b{os.getpid()}"
    flood = folder / "flood"
    subprocess.run(["cc", "-O2", "-o", str(flood), str(SOURCE)], check=True)
    made = Cable(*names, flood)
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            quiet = ("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
            subprocess.run(made.command(name, *quiet), check=True)
        for place, line in (
            (names[0], f"link add end0 type veth peer name end0 netns {names[1]}"),
            (names[0], "link set end0 up"),
            (names[1], "link set end0 up"),
            (names[0], f"address add {ADDRESS}/24 dev end0"),
            (names[0], f"neighbour add {NOBODY} lladdr 02:00:00:00:00:09 dev end0 nud permanent"),
        ):
            subprocess.run(made.command(place, "ip", *line.split()), check=True)
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)
