"""whence as a user runs it: the installed command, real processes, the real kernel."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
PATIENCE = 90.0  # seconds: a busy machine may take long to start a sensor
LONG = "x" * 100_000  # an argument that makes an answer longer than what a pipe holds
TARGET = "127.0.0.9:9999"  # nobody listens there; a refused call is traffic too
AGENT = """\
#!/usr/bin/env python3
import socket
with socket.socket() as caller:
    caller.connect_ex(("127.0.0.9", 9999))
"""
Environment = dict[str, str]


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """A vendor's script that calls home and ends."""
    script = tmp_path / "acme-agent"
    script.write_text(AGENT)
    script.chmod(0o755)
    return script


@pytest.fixture
def home(tmp_path: Path) -> Environment:
    return os.environ | {"WHENCE_STATE": str(tmp_path / "state")}


def started(environment: Environment, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([WHENCE, *words], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def run(environment: Environment, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([WHENCE, *words], env=environment, text=True, capture_output=True,
                          timeout=60, check=False)  # fmt: skip


def call_until(agent: Path, over: Callable[[], bool]) -> None:
    """Let the agent call again and again: nobody can know when a sensor is ready."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        subprocess.run(["/bin/sh", "-c", f"{agent} --poll; true", LONG], check=True)
        if over():
            return
        time.sleep(0.2)
    raise AssertionError("it never came to an end")


def call_until_ended(agent: Path, watching: subprocess.Popen[str]) -> str:
    """Let the agent call until the watcher has ended by itself; give what that wrote."""
    with ThreadPoolExecutor(1) as reader:
        told = reader.submit(watching.communicate)  # it cannot end while its pipe is full
        try:
            call_until(agent, told.done)
        except AssertionError as error:
            watching.kill()
            raise AssertionError(f"{error}; it said: {told.result()}") from None
        return told.result()[0]


@pytest.fixture
def recorder(home: Environment) -> Iterator[subprocess.Popen[str]]:
    with started(home, "record") as recording:
        yield recording
        recording.kill()


def names(answer: Any, agent: Path) -> bool:
    return str(agent) in answer["whence"]["sentence"]


def test_it_waits_until_it_happens_again(home: Environment, agent: Path) -> None:
    with started(home, TARGET, "--wait", "3m", "--json") as waiting:
        answer = json.loads(call_until_ended(agent, waiting))
    assert names(answer, agent)
    assert answer["process"]["args"][-2:] == [str(agent), "--poll"]
    assert answer["process"]["parent"]["args"][:2] == ["/bin/sh", "-c"]
    facts = {(fact["relation"], fact["value"]) for fact in answer["whence"]["facts"]}
    assert ("executes", str(agent)) in facts
    assert ("is", f"in {agent.parent}") not in facts


def test_an_interrupted_wait_can_be_taken_up_again(home: Environment, agent: Path) -> None:
    with started(home, TARGET, "--wait", "3m") as waiting:
        time.sleep(2)
        waiting.send_signal(signal.SIGINT)
        told = waiting.communicate()[1]
    assert waiting.returncode == 130
    case = re.search(r"whence (\S+) --wait", told)
    assert case
    with started(home, case[1], "--wait", "3m", "--json") as resumed:
        answer = json.loads(call_until_ended(agent, resumed))
    assert names(answer, agent)
    assert answer["whence"]["case"] == case[1]


def test_watching_tells_each_connection(home: Environment, agent: Path) -> None:
    with started(home, "watch", TARGET, "--json", "--count", "2", "--for", "3m") as watching:
        lines = [json.loads(line) for line in call_until_ended(agent, watching).splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["destination"]["ip"] == "127.0.0.9"
        assert line["source"]["port"]
        assert line["process"]["args"][-1] == "--poll"
    assert lines[0]["process"]["pid"] != lines[1]["process"]["pid"]


def test_the_past_is_there_after_the_recorder_was_killed(
    home: Environment, agent: Path, recorder: subprocess.Popen[str]
) -> None:
    call_until(agent, lambda: run(home, TARGET).returncode != 1 or known(home, agent))
    recorder.kill()
    recorder.wait()
    answer = json.loads(run(home, TARGET, "--json").stdout)
    assert names(answer, agent)
    assert "ebpf" in run(home, "record", "status").stdout


def known(environment: Environment, agent: Path) -> bool:
    return names(json.loads(run(environment, TARGET, "--json").stdout), agent)


def test_the_doctor_names_a_level(home: Environment) -> None:
    told = run(home, "doctor")
    assert told.returncode == 0
    assert "level 0: ebpf" in told.stdout
    assert "yes  captures and flow exports are read" in told.stdout
    assert "yes  packets are captured" in told.stdout
    assert "yes  packets are counted in the kernel" in told.stdout


def test_root_without_capabilities_gets_an_answer_in_words(home: Environment) -> None:
    words = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", WHENCE, "doctor"]
    told = subprocess.run(words, env=home, text=True, capture_output=True, check=False)
    assert "no   level 0: ebpf" in told.stdout
    assert "CAP_BPF" in told.stdout
    assert "no   packets are captured" in told.stdout
    assert "CAP_NET_RAW" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("hide", "word"),
    [("mount -t tmpfs none /sys/kernel/btf", "BTF"), ("mount -t tmpfs none /proc", "/proc")],
)
def test_a_kernel_that_lacks_something_is_told_so(home: Environment, hide: str, word: str) -> None:
    script = f"{hide} && exec {sys.executable} -m whence.sensors --level ebpf"
    words = ["unshare", "--mount", "sh", "-c", script]
    told = subprocess.run(words, env=home, text=True, capture_output=True, timeout=60, check=False)
    assert told.returncode != 0
    assert word in told.stdout
    assert "Traceback" not in told.stderr


def test_a_full_disk_is_told_and_loses_nothing(home: Environment, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    script = (
        f"mount -t tmpfs -o size=256k none {state} && {WHENCE} 127.0.0.9:1 >/dev/null; "
        f"dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null; {WHENCE} 127.0.0.9:2; "
        f"echo status $?; rm {state}/filler; {WHENCE} case verify"
    )
    words = ["unshare", "--mount", "sh", "-c", script]
    told = subprocess.run(words, env=home, text=True, capture_output=True, timeout=60, check=False)
    assert "status 74" in told.stdout, told
    assert "nothing was changed" in told.stdout
    assert "Traceback" not in told.stderr
