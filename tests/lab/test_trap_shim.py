"""A shim in a program's place: nobody notices it, and the program always comes back."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from whence.model import BadInput
from whence.world import systemd
from whence.world.changes import digest
from whence.world.diversion import Diverted
from whence.world.divertible import divertible
from whence.world.trap_shim import shim_for
from whence.world.undo import Undo
from whence.world.undo_folder import UndoFolder

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
LATER = datetime.now(UTC) + timedelta(hours=1)
Words = list[str]

# Divert a program, and be killed after one of the steps.
KILLED = """\
import os, signal, sys
from pathlib import Path
from whence.model import BadInput
from whence.world import systemd
from whence.world.changes import digest
from whence.world.diversion import Diverted
from whence.world.undo_folder import UndoFolder

journals, program, step = sys.argv[1:]
shim = b"\\x7fELF a shim"

def after(name, function):
    def then(*given, **more):
        result = function(*given, **more)
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return then

run = after("told dpkg", systemd.run)
with UndoFolder(Path(journals)).hold("trap", program) as undo:
    undo._note = after("noted", undo._note)
    os.link = after("linked", os.link)
    os.write = after("wrote", os.write)
    Path.replace = after("replaced", Path.replace)
    undo.divert(Diverted(program, program, digest(shim)), shim, run)
    os.kill(os.getpid(), signal.SIGKILL)
"""
STEPS = ("noted", "told dpkg", "linked", "wrote", "replaced", "all")


@pytest.fixture
def dpkg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dpkg that knows of nothing but what the test installs; this machine's is left alone."""
    folder = tmp_path / "dpkg"
    for name in ("info", "updates", "triggers"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    monkeypatch.setenv("DPKG_ADMINDIR", str(folder))
    monkeypatch.setenv("WHENCE_STATE", str(tmp_path / "state"))
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return Path(shutil.copy("/bin/dash", tmp_path / "bin/agent"))


def diversions(dpkg: Path) -> str:
    file = dpkg / "diversions"
    return file.read_text() if file.exists() else ""


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_after_any_step_leaves_the_program_and_it_comes_back(
    dpkg: Path, program: Path, tmp_path: Path, step: str
) -> None:
    before = program.read_bytes()
    journals = tmp_path / "state/undo/passing"
    killed = subprocess.run([sys.executable, "-c", KILLED, journals, program, step], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert program.exists()
    (journal,) = UndoFolder(journals).journals()
    assert not journal.held
    for _ in range(2):  # and once more does no harm
        for found in [*UndoFolder(journals).journals()]:
            [*UndoFolder(journals).take_back(found, systemd.run)]
    assert program.read_bytes() == before
    assert [path.name for path in program.parent.iterdir()] == ["agent"]
    assert str(program) not in diversions(dpkg)
    assert not [*UndoFolder(journals).journals()]


def trapped(program: Path, *options: str, among: Words | None = None) -> subprocess.Popen[str]:
    """Set a trap with a shim, and wait until it is in place."""
    trap = subprocess.Popen(
        [*(among or []), WHENCE, "trap", str(program), "--script", "--no-connections", "--json",
         *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while trap.poll() is None and time.monotonic() < end:
        if b"whence trap shim" in program.read_bytes():
            return trap
        time.sleep(0.02)
    raise AssertionError(trap.communicate())


def test_a_killed_trap_is_taken_back_by_the_next_whence(dpkg: Path, program: Path) -> None:
    before = program.read_bytes()
    trap = trapped(program)
    trap.kill()
    trap.communicate()
    assert subprocess.run([program, "-c", "exit 7"], check=False).returncode == 7  # fails open
    said = subprocess.run([WHENCE, "trap", "ls"], capture_output=True, text=True, check=False)
    assert f"put {program} back" in said.stderr
    assert program.read_bytes() == before
    assert str(program) not in diversions(dpkg)


AT_BOOT = """\
mount --make-rprivate /
mount --bind "$1/cron.d" /etc/cron.d
mount --bind "$1/none" /etc/crontab
mount -t tmpfs none /var/spool/cron
mount -t tmpfs none /run
shift
exec "$@"
"""


def test_a_killed_trap_is_taken_back_at_boot_by_cron(
    dpkg: Path, program: Path, tmp_path: Path
) -> None:
    """With a cron that just started, and knows of nothing but what whence wrote."""
    before = program.read_bytes()
    (tmp_path / "cron.d").mkdir()
    (tmp_path / "none").touch()
    alone = ["unshare", "--mount", "sh", "-ec", AT_BOOT, "sh", str(tmp_path)]
    trap = trapped(program, among=alone)
    assert trap.stderr
    said = next(line for line in trap.stderr if "is diverted" in line)
    trap.kill()
    trap.communicate()
    [line] = (tmp_path / "cron.d").iterdir()
    assert f"/etc/cron.d/{line.name} does at boot" in said
    cron = subprocess.Popen([*alone, "cron", "-f"])
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and (line.exists() or program.read_bytes() != before):
            time.sleep(0.1)
    finally:
        cron.terminate()
        cron.wait()
    assert program.read_bytes() == before
    assert not [*(tmp_path / "cron.d").iterdir()]
    assert not [*UndoFolder(tmp_path / "state/undo/passing").journals()]


def package(folder: Path, program: Path, version: str) -> Path:
    """Build a package that brings the program as a script which says its version."""
    root = folder / f"agent-{version}"
    place = root / str(program).lstrip("/")
    place.parent.mkdir(parents=True)
    place.write_text(f"#!/bin/sh\necho {version}\n")
    place.chmod(0o755)
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(
        f"Package: agent\nVersion: {version}\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.com>\nDescription: agent\n"
    )
    subprocess.run(["dpkg-deb", "--build", root, folder], check=True, capture_output=True)
    return folder / f"agent_{version}_all.deb"


def test_an_upgrade_while_it_is_trapped_is_kept(dpkg: Path, program: Path, tmp_path: Path) -> None:
    def install(version: str) -> None:
        file = package(tmp_path, program, version)
        subprocess.run(["dpkg", "--admindir", dpkg, "--log=/dev/null", "-i", file], check=True,
                       capture_output=True)  # fmt: skip

    def says() -> str:
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout

    program.unlink()
    install("1")
    trap = trapped(program)
    assert says() == "1\n"
    install("2")
    assert b"whence trap shim" in program.read_bytes()
    assert says() == "2\n"
    trap.send_signal(signal.SIGINT)
    out, error = trap.communicate(timeout=60)
    assert f"put {program} back" in error
    assert says() == "2\n"
    assert b"whence trap shim" not in program.read_bytes()
    assert [path.name for path in program.parent.iterdir()] == ["agent"]
    assert len([line for line in out.splitlines() if '"end"' in line]) == 2


def test_a_program_in_a_folder_that_only_root_may_enter(dpkg: Path, program: Path) -> None:
    program.parent.chmod(0o700)
    trap = trapped(program, "--runs", "1")
    time.sleep(1.3)  # until it has been looked at whether the shim is in its place
    subprocess.run([program, "-c", "exit 0"], check=True)
    out, error = trap.communicate(timeout=60)
    assert trap.returncode == 0, error
    assert len([line for line in out.splitlines() if '"end"' in line]) == 1


@pytest.fixture
def two(dpkg: Path, program: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The same program, one with a shim and a trap that sees output, and one without."""
    (tmp_path / "other").mkdir()
    other = Path(shutil.copy("/bin/dash", tmp_path / "other/agent"))
    trap = trapped(program, "--output")
    yield program, other
    trap.send_signal(signal.SIGINT)
    out, _ = trap.communicate(timeout=60)
    told = [json.loads(line) for line in out.splitlines()]
    runs = [one for one in told if one["event"].get("action") == "end"]
    trap_said = told[-1]["whence"]["trap"]
    assert len(runs) + trap_said["lost"]["went_by_unseen"] == 16, trap_said  # told, or counted
    assert all(one["whence"]["run"]["executed"] for one in runs)
    outputs = [one["whence"]["run"]["output"] for one in runs]
    assert all(output["complete"] for output in outputs)
    assert 256 * 4096 in [output["stdout"]["bytes"] for output in outputs]


def test_callers_do_not_notice_the_shim(two: tuple[Path, Path], tmp_path: Path) -> None:
    def both(*words: str, **given: Any) -> tuple[int, bytes, bytes]:
        shown = []
        for program in two:
            ran = subprocess.run(["agent", *words], executable=program, capture_output=True,
                                 timeout=30, check=False, **given)  # fmt: skip
            shown.append((ran.returncode, ran.stdout, ran.stderr))
        assert shown[0] == shown[1], words
        return shown[0]

    odd = ["", "a b", "*", "new\nline", "'\"\\", "x" * 100_000, "é"]
    given = both("-c", 'cat /proc/$$/cmdline', *odd)[1]  # fmt: skip
    assert given.split(b"\0")[3:-1] == [word.encode() for word in odd]
    environment = {"A.B-C": "1", "PERL5OPT": "-d", "X": "a\nb", "PATH": os.environ["PATH"]}
    told = both("-c", "cat /proc/$$/environ", env=environment)[1]
    assert b"A.B-C=1\0" in told
    assert b"PWD" not in told
    everything = bytes(range(256)) * 4096
    assert both("-c", "exec cat", input=everything)[1] == everything
    for status in (0, 1, 127, 255):
        assert both("-c", f"exit {status}")[0] == status
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGPIPE):
        assert both("-c", f"kill -{int(number)} $$; sleep 5")[0] == -number
    assert both("-c", "pwd; umask", cwd=tmp_path)[1].startswith(bytes(tmp_path))
    both("-c", "exec grep -E '^(Sig(Ign|Blk)|NoNewPrivs|Groups|Cap)' /proc/self/status")
    both("-c", "exec grep SigIgn /proc/self/status", preexec_fn=ignore)
    both("-c", "ulimit -a; exec ls /proc/self/fd")
    _pid_terminal_and_job_control_are_its_own(two)


def ignore() -> None:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _pid_terminal_and_job_control_are_its_own(two: tuple[Path, Path]) -> None:
    shimmed, _ = two
    with subprocess.Popen([shimmed, "-c", "echo $$; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as running:  # fmt: skip
        assert running.stdout
        assert int(running.stdout.readline()) == running.pid
        os.kill(running.pid, signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
        os.kill(running.pid, signal.SIGCONT)
        running.communicate(b"\n")
        assert running.returncode == 0
    for program in two:
        pid, terminal = pty.fork()
        if not pid:
            os.execv(
                program, ["agent", "-c", "tty >/dev/null && stty -a >/dev/null && exec sleep 9"]
            )
        time.sleep(0.3)
        os.write(terminal, b"\x03")  # ^C of the terminal reaches the program
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGINT
        os.close(terminal)


def shimmed(program: Path, folder: Path, until: datetime = LATER) -> Undo:
    """Put a shim in place that calls a socket where nobody listens."""
    original = Path(f"{program}.whence-original")
    shim = shim_for(program, original, folder / "nobody", until)
    undo = Undo(folder / "journal/undo.jsonl")
    undo.divert(Diverted(str(program), str(program), digest(shim)), shim, systemd.run)
    return undo


def test_the_program_runs_when_it_was_put_back_while_the_shim_began(
    dpkg: Path, program: Path, tmp_path: Path
) -> None:
    shimmed(program, tmp_path)
    began = Path(shutil.copy(program, tmp_path / "began"))
    Path(f"{program}.whence-original").rename(program)
    assert subprocess.run([began, "-c", "exit 9"], check=False).returncode == 9
    program.unlink()
    assert subprocess.run([began, "-c", "exit 9"], check=False).returncode == 127


def test_what_somebody_else_put_there_is_left(dpkg: Path, program: Path, tmp_path: Path) -> None:
    undo = shimmed(program, tmp_path)
    program.unlink()
    program.write_text("#!/bin/sh\necho mine\n")
    (said,) = undo.undo_all(systemd.run)
    assert said.startswith(f"left {program} as it is: somebody put something else in its place")
    assert program.read_text().endswith("mine\n")
    assert undo.pending()


@pytest.mark.parametrize(
    ("prepare", "because"),
    [
        (lambda path: path.chmod(0o4755), "setuid"),
        (lambda path: path.write_text("echo no interpreter\n"), "neither ELF"),
        (lambda path: Path(f"{path}.whence-original").touch(), "there is already a file"),
        (lambda path: path.rename(path.with_name("python3.99")), "an interpreter"),
    ],
)
def test_what_is_never_replaced(dpkg: Path, program: Path, prepare: Any, because: str) -> None:
    prepare(program)
    (path,) = (one for one in program.parent.iterdir() if one.suffix != ".whence-original")
    with pytest.raises(BadInput) as refused:
        divertible(path)
    assert because in refused.value.because


def test_what_is_diverted_already_is_left_to_whoever_did_it(dpkg: Path, program: Path) -> None:
    command = ["dpkg-divert", "--local", "--no-rename", "--divert", f"{program}.own", "--add"]
    subprocess.run([*command, program], check=True, capture_output=True)
    with pytest.raises(BadInput) as refused:
        divertible(program)
    assert "it is diverted already" in refused.value.because


@pytest.mark.parametrize("program", ["/bin/sh", "/bin/ls", "/usr/bin/dpkg"])
def test_what_the_system_cannot_do_without_is_never_replaced(program: str) -> None:
    with pytest.raises(BadInput, match="is not replaced by a shim"):
        divertible(Path(program).resolve())
