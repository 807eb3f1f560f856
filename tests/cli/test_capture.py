from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whence import api
from whence.model import Flow, Ip, Mac, Reading
from whence.model.capture import Pattern
from whence.store.case_file import CaseFile
from whence.world.places import VARIABLE, Places

NOW = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def test_the_folder_is_named_after_time_and_target(tmp_path: Path) -> None:
    settings = api.capture_settings("[2001:db8::1]:443")
    assert Path(settings.folder).parent == tmp_path / "captures"
    assert settings.folder.endswith("Z-2001-db8-1-443")
    assert settings.patterns == (Pattern("2001:db8::1", 443),)


def test_a_case_brings_what_it_found_out() -> None:
    subject = Flow("192.0.2.1", 443)
    opened = CaseFile.create(Places.of_this_user().cases, subject, lambda: NOW, "a case")
    text = Reading("the neighbour table", "192.0.2.1 is at 02:00:00:00:00:01\n", NOW, "here")
    opened.keep_reading("the neighbour table", text)
    mac = Mac("02:00:00:00:00:01")
    opened.note_step("neighbour", subject, [Ip("192.0.2.1").fact("answers-at", mac, text.whole())])
    settings = api.capture_settings(opened.id)
    assert settings.patterns == (Pattern(mac=mac.address), Pattern("192.0.2.1", 443))
    assert settings.title == opened.id


# Told to end while the files are completed, as timeout(1) does: once, and to its group.
TOLD_TWICE = """
import os, signal, sys
from whence import api
from whence.cli import capture
class Capture:
    settings, nameless, told = None, "", 0
    def statuses(self, span=None):
        os.kill(os.getpid(), signal.SIGTERM)
        yield api.CaptureStatus(packets=7, ended=True)
    def end(self):
        self.told += 1
for number in capture._ending():
    signal.signal(number, capture._stop)
one = Capture()
print(capture._follow(one, None).packets, one.told)
"""


def test_a_capture_that_is_told_twice_to_end_completes_its_files() -> None:
    said = subprocess.run(
        [sys.executable, "-c", TOLD_TWICE], capture_output=True, timeout=60, check=False
    )
    assert (said.stdout, said.stderr) == (b"7 1\n", b"")


# A sensor that takes a while to begin: until it has, short connections stay nameless.
NAMED_LATER = """
from types import SimpleNamespace
from whence import api
from whence.cli import capture
class Capture:
    settings, nameless, named_by = SimpleNamespace(folder="/x"), "", ""
    def statuses(self, span=None):
        yield api.CaptureStatus()
        self.named_by = "ebpf"
        yield api.CaptureStatus()
        yield api.CaptureStatus(ended=True)
capture._follow(Capture(), None)
"""


def test_a_capture_says_from_when_on_it_names_processes() -> None:
    said = subprocess.run(
        [sys.executable, "-c", NAMED_LATER], capture_output=True, timeout=60, check=True
    )
    assert said.stderr.decode().splitlines()[1:] == ["into /x", "naming processes with ebpf"]


# Told to end while it begins, as by a service that is stopped at once.
TOLD_EARLY = """
import os, signal, sys
from whence.cli import start
from whence.world import capture_process
make_folder = capture_process.make_folder
def told(*given):
    make_folder(*given)
    os.kill(os.getpid(), signal.SIGTERM)
capture_process.make_folder = told
start.main()
"""


def test_a_capture_that_is_ended_while_it_begins_leaves_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    words = ["capture", "203.0.113.99", "-i", "lo", "--no-processes", "-o", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", TOLD_EARLY, *words], capture_output=True, timeout=60, check=False
    )
    assert b"0 packets in 0 files" in done.stdout, done.stderr
    assert (done.returncode, folder.exists()) == (1, False)
