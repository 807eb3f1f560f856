"""``--on``: what is asked through a real ssh server is answered as it is on the machine itself."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, whence
from tests.lab.sshd import sshd

__all__ = ["whence"]  # a fixture
pytestmark = pytest.mark.lab

CALLER = """\
import socket, sys, time
time.sleep(float(sys.argv[2]))
call = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
time.sleep(float(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give the folder of an ssh server, and the words for --on."""
    folder = tmp_path_factory.mktemp("ssh")
    with sshd(folder) as port:
        yield folder, f"ssh://{os.environ.get('USER') or 'root'}@127.0.0.1:{port}"


@pytest.fixture
def on(machine: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Let ssh know the key, and give the words for --on."""
    folder, words = machine
    monkeypatch.setenv("WHENCE_SSH_CONFIG", str(folder / "config"))
    return words


def facts(answer: str) -> set[str]:
    """Give what was found of processes, programs and packages."""
    found = json.loads(answer)["whence"]["facts"]
    kept = ("child-of", "runs", "called-as", "runs-as", "belongs-to", "described-as", "executes")
    return {f"{f['subject']} {f['relation']} {f['value']}" for f in found if f["relation"] in kept}


def test_a_connection_has_the_same_answer_there_as_here(
    whence: Whence, on: str, tmp_path: Path
) -> None:
    script = tmp_path / "inventory.py"
    script.write_text(CALLER)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        words = [sys.executable, str(script), str(port), "0", "60"]
        with subprocess.Popen(words) as process:
            try:
                call, _ = server.accept()
                _, there, said = whence(f"127.0.0.1:{port}", "--on", on, "--json", "--all")
                _, here, _ = whence(f"127.0.0.1:{port}", "--json", "--all")
                call.close()
            finally:
                process.kill()
    assert facts(there) == facts(here), said
    assert any(str(script) in fact for fact in facts(there))


def test_a_call_that_comes_later_is_waited_for(whence: Whence, on: str, tmp_path: Path) -> None:
    script = tmp_path / "later.py"
    script.write_text(CALLER)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with subprocess.Popen([sys.executable, str(script), str(port), "4", "3"]) as process:
            try:
                words = (f"127.0.0.1:{port}", "--on", on, "--wait", "30s")
                _, told, said = whence(*words)
            finally:
                process.kill()
    assert str(script) in told.partition("\n")[0], said


def test_a_program_and_a_process_are_asked_about_there(whence: Whence, on: str) -> None:
    status, told, said = whence("program", "/usr/bin/cat", "--on", on)
    assert status == 0, said
    assert "belongs to coreutils" in told
    assert hashlib.sha256(Path("/usr/bin/cat").read_bytes()).hexdigest() in told
    status, _, said = whence("program", "/dev/null", "--on", on)
    assert (status, "no ordinary file" in said) == (65, True), said
    status, told, said = whence("started", str(os.getpid()), "--on", on)
    assert "pytest" in told, said
    status, _, said = whence("program", "/usr/bin/nothing", "--on", on)
    assert (status, "there is no file" in said) == (65, True), said


def test_who_is_not_let_in_is_told_so(
    whence: Whence, machine: tuple[Path, str], on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = machine
    (folder / "nobody").write_text(f"UserKnownHostsFile {folder}/known\nIdentityFile none\n")
    (folder / "strange").write_text(f"UserKnownHostsFile {folder}/none\n")
    for config, why in (("nobody", "refused the login"), ("strange", "is not known")):
        monkeypatch.setenv("WHENCE_SSH_CONFIG", str(folder / config))
        status, _, said = whence("127.0.0.1", "--on", on)
        assert (status, why in said) == (77, True), said
