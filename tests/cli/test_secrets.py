"""Passwords of other people's command lines are in nothing that whence shows or keeps."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Whence

WORDS = ("hunter2horse", "tok3n-of-somebody", "pw-in-the-address", "bearer-of-bad-news")
AGENT = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(server.getsockname()) as call, server.accept()[0]:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of a process whose command line, environment and script's folder hold secrets."""
    script = tmp_path / "agent.py"
    script.write_text(AGENT)
    argv = [sys.executable, str(script), "--password", WORDS[0], f"--api-token={WORDS[1]}",
            f"ftp://me:{WORDS[2]}@192.0.2.1/", f"Authorization: Bearer {WORDS[3]}"]  # fmt: skip
    environment = os.environ | {"BACKUP_PASSWORD": WORDS[0], "TOKEN": WORDS[1]}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=environment) as agent:  # fmt: skip
        assert agent.stdout
        yield int(agent.stdout.readline())
        agent.communicate()


def everything(folder: Path) -> str:
    """All that lies in a folder, as text; what a case has packed is unpacked by ``record``."""
    return "".join(f.read_text(errors="replace") for f in folder.rglob("*") if f.is_file())


def held(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def test_secrets_are_neither_shown_nor_kept(whence: Whence, port: int, tmp_path: Path) -> None:
    said = [
        *whence(f"127.0.0.1:{port}", "--all", "--notify", "syslog://127.0.0.1:9")[1:],
        *whence("case", "show", "--json")[1:],
        *(text for label in range(1, 8) for text in whence("show", f"E{label}", "--all")[1:]),
        *whence("live", "--once")[1:],
        *whence("live", "--json")[1:],
        *whence("watch", f":{port}", "--for", "2s", "--count", "1", "--level", "sock_diag")[1:],
    ]
    assert "agent.py" in said[0]
    assert "[redacted]" in said[0]
    (tmp_path / "recorded").mkdir()
    whence("case", "export", "-o", str(tmp_path / "recorded" / "case.jsonl"))
    whence("case", "record", "last", str(tmp_path / "recorded"))
    kept = everything(tmp_path / "state") + everything(tmp_path / "recorded")
    assert not held("".join(said) + kept)


@pytest.mark.usefixtures("port")
def test_the_history_holds_no_secrets(tmp_path: Path) -> None:
    """What is open when the recorder begins is kept with its command line, redacted."""
    main = "from whence.cli.start import main; main()"
    state = tmp_path / "state"
    argv = [sys.executable, "-c", main, "record", "--level", "sock_diag"]
    with subprocess.Popen(argv, env=os.environ | {"WHENCE_STATE": str(state)},
                          stderr=subprocess.DEVNULL) as recorder:  # fmt: skip
        while recorder.poll() is None and "agent.py" not in processes(state):
            pass
        recorder.terminate()
    assert "[redacted]" in processes(state)
    assert not held(everything(state / "history"))


def processes(state: Path) -> str:
    texts = []
    for file in (state / "history").glob("*.history"):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as history:
            texts += [text for (text,) in history.execute("SELECT record FROM process")]
    return "".join(texts)
