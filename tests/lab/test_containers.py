"""whence in a pid namespace of its own, as in a container: processes have other numbers there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
APART = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
TARGET = "127.0.0.11:9999"  # nobody listens there; a refused call is traffic too
PATIENCE = 90.0  # seconds: a busy machine may take long to start a sensor
LONG = "x" * 100_000  # more of a command line than the kernel side keeps
AGENT = """\
#!/usr/bin/env python3
import socket
with socket.socket() as caller:
    caller.connect_ex(("127.0.0.11", 9999))
"""


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    script = tmp_path / "acme-agent"
    script.write_text(AGENT)
    script.chmod(0o755)
    return script


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"WHENCE_STATE": str(tmp_path / "state")}


def run(home: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*APART, *words], env=home, text=True, capture_output=True,
                          timeout=PATIENCE, check=False)  # fmt: skip


@contextmanager
def watching(home: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    words = [*APART, WHENCE, "watch", TARGET, "--json", "--count", "3", "--for", "3m"]
    process = subprocess.Popen(words, env=home, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told_of(agent: Path, home: dict[str, str]) -> list[Any]:
    """Let the agent call, outside of the container, until the watcher in it has told of three."""
    with watching(home) as watcher, ThreadPoolExecutor(1) as reader:
        told = reader.submit(watcher.stdout.read)  # type: ignore[union-attr]
        end = time.monotonic() + PATIENCE
        while not told.done() and time.monotonic() < end:
            subprocess.run(["/bin/sh", "-c", f"{agent} --poll; true", LONG], check=True)
            time.sleep(0.2)
        return [json.loads(line) for line in told.result(1).splitlines()]


def test_the_process_outside_is_named_and_never_another(home: dict[str, str], agent: Path) -> None:
    told = told_of(agent, home)
    assert len(told) == 3
    called, began = [str(agent), "--poll"], ["/bin/sh", "-c"]
    for line in told:  # of the first the sensor may have seen the end only
        process = line["process"]
        assert process.get("args", called)[-2:] == called
        assert process["parent"].get("args", began)[:2] == began
    # What is cut off is not read from whoever has that number in the container.
    args = told[-1]["process"]["parent"]["args"]
    assert args[:2] == began
    assert 0 < len(args[-1]) < len(LONG)


def test_the_doctor_says_what_is_missing_there_and_what_to_do(home: dict[str, str]) -> None:
    told = run(home, WHENCE, "doctor")
    assert "Traceback" not in told.stdout + told.stderr
    assert "yes  level 0: ebpf" in told.stdout
    assert "/proc here numbers processes otherwise than the kernel" in told.stdout
    assert "no   level 1: tracefs" in told.stdout
    assert "no   level 2: proc_events" in told.stdout
    assert "what is outside of this container's pid namespace" in told.stdout
    assert "no   processes of the whole machine are seen" in told.stdout
    assert "--pid=host" in told.stdout


def test_with_the_host_s_numbers_nothing_is_missing(home: dict[str, str]) -> None:
    words = ["unshare", "--pid", "--fork", "--kill-child", WHENCE, "doctor"]  # /proc of the host
    told = subprocess.run(words, env=home, text=True, capture_output=True, timeout=PATIENCE,
                          check=False)  # fmt: skip
    assert "yes  level 0: ebpf" in told.stdout
    assert "--pid=host" not in told.stdout
