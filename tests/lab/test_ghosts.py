"""Three programs really call what is not there, a firewall logs it, and whence says so."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator

import pytest

from whence.lab import Office, down, up
from whence.lab.mending import carry_out, remedies
from whence.lab.stories.ghosts.building import LOG, drawn_of, prefix
from whence.lab.stories.ghosts.databases import run_as
from whence.lab.stories.ghosts.judging import judge
from whence.lab.stories.ghosts.telling import ADVICE
from whence.lab.telling import Telling

pytestmark = pytest.mark.lab

ENOUGH = 10.0  # seconds of the flood


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("WHENCE_LAB_NAME", f"ghosts{os.getpid()}")
        try:
            yield up("ghosts", seed=7)
        finally:
            down()


def test_the_log_names_the_three_that_call_what_never_answers(office: Office) -> None:
    time.sleep(max(0.0, float(office.known["began"]) + ENOUGH - time.time()))
    silent = Telling(show=lambda text: None)
    answer = silent.ask(prefix(office, "logs"), "logs", "explain", LOG)
    judged = judge(office.truth, [answer])
    assert not judged.false
    of_hosts = ("program", "stopped", "fell silent", "remedy", "disk", "update")
    assert not [text for text in judged.missing if not any(word in text for word in of_hosts)]


def test_the_stale_row_is_told_by_the_command_that_the_answer_hands_over(office: Office) -> None:
    silent = Telling(show=lambda text: None)
    there = prefix(office, "monitoring")
    ghost = drawn_of(office).ghosts[1]
    hint = silent.ask(there, "find", ghost.targets[0], "--program", ghost.program)
    advice = ADVICE.search(hint.text)
    assert advice is not None
    told = silent.ask(there, *shlex.split(advice[1]))
    assert office.truth["monitoring place"] in told.sentence
    [remedy] = remedies(told.text)
    machine, right = office.machine("monitoring"), drawn_of(office).right(ghost)
    [done] = carry_out(machine, remedy, ghost.written, right, silent.show, run_as("postgres"))
    assert (done.status, done.text) == (0, "UPDATE 1\n"), done.errors


def test_the_log_is_written_by_the_real_rsyslog(office: Office) -> None:
    """It is there where ``make senders`` was; what stands in for it has no such file."""
    logs = office.machine("logs")
    assert logs.run("cat", "/run/rsyslog-lab/pid").strip().isdecimal()
    assert office.truth["reload"] in logs.run("tail", "-n", "30", LOG)
