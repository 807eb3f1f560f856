"""The real whence, in offices it has never seen, finds out what nobody told it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from whence.lab import demo, down

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]  # cron runs a job once a minute

PLAY = (sys.executable, "-m", "whence.lab", "demo", "firewall", "--variant", "cron")
BESIDE = f"cron{os.getpid()}"


@pytest.fixture(autouse=True)
def _a_lab_of_our_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WHENCE_LAB_NAME", f"demo{os.getpid()}")
    yield
    down()


@pytest.fixture(scope="module", autouse=True)
def waiting_for_cron() -> Iterator[subprocess.Popen[str]]:
    """Tell the story that waits for the next minute, while the others are told."""
    environment = os.environ | {"WHENCE_LAB_NAME": BESIDE}
    with subprocess.Popen(PLAY, stdout=subprocess.PIPE, text=True, env=environment) as playing:
        try:
            yield playing
        finally:
            playing.terminate()  # it takes its office down


def test_anacron_s_job_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    status = demo(name="firewall", variant="anacron")
    assert "right:" in capsys.readouterr().out
    assert status == 0


@pytest.mark.parametrize("variant", ["spoofed", "moved"])
def test_the_loud_host_is_found(variant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By mirroring where its address is forged, and at the port to which it has moved meanwhile."""
    status = demo(name="loud", variant=variant)
    assert "right:" in capsys.readouterr().out
    assert status == 0


def test_cron_s_job_is_explained(waiting_for_cron: subprocess.Popen[str]) -> None:
    said, _ = waiting_for_cron.communicate()
    assert "right:" in said
    assert waiting_for_cron.returncode == 0
