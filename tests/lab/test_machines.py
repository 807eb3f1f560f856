"""When a machine of the lab is there, and when it has ended."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from whence.lab import machines
from whence.lab.traces import Running, end, marked, running

pytestmark = pytest.mark.lab


def test_a_machine_without_an_environment_for_a_moment_has_not_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As each process while it becomes another program: /proc has none of it then."""
    blind_until = time.monotonic() + 0.3

    def look(*words: str) -> list[Running]:
        return marked(*words) if time.monotonic() > blind_until else []

    monkeypatch.setattr(machines, "marked", look)
    machine = machines.boot("alone", tmp_path, None)
    try:
        assert running(machine.first.pid)
    finally:
        end(machine.first)
