"""The real whence, in offices it has never seen, finds out what nobody told it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from whence.lab import demo, down, up
from whence.lab.stories.firewall.evidence import target_of
from whence.lab.stories.firewall.judging import OWN, PASSING
from whence.lab.telling import Telling
from whence.model.tracked import TABLE

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]  # cron runs a job once a minute

PATIENCE = 30.0  # seconds
# Up to the verdict: the silence after a job that cron runs is a matter of minutes.
TO_THE_VERDICT = """
from dataclasses import replace
from itertools import islice
from whence.lab.demo import demo
from whence.lab.stories import firewall
from whence.lab.stories.firewall.judging import ENDS
told = firewall.STORY
firewall.STORY = replace(
    told,
    tell=lambda *at: islice(told.tell(*at), 2),
    judge=lambda truth, said: told.judge({k: v for k, v in truth.items() if k != ENDS}, said),
)
raise SystemExit(demo(name="firewall", variant="cron"))
"""
TO_THE_END = (
    "from whence.lab import demo; raise SystemExit(demo(name='firewall', variant='anacron'))"
)


@pytest.fixture(autouse=True)
def _a_lab_of_our_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WHENCE_LAB_NAME", f"demo{os.getpid()}")
    yield
    down()


@pytest.fixture(scope="module", autouse=True)
def told_beside() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Tell the stories that wait most, for the next minute and for silence, beside the others."""
    with ExitStack() as playing:
        found = {}
        for name, code in (("cron", TO_THE_VERDICT), ("end", TO_THE_END)):
            environment = os.environ | {"WHENCE_LAB_NAME": f"{name}{os.getpid()}"}
            found[name] = playing.enter_context(
                subprocess.Popen(
                    (sys.executable, "-c", code), stdout=subprocess.PIPE, text=True, env=environment
                )
            )
            playing.callback(found[name].terminate)  # it takes its office down
        yield found


def test_a_loud_host_with_a_forged_address_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    status = demo(name="loud", variant="spoofed")
    assert "right:" in capsys.readouterr().out
    assert status == 0


def test_what_nat_lets_out_is_told_from_what_starts_here() -> None:
    office = up("firewall", None, "nat")
    inside, wall = office.truth[PASSING].split(), office.machine("firewall")
    deadline = time.monotonic() + PATIENCE
    while not all(f"src={one} " in wall.run("cat", TABLE) for one in inside):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    answer = Telling(show=lambda _: None).ask(office.prefix, target_of(office))
    assert "no process was seen making this traffic" in answer.sentence
    leaving = f"leaving as {office.truth[OWN]} (NAT)"
    told = next(line for line in answer.text.splitlines() if "passes on connections of" in line)
    assert all(one in told for one in (*inside, leaving))


def test_cron_s_job_is_explained(told_beside: dict[str, subprocess.Popen[str]]) -> None:
    said, _ = told_beside["cron"].communicate()
    assert "right:" in said
    assert told_beside["cron"].returncode == 0


def test_anacron_s_job_is_explained_trapped_and_stopped_and_its_silence_told(
    told_beside: dict[str, subprocess.Popen[str]],
) -> None:
    said, _ = told_beside["end"].communicate()
    assert "right:" in said
    assert "after the change silence" in said
    assert told_beside["end"].returncode == 0
