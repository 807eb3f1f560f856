"""A trap on a program: every run is told of, and nothing ever keeps the program from running."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
ONLY = (1 << 2) | (1 << 19)  # CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE
CALLS = """\
#!/usr/bin/env python3
import socket
with socket.socket() as caller:
    caller.connect_ex(("127.0.0.9", 9999))
raise SystemExit(3)
"""


class Trap:
    """``whence trap PROGRAM --json``, once it is set."""

    def __init__(self, program: Path, *options: str) -> None:
        self.state = program.parent / "state"
        self.process = subprocess.Popen(
            [WHENCE, "trap", str(program), "--json", *options],
            env=os.environ | {"WHENCE_STATE": str(self.state)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr
        self.introduction = self.process.stderr.readline()

    @property
    def sensor(self) -> int:
        """The process that the kernel asks."""
        return self.child(b"trapping")

    def child(self, word: bytes) -> int:
        """The one process that it started with this word in its command line."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()  # each has its own children
        (found,) = (
            pid
            for task in tasks
            for pid in map(int, (task / "children").read_text().split())
            if word in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        return found

    def end(self) -> list[dict[str, Any]]:
        """End it, and give each run that has ended, or how the trap was."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=60)
        told = [json.loads(line) for line in out.splitlines()]
        return [one for one in told if one["event"].get("action") != "exec"]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return Path(shutil.copy("/bin/true", tmp_path / "agent"))


@pytest.fixture
def trap(program: Path) -> Iterator[Trap]:
    found = Trap(program, "--no-connections")
    assert found.introduction.startswith(f"waiting for runs of {program}")
    yield found
    found.process.kill()
    found.process.communicate()


def runs_of(program: Path, *words: str) -> float:
    began = time.monotonic()
    subprocess.run([program, *words], check=True, timeout=30)
    return time.monotonic() - began


def rights_of(pid: int) -> tuple[set[int], set[str], str]:
    """Give a process's capabilities, its users, and whether it can gain any."""
    status = Path(f"/proc/{pid}/status").read_text()
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    sets = {int(told[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")}
    return sets, set(told["Uid"].split()), told["NoNewPrivs"]


def test_each_caller_is_told(trap: Trap, program: Path) -> None:
    in_parallel = f"seq 40 | xargs -P 4 -n 1 '{program}' xargs"
    subprocess.run(["sh", "-c", in_parallel], check=True)
    subprocess.run(["setsid", "sh", "-c", f"'{program}' cron '' 'a b'; exit 4"], check=False)
    subprocess.run([sys.executable, "-c", "import os, sys; os.execv(sys.argv[1], ['x', 'é\\n'])",
                    str(program)], check=True)  # fmt: skip
    *runs, trapped = trap.end()
    assert len(runs) == trapped["whence"]["trap"]["runs"] == 42
    numbers = {one["process"]["args"][2] for one in runs if one["process"]["args"][1] == "xargs"}
    assert numbers == set(map(str, range(1, 41)))
    by_cron, replaced = (one["process"] for one in runs[-2:])
    assert by_cron["args"] == [str(program), "cron", "", "a b"]
    assert by_cron["parent"]["args"][:2] == ["sh", "-c"]
    assert replaced["args"] == ["x", "é\n"]
    assert all(one["process"]["exit_code"] == 0 and one["event"]["duration"] for one in runs)
    assert not any(trapped["whence"]["trap"]["lost"].values())


def test_an_upgrade_is_trapped_too_and_the_sensor_has_few_rights(trap: Trap, program: Path) -> None:
    assert rights_of(trap.sensor) == ({ONLY}, {"65534"}, "1")
    runs_of(program, "old")
    beside = Path(shutil.copy("/bin/true", program.with_name("agent.dpkg-new")))
    beside.rename(program)  # as dpkg does
    runs_of(program, "new")
    runs_of(Path(shutil.copy("/bin/true", program.with_name("agent-other"))), "another program")
    *runs, trapped = trap.end()
    assert [one["process"]["args"][1] for one in runs] == ["old", "new"]
    assert trapped["whence"]["trap"]["replaced"] == 1


def test_a_program_that_ends_by_a_signal(tmp_path: Path) -> None:
    program = Path(shutil.copy("/bin/sleep", tmp_path / "agent"))
    trap = Trap(program, "--no-connections", "--runs", "1")
    with subprocess.Popen([program, "60"]) as running:
        time.sleep(0.2)
        running.terminate()
    run, _ = trap.end()
    assert run["whence"]["run"]["outcome"] == "killed by SIGTERM"
    assert run["event"]["duration"] > 100_000_000


def test_nobody_waits_when_whence_is_stopped_or_killed(trap: Trap, program: Path) -> None:
    os.kill(trap.process.pid, signal.SIGSTOP)
    assert runs_of(program) < 2
    trap.process.kill()
    assert runs_of(program) < 2
    trap.process.wait()


def test_nobody_waits_when_the_sensor_is_killed(trap: Trap, program: Path) -> None:
    runs_of(program, "before")
    assert trap.process.stdout
    assert '"exec"' in trap.process.stdout.readline()
    os.kill(trap.sensor, signal.SIGKILL)
    assert runs_of(program, "after") < 2
    out, error = trap.process.communicate(timeout=30)
    assert trap.process.returncode == 69
    assert "the trap ended by itself" in error
    assert " ran once in " in json.loads(out.splitlines()[-1])["whence"]["trap"]["sentence"]


def test_nobody_waits_for_long_when_the_sensor_is_stopped(trap: Trap, program: Path) -> None:
    os.kill(trap.sensor, signal.SIGSTOP)
    assert runs_of(program) < 6


def test_where_it_connects_to_is_waited_for_where_the_machine_is_busy(tmp_path: Path) -> None:
    program = tmp_path / "agent"
    program.write_text(CALLS)
    program.chmod(0o755)
    trap = Trap(program, "--runs", "1")
    sensor = trap.child(b"whence.sensors\0")
    os.kill(sensor, signal.SIGSTOP)  # as if it got no processor
    try:
        subprocess.run([program], check=False)
        time.sleep(3)
    finally:
        os.kill(sensor, signal.SIGCONT)
    out, _ = trap.process.communicate(timeout=60)
    run = json.loads(out.splitlines()[-2])
    assert (run["destination"]["ip"], run["destination"]["port"]) == ("127.0.0.9", 9999)


def test_where_a_script_connects_to(tmp_path: Path) -> None:
    script = tmp_path / "acme-agent"
    script.write_text(CALLS)
    script.chmod(0o755)
    trap = Trap(script, "--runs", "1")
    subprocess.run([script, "--token", "geheim"], check=False)
    run, trapped = trap.end()
    assert run["process"]["args"] == [str(script), "--token", "[redacted]"]
    assert run["process"]["executable"] == "/usr/bin/env"
    assert run["process"]["exit_code"] == 3
    assert (run["destination"]["ip"], run["destination"]["port"]) == ("127.0.0.9", 9999)
    assert trapped["whence"]["trap"]["sentence"].endswith("; it called 127.0.0.9:9999.")
    shown = subprocess.run([WHENCE, "trap", "show", "acme-agent"], text=True, check=True,
                           env=os.environ | {"WHENCE_STATE": str(trap.state)},
                           capture_output=True).stdout  # fmt: skip
    assert "called 127.0.0.9:9999" in shown.splitlines()[0]
    assert "geheim" not in shown


def test_without_root_it_says_what_it_needs(tmp_path: Path) -> None:
    said = subprocess.run(
        ["setpriv", "--bounding-set=-all", WHENCE, "trap", "/bin/true", "--no-connections"],
        env=os.environ | {"WHENCE_STATE": str(tmp_path)}, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert said.returncode == 77, said.stderr
    assert "CAP_SYS_ADMIN" in said.stderr
    assert not [*tmp_path.iterdir()]


def test_who_marks_what_appears_ends_with_the_sensor(trap: Trap, program: Path) -> None:
    (marks,) = map(
        int, Path(f"/proc/{trap.sensor}/task/{trap.sensor}/children").read_text().split()
    )
    assert rights_of(marks) == rights_of(trap.sensor)
    os.kill(trap.sensor, signal.SIGKILL)
    running = Path(f"/proc/{marks}/exe")  # nothing of a zombie's
    for _ in range(100):
        if not running.exists():
            break
        time.sleep(0.01)
    assert not running.exists()
    assert runs_of(program) < 1


def test_a_folder_that_is_put_back_is_watched_again(tmp_path: Path) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    program = Path(shutil.copy("/bin/true", place / "agent"))
    trap = Trap(program, "--no-connections")
    runs_of(program, "old")
    place.rename(tmp_path / "before")
    place.mkdir()
    shutil.copy("/bin/true", program)
    time.sleep(2.5)  # within a second it is noticed
    runs_of(program, "new")
    beside = Path(shutil.copy("/bin/true", program.with_name("agent.dpkg-new")))
    beside.rename(program)
    runs_of(program, "newer")
    *runs, _ = trap.end()
    assert [one["process"]["args"][1] for one in runs] == ["old", "new", "newer"]
