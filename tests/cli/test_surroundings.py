"""What whence meets outside: closed streams, narrow locales, missing homes, ^C, foreign rights."""

import json
import os
import select
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Whence

MAIN = "from whence.cli.start import main; main()"
FULL = Path("/dev/full")


def ended(
    *words: str, state: Path, typed: bytes | None = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run whence as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *words],
        env={"PATH": os.environ["PATH"], "WHENCE_STATE": str(state)} | environment,
        input=typed,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_letters_that_the_locale_does_not_have_are_escaped(tmp_path: Path) -> None:
    done = ended("no “such” target", state=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 65
    assert rb"\u201c" in done.stderr


def test_a_log_line_that_is_no_text(tmp_path: Path) -> None:
    line = b"\xff\xfe dst=203.0.113.7 dpt=443\n"
    done = ended("-", "--json", state=tmp_path, typed=line, PYTHONIOENCODING="utf-8:strict")
    assert json.loads(done.stdout)["destination"] == {"ip": "203.0.113.7", "port": 443}


def test_empty_lines_before_the_log_line_are_passed_over(tmp_path: Path) -> None:
    done = ended("-", "--json", state=tmp_path, typed=b"\n  \ndst=203.0.113.7\n")
    assert json.loads(done.stdout)["destination"] == {"ip": "203.0.113.7"}


def test_a_log_line_is_asked_for_where_there_is_no_standard_input(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert whence("-")[0] == 65


def test_a_user_without_a_home_is_told_what_to_set(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WHENCE_STATE", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    status, _, err = whence("case", "list")
    assert status == 78
    assert "WHENCE_STATE" in err


def test_a_user_without_a_name_can_write_notes(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    whence("203.0.113.7")
    assert whence("case", "note", "last", "seen")[0] == 0
    assert "note by user 54321" in whence("case", "show")[1]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_fault_of_ours(
    whence: Whence, tmp_path: Path, closed: str
) -> None:
    log = tmp_path / "log"
    log.write_text("2025-11-20T10:00:00Z pc agent: hello\n")
    whence("203.0.113.7")
    for words in (["report", "-o", "-", "--format", "json"], ["logs", "rate", str(log)]):
        line = f"{shlex.join([sys.executable, '-c', MAIN, *words])} {closed}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False,
                              env=os.environ | {"WHENCE_STATE": str(tmp_path / "state")}
                              )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        assert bool(done.stdout) == (">&-" not in closed.replace("2>&-", ""))
    assert whence("case", "verify")[0] == 0


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_an_answer_that_finds_no_room(tmp_path: Path) -> None:
    for words, stream, status in ((["case", "--help"], "stdout", 74), (["a b"], "stderr", 65)):
        with FULL.open("w") as full:
            done = subprocess.run([sys.executable, "-c", MAIN, *words], check=False, timeout=60,
                                  env=os.environ | {"WHENCE_STATE": str(tmp_path)},
                                  **{stream: full})  # type: ignore[call-overload]  # fmt: skip
        assert done.returncode == status


def test_what_may_not_be_looked_at(whence: Whence, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", forbid)
    status, _, err = whence("program", "/root/secret")
    assert (status, "/root/secret" in err) == (77, True)


# Says so when whence has taken hold of ^C, before it has imported anything.
TELLING = """
import signal
from whence.cli import start
take = signal.signal
def tell(number, handler):
    signal.signal = take
    take(number, handler)
    print(flush=True)
signal.signal = tell
start.main()
"""


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 2.0])
def test_an_interrupt_at_any_moment_shows_no_traceback(tmp_path: Path, delay: float) -> None:
    waits = ["203.0.113.7", "--wait", "1h", "--level", "sock_diag"]
    process = subprocess.Popen([sys.executable, "-c", TELLING, *waits], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=os.environ |
                               {"WHENCE_STATE": str(tmp_path)})  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == b"\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(delay)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    assert process.returncode in (130, -signal.SIGINT)


IN_A_CALLBACK = """
class Ended:
    def __del__(self):
        raise KeyboardInterrupt
def interrupted(**_):
    Ended()
    time.sleep(30)
"""
IN_A_CLASS = """
class Named:
    def __set_name__(self, owner, name):
        raise KeyboardInterrupt
def interrupted(**_):
    type("Owner", (), {"named": Named()})
"""
IN_A_LOCK = """
import threading
def interrupted(**_):
    condition = threading.Condition()
    with condition:
        condition.release()
        raise KeyboardInterrupt
"""


@pytest.mark.parametrize("where", [IN_A_CALLBACK, IN_A_CLASS, IN_A_LOCK])
def test_an_interrupt_where_python_raises_none_is_not_lost(where: str) -> None:
    begin = "import time\nfrom whence.cli import main, start\n"
    program = f"{begin}{where}\nmain.cli.main = interrupted\nstart.main()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=20)
    assert (ended.returncode, ended.stderr) == (130, b"whence: interrupted\n")


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_is_an_interrupt(tmp_path: Path, asked: signal.Signals) -> None:
    """What waits under a timer or in a service is ended by SIGTERM, in a terminal by its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "203.0.113.7", "--wait", "1h", "--level", "sock_diag"],
        stderr=subprocess.PIPE, env=os.environ | {"WHENCE_STATE": str(tmp_path)})  # fmt: skip
    cases = tmp_path / "cases"
    while process.poll() is None and not [*cases.glob("2*.case")]:
        pass
    process.send_signal(asked)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in err


READING = ("flows", "talkers", "logs parse", "logs parse --templates")
INPUTS = [(words, file) for words in READING for file in ("-", "pipe")]


@pytest.mark.parametrize(("words", "file"), [*INPUTS, ("logs parse", "/dev/zero")])
def test_an_interrupt_ends_what_waits_for_input(tmp_path: Path, words: str, file: str) -> None:
    """As at a terminal where nothing was typed yet, or of what never ends."""
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, *words.split(), file], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env=os.environ | {"WHENCE_STATE": str(tmp_path)})  # fmt: skip
    assert process.stderr
    assert process.stderr.readline() == b"waiting\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"whence: interrupted" in err


def test_standard_input_without_a_line_is_called_so(tmp_path: Path) -> None:
    done = ended("logs", "parse", "-", state=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"whence: there is no line in standard input\n")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_wordings_of_a_pipe_that_were_counted_until_an_interrupt_are_told(
    tmp_path: Path, asked: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTED, "logs", "parse", "--templates", "--json", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"WHENCE_STATE": str(tmp_path)})  # fmt: skip
    assert process.stdin
    assert process.stderr
    process.stdin.write(b"Nov 27 10:00:00 fw sshd[1]: no key for root\n" * 3)
    process.stdin.flush()
    assert process.stderr.readline() == b"read\n"
    process.send_signal(asked)
    out, err = process.communicate(timeout=30)
    assert json.loads(out)["whence"]["template"]["count"] == 3
    assert (process.returncode, b"whence: interrupted" in err) == (130, True)


# Says so when the lines of the pipe were read, and whence waits for more.
COUNTED = """
import sys
from whence.cli import start
from whence.world import log_lines
told, read_apart = [], log_lines.read_apart
def tell():
    if not told and log_lines.LogLines.opened._reading.lines_read:
        told.append(print("read", file=sys.stderr, flush=True))
log_lines.read_apart = lambda work, stop, hear: read_apart(work, stop, tell)
waited_for = log_lines.LogLines._waited_for
def noted(self, read):
    log_lines.LogLines.opened = self
    return waited_for(self, read)
log_lines.LogLines._waited_for = noted
start.main()
"""
# Says so when whence begins to read, and waits for that.
WAITING = """
import sys
from whence.cli import start
from whence.world import reading_apart
told, read_apart = [], reading_apart.read_apart
def tell(work):
    if not told:
        told.append(print("waiting", file=sys.stderr, flush=True))
    return work()
reading_apart.read_apart = lambda work, *rest: read_apart(lambda: tell(work), *rest)
start.main()
"""


def test_lines_of_a_pipe_are_shown_when_they_arrive(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "logs", "parse", "-"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"WHENCE_STATE": str(tmp_path)})  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(b"Nov 27 12:00:00 web1 sshd[7]: hello\nNov 27 12:00:01 half a line")
        process.stdin.flush()
        shown, _, _ = select.select([process.stdout], [], [], 30)
        assert shown, "the pipe is open, and nothing was shown"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        assert b"hello" in out
    finally:
        process.kill()


# Asks to end once more, while the first request is being answered.
ASKING_AGAIN = """
import os, signal
from whence.cli import main, start
def run():
    signal.signal(signal.SIGTERM, main._interrupt)
    take = signal.signal
    def ask(number, handler):
        if handler is signal.SIG_DFL:
            os.kill(os.getpid(), signal.SIGTERM)
        return take(number, handler)
    signal.signal = ask
    raise KeyboardInterrupt
main.main = run
start.main()
"""


def test_a_second_request_to_end_shows_no_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", ASKING_AGAIN], capture_output=True, timeout=60)
    assert done.stderr == b""
    assert done.returncode in (130, -signal.SIGTERM, -signal.SIGINT)


@pytest.mark.parametrize(
    "words",
    [
        "flows FILE",
        "talkers FILE",
        "findings FILE",
        "path 192.0.2.1 FILE",
        "import FILE",
        "logs parse FILE",
        "logs explain FILE",
        "logs load FILE",
        "logs rate FILE",
        "logs receive --tls 127.0.0.1:0 --certificate FILE --key FILE",
        "program FILE",
        "program --rules FILE /bin/sh",
        "station 192.0.2.1 --leases FILE",
        "case import FILE",
        "config cables FILE",
        "data update --from FILE",
    ],
)
def test_a_file_that_is_not_there_has_one_exit_status(
    whence: Whence, tmp_path: Path, words: str
) -> None:
    missing = str(tmp_path / "none.txt")
    status, out, err = whence(*words.replace("FILE", missing).split())
    assert (status, out) == (65, "")
    assert err.startswith(f"whence: there is no file {missing}\n")


@pytest.mark.parametrize(
    "words",
    [
        "flows FILE",
        "import FILE",
        "logs parse FILE",
        "logs load FILE",
        "program FILE",
        "station 192.0.2.1 --leases FILE",
        "case import FILE",
        "config cables FILE",
    ],
)
def test_a_folder_in_place_of_a_file_has_one_exit_status(
    whence: Whence, tmp_path: Path, words: str
) -> None:
    status, out, err = whence(*words.replace("FILE", str(tmp_path)).split())
    assert (status, out) == (65, "")
    assert err.startswith(f"whence: {tmp_path} is a folder\n")


def test_a_folder_is_no_log_of_a_search(whence: Whence, tmp_path: Path) -> None:
    status, _, err = whence("bisect", "replay", str(tmp_path))
    assert status == 65
    assert f"whence: {tmp_path} is a folder\n" in err
