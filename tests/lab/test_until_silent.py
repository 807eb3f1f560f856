"""A watch for silence with a real sensor: it ends when the traffic comes again, and can go on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from whence.api import packet_silence
from whence.model import Flow
from whence.store.case_file import CaseFile
from whence.world import utc_now

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
TARGET = "127.0.0.9:9997"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"WHENCE_STATE": str(tmp_path / "state")}


def call() -> None:
    with socket.socket() as caller:
        caller.connect_ex(("127.0.0.9", 9997))


def started(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([WHENCE, *words], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def test_it_ends_when_the_traffic_comes_again_and_goes_on_after_a_kill(
    home: dict[str, str],
) -> None:
    watching = started(home, TARGET, "--until-silent", "90s", "--grace", "0s")
    stop = threading.Event()

    def keep_calling() -> None:  # nobody can know when a sensor is ready
        while not stop.wait(0.2):
            call()

    calling = threading.Thread(target=keep_calling)
    calling.start()
    try:
        out, err = watching.communicate(timeout=80)
    finally:
        stop.set()
        calling.join()
    assert watching.returncode == 1, err
    assert f"{TARGET} goes on after the change of" in out
    assert f"(pid {os.getpid()})" in out.splitlines()[0]

    interrupted = started(home, "last", "--until-silent", "90s", "--grace", "0s")
    time.sleep(1)
    interrupted.send_signal(signal.SIGTERM)
    out, err = interrupted.communicate(timeout=60)
    assert interrupted.returncode == 130, err
    shown = subprocess.run([WHENCE, "case", "verify", "last"], env=home, check=False)
    assert shown.returncode == 0


NETSTAT = """\
Active Internet connections (w/o servers)
Proto Recv-Q Send-Q Local Address        Foreign Address      State        PID/Program name
tcp        0      0 192.0.2.5:45122      203.0.113.77:443     ESTABLISHED  812/backup-agent
"""


def test_what_only_another_machine_saw_is_not_watched_here(
    home: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "netstat.txt"
    file.write_text(NETSTAT)
    target = "203.0.113.77:443"
    for words in (("import", str(file)), (target,)):
        started(home, *words).communicate(timeout=60)
    [case] = (tmp_path / "state/cases").iterdir()
    watching = started(home, case.stem, "--until-silent", "2s")
    out, err = watching.communicate(timeout=60)
    assert watching.returncode == 69, (out, err)
    assert f"nobody on this machine sees {target}" in err
    assert "--until-silent 1m -i INTERFACE" in err
    assert out == ""


def test_by_the_packets_of_an_interface_when_a_person_ended_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_silence, "LOOK", timedelta(seconds=1))
    stop = threading.Event()

    def keep_sending() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            while not stop.wait(0.01):
                channel.sendto(b"x", ("127.0.0.9", 9996))

    sending = threading.Thread(target=keep_sending)
    sending.start()
    asked: list[str] = []

    def person(do: str) -> None:
        asked.append(do)
        stop.set()

    quiet, grace = timedelta(seconds=2), timedelta(seconds=1)
    try:
        with closing(CaseFile.create(tmp_path, Flow("127.0.0.9", 9996), utc_now)) as case:
            found = packet_silence.until_silent_on(case, ["lo"], quiet, grace=grace, ask=person)
            kept = [fact.relation for fact in case.facts()]
    finally:
        stop.set()
        sending.join()
    assert asked == ["make the change that is to end 127.0.0.9:9996"]
    assert found.is_silent, found
    assert found.before > 20
    assert kept == ["silent-on-interface"]
