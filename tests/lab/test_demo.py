"""The real whence, on a firewall it has never seen, finds out what nobody told it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from whence.lab import VARIANTS, demo, down

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]  # cron runs a job once a minute


@pytest.fixture(autouse=True)
def _a_lab_of_our_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WHENCE_LAB_NAME", f"demo{os.getpid()}")
    yield
    down()


@pytest.mark.parametrize("variant", VARIANTS)
def test_whence_names_script_job_and_package(
    variant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = demo(variant=variant)
    assert "right:" in capsys.readouterr().out
    assert status == 0
