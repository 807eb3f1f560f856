"""Run a command to its end and weigh it: CPU time, time, memory; the least of several runs."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WEIGH = Path(__file__).parent / "weigh.c"
ROOT = Path(__file__).parents[2]  # where `python -m bench.…` works


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command and all below it took."""

    user: float  # seconds
    system: float
    wall: float
    resident_mb: float  # the peak, with mapped pages of files
    anonymous_mb: float  # the peak without them

    @property
    def cpu(self) -> float:
        return self.user + self.system

    def __add__(self, other: Cost) -> Cost:
        """Add a command that runs afterwards."""
        return Cost(
            self.user + other.user,
            self.system + other.system,
            self.wall + other.wall,
            max(self.resident_mb, other.resident_mb),
            max(self.anonymous_mb, other.anonymous_mb),
        )

    def scaled(self, times: float) -> Cost:
        """Say what more of the same would take; the memory is left as it is."""
        return Cost(
            self.user * times,
            self.system * times,
            self.wall * times,
            self.resident_mb,
            self.anonymous_mb,
        )


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run of one or several commands went."""

    cost: Cost
    output: Path  # what all of them wrote to standard output and standard error
    status: int


class Scales:
    """The compiled program that weighs, and a folder for what the commands write."""

    def __init__(self, folder: Path, compiler: str) -> None:
        self.folder = folder
        self._program = folder / "weigh"
        subprocess.run([compiler, "-O2", "-o", str(self._program), str(WEIGH)], check=True)

    def weigh(self, steps: Sequence[Sequence[str]], *, patience: float) -> Ran:
        """Run commands one after the other; the first that fails is the last."""
        output, result = self.folder / "output", self.folder / "weighed.json"
        total, status = Cost(0, 0, 0, 0, 0), 0
        until = time.monotonic() + patience
        with output.open("wb") as file:
            for step in steps:
                command = [str(self._program), str(result), *step]
                left = max(1.0, until - time.monotonic())
                subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    cwd=ROOT,
                    env=_environment(),
                    timeout=left,
                    check=True,
                    process_group=0,
                )
                weighed = json.loads(result.read_text())
                total += Cost(
                    weighed["user"],
                    weighed["system"],
                    weighed["wall"],
                    weighed["resident_kb"] / 1024,
                    weighed["anonymous_kb"] / 1024,
                )
                status = weighed["status"]
                if status:
                    break
        return Ran(total, output, status)


def _environment() -> dict[str, str]:
    """Let Python keep what it compiled, as it does where it is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def least(runs: Sequence[Cost]) -> Cost:
    """Take the least of each kind of time, because others only add; and the most memory."""
    cheapest = min(runs, key=lambda cost: cost.cpu)
    return Cost(
        cheapest.user,
        cheapest.system,
        min(cost.wall for cost in runs),
        max(cost.resident_mb for cost in runs),
        max(cost.anonymous_mb for cost in runs),
    )


def warm(path: Path) -> None:
    """Read a file once, so that the disk is not what is measured."""
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while file.read(1 << 24):
            pass


def cut(path: Path, packets: int, folder: Path) -> Path:
    """Write the first packets of a capture as one of its own."""
    part = Path(tempfile.mkstemp(suffix=".pcap", dir=folder)[1])
    with path.open("rb") as whole, part.open("wb") as file:
        file.write(whole.read(24))
        for _ in range(packets):
            header = whole.read(16)
            if not header:
                break
            file.write(header + whole.read(int.from_bytes(header[8:12], "little")))
    return part
