"""A network namespace where nobody answers, and a sensor that watches what is done in it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from whence.model import Flow, SensorStatus, Sighting
from whence.world.sensor_process import SensorProcess

PATIENCE = 20.0  # seconds to wait for what has to come

OURS, NOBODY = "203.0.113.1", "203.0.113.9"  # NOBODY has a neighbour entry and never answers
OURS6, NOBODY6 = "2001:db8::1", "2001:db8::9"
NO_ROUTE = "198.51.100.1"


@dataclass(frozen=True)
class Place:
    """A network namespace."""

    name: str

    @property
    def inode(self) -> int:
        return Path(f"/run/netns/{self.name}").stat().st_ino

    def command(self, *argv: str) -> list[str]:
        return ["nsenter", f"--net=/run/netns/{self.name}", *argv]

    def run(self, *argv: str) -> None:
        subprocess.run(self.command(*argv), check=True, timeout=PATIENCE)

    def python(self, script: str, *argv: str) -> None:
        self.run(sys.executable, "-c", script, *argv)

    def start(self, *argv: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )


@contextlib.contextmanager
def place_where_nobody_answers() -> Iterator[Place]:
    place = Place(f"whence-test-{os.getpid()}")
    subprocess.run(["ip", "netns", "add", place.name], check=True)
    try:
        for line in (
            "link set lo up",
            "link add here type veth peer name there",
            "link set there up",
            "link set here up",
            f"address add {OURS}/24 dev here",
            f"-6 address add {OURS6}/64 dev here nodad",
            f"neighbour add {NOBODY} lladdr 02:00:00:00:00:09 dev here nud permanent",
            f"-6 neighbour add {NOBODY6} lladdr 02:00:00:00:00:09 dev here nud permanent",
        ):
            place.run("ip", *line.split())
        place.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 0")
        yield place
    finally:
        subprocess.run(["ip", "netns", "delete", place.name], check=True)


@dataclass
class Watching:
    """Keeps what a sensor says, and waits for what it should say."""

    sensor: SensorProcess
    sightings: list[Sighting] = field(default_factory=list)
    statuses: list[SensorStatus] = field(default_factory=list)

    def of(self, flow: Flow) -> list[Sighting]:
        return [seen for seen in list(self.sightings) if flow.covers(seen.flow)]

    def wait_for(self, flow: Flow, count: int = 1) -> list[Sighting]:
        """Give what was seen of a flow once ``count`` connections of it were told of."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [seen for seen in self.of(flow) if seen.count]
            if sum(seen.count for seen in found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{flow} was not seen {count} times: {self.of(flow)}")

    def says(self, condition: Callable[[SensorStatus], bool]) -> bool:
        """Wait until the newest status is such."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if condition(self.statuses[-1]):
                return True
            time.sleep(0.05)
        return False

    def let_pass(self, seconds: float) -> None:
        """Wait so long that anything too much would have come, too."""
        time.sleep(seconds)

    def _read(self) -> None:
        for event in self.sensor.events():
            if isinstance(event, SensorStatus):
                self.statuses.append(event)
            elif event is not None:
                self.sightings.append(event)


@contextlib.contextmanager
def watching(level: str) -> Iterator[Watching]:
    """Run ``python -m whence.sensors`` and wait until it is attached."""
    with SensorProcess(level=level) as sensor:
        watch = Watching(sensor)
        first = next(event for event in sensor.events(PATIENCE) if event is not None)
        assert isinstance(first, SensorStatus)
        watch.statuses.append(first)

        def read() -> None:
            with contextlib.suppress(Exception):  # it ends with the sensor
                watch._read()

        thread = threading.Thread(target=read, name="sensor", daemon=True)
        thread.start()
        yield watch
    thread.join(PATIENCE)
