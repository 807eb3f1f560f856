"""What trapped runs write is seen, and their callers get what they always get."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
SEEN_BY = b"whence.sensors.outputs"
ONLY = (1 << 38) | (1 << 39)  # CAP_PERFMON, CAP_BPF
RUNS = 200
MANY = "echo out $0; echo err $0 >&2; /bin/echo $0"
Caught = subprocess.CompletedProcess[bytes]

# What dash is given, and what of it the run wrote to stdout and stderr.
CALLS = {
    "builtin": ("echo hello; echo oops >&2", "hello\n", "oops\n"),
    "children": ("(echo sub); /bin/echo program; /bin/echo to both | tr a-z A-Z",
                 "sub\nprogram\nTO BOTH\n", ""),
    "elsewhere": ("echo lost > {0}/file; echo nothing > /dev/null; echo here", "here\n", ""),
    "opened again": ("echo err > /dev/stderr; echo out > /dev/stdout", "out\n", "err\n"),
    "nowhere": ("exec > /dev/null 2> /dev/null; exec {2} -c 'echo out; echo err >&2; "
                "/bin/echo lost 2> /dev/null > /dev/null' agent nowhere", "out\n", "err\n"),
    "late": ("(sleep 0.3; echo late) & echo early", "early\nlate\n", ""),
    "vectors": ("{1} 'import os; os.writev(1, [b\"a\" * 5000, b\"\", b\"b\\n\"])'",
                "a" * 5000 + "b\n", ""),
    "duplicate": ("{1} 'import os; os.write(os.dup(2), b\"dup\")'", "", "dup"),
    "secret": ("printf pass; printf 'word=ge\\150eim\\n'", "password=[redacted]\n", ""),
    "much": ("head -c 10000000 /dev/zero | tr '\\0' x", "x" * 65536, ""),
    "passed on": ("{1} 'import os; r, w = os.pipe(); os.write(w, b\"12345\"); os.write(1, b\"a\"); "
                  "os.splice(r, 1, 5); os.write(1, b\"b\")'", "ab", ""),
    "binary": ("printf '\\377\\000\\033[31m'", "\\xff\0\x1b[31m", ""),
}  # fmt: skip


class Trap:
    """``whence trap PROGRAM --output --json``, once it is set."""

    def __init__(self, program: Path, *options: str) -> None:
        self.program = program
        self.state = program.parent / "state"
        self.process = subprocess.Popen(
            [WHENCE, "trap", str(program), "--output", "--json", "--no-connections", *options],
            env=os.environ | {"WHENCE_STATE": str(self.state)},
            stdout=(program.parent / "told").open("w"), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr
        self.introduction = self.process.stderr.readline()

    def sensor(self) -> int:
        """The process that sees what is written."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (found,) = (
            pid
            for pid in map(int, children.read_text().split())
            if SEEN_BY in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        return found

    def end(self) -> dict[str, dict[str, Any]]:
        """End it, and give what each run wrote, by the last of its arguments."""
        time.sleep(0.6)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        told = [json.loads(line) for line in (self.program.parent / "told").open()]
        self.lost = told[-1]["whence"]["trap"]["lost"]
        return {one["process"]["args"][-1]: one for one in told[:-1]
                if one["event"]["action"] == "end"}  # fmt: skip


@dataclass
class Seen:
    """One trap, all runs that were made meanwhile, and what their callers got."""

    trap: Trap
    runs: dict[str, dict[str, Any]]
    got: dict[str, tuple[Caught, Caught]]  # of the trapped program, and of another copy

    def stream(self, name: str, stream: str) -> dict[str, Any]:
        found: dict[str, Any] = self.runs[name]["whence"]["run"]["output"][stream]
        return found


@contextmanager
def set_for(program: Path) -> Iterator[Trap]:
    trap = Trap(Path(shutil.copy("/bin/dash", program)))
    try:
        yield trap
    finally:
        trap.process.kill()
        trap.process.communicate()


def caught(program: Path, words: list[str]) -> Caught:
    return subprocess.run([str(program), *words], capture_output=True, check=False)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("trap")
    program = folder / "agent"
    with set_for(program) as trap:
        got: dict[str, tuple[Caught, Caught]] = {}
        for name, (script, _, _) in CALLS.items():
            words = [
                "-c",
                script.format(folder, f"exec {sys.executable} -c", program),
                "agent",
                name,
            ]
            got[name] = caught(program, words), caught(Path("/bin/dash"), words)
        with socket_for_stdout(trap.program, "socket") as caller:
            assert caller.recv(99) == b"socket\n"
        many = f"seq {RUNS} | xargs -P 8 -n 1 '{trap.program}' -c '{MANY}'"
        subprocess.run(["sh", "-c", many], check=True, capture_output=True)
        yield Seen(trap, trap.end(), got)


@contextmanager
def socket_for_stdout(program: Path, word: str) -> Iterator[socket.socket]:
    """Run it with a socket as its standard output, and standard error closed."""
    ours, its = socket.socketpair()
    script = 'exec "$0" -c "echo $1" agent "$1" 2>&-'
    with ours, its:
        subprocess.run(["sh", "-c", script, str(program), word], stdout=its.fileno(), check=True)
        yield ours


@pytest.mark.parametrize("name", CALLS)
def test_a_way_to_write(seen: Seen, name: str) -> None:
    ran, other = seen.got[name]
    assert (ran.stdout, ran.stderr) == (other.stdout, other.stderr)
    assert (ran.returncode, other.returncode) == (0, 0)
    _, out, err = CALLS[name]
    assert seen.stream(name, "stdout").get("text", "") == out
    assert seen.stream(name, "stderr").get("text", "") == err
    assert seen.runs[name]["whence"]["run"]["output"]["complete"]


def test_a_socket_and_a_stream_that_is_closed(seen: Seen) -> None:
    assert seen.stream("socket", "stdout") == {
        "type": "socket", "text": "socket\n", "bytes": 7, "captured": 7,
    }  # fmt: skip
    assert seen.stream("socket", "stderr") == {"bytes": 0, "captured": 0}


def test_what_is_beyond_the_limit_is_counted(seen: Seen) -> None:
    io = seen.runs["much"]["process"]["io"]
    assert (io["type"], len(io["text"])) == ("pipe", 65536)
    assert (io["total_bytes_captured"], io["total_bytes_skipped"]) == (65536, 10_000_000 - 65536)
    assert io["max_bytes_per_process_exceeded"]
    assert seen.stream("much", "stdout")["beyond_limit"] == 10_000_000 - 65536


def test_what_is_passed_on_is_counted(seen: Seen) -> None:
    assert seen.runs["passed on"]["process"]["io"]["bytes_skipped"] == [{"offset": 1, "length": 5}]
    assert seen.stream("passed on", "stdout")["passed_on_unseen"] == 5


def test_many_runs_at_a_time_are_not_mixed_up(seen: Seen) -> None:
    for number in map(str, range(1, RUNS + 1)):
        assert seen.stream(number, "stdout")["text"] == f"out {number}\n{number}\n"
        assert seen.stream(number, "stderr")["text"] == f"err {number}\n"
    assert not any(seen.trap.lost.values())


def test_what_is_kept_is_shown(seen: Seen) -> None:
    shown = subprocess.run([WHENCE, "trap", "show", "agent", "--all"], text=True, check=True,
                           env=os.environ | {"WHENCE_STATE": str(seen.trap.state)},
                           capture_output=True).stdout  # fmt: skip
    assert "          out  hello\n          err  oops\n" in shown
    assert "out  \\xff\\x00\\x1b[31m" in shown
    assert "9934464 bytes beyond the first 65536 were not kept" in shown
    assert "geheim" not in shown


def test_the_sensor_has_few_rights_and_its_end_is_told(tmp_path: Path) -> None:
    with set_for(tmp_path / "agent") as trap:
        assert "io_uring" in trap.introduction
        look_at_and_kill_the_sensor_of(trap)


def look_at_and_kill_the_sensor_of(trap: Trap) -> None:
    status = Path(f"/proc/{trap.sensor()}/status").read_text()
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(told[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {ONLY}
    assert (set(told["Uid"].split()), told["NoNewPrivs"]) == ({"65534"}, "1")
    os.kill(trap.sensor(), signal.SIGKILL)
    assert trap.process.stderr
    assert "what the runs write is not seen any more" in trap.process.stderr.readline()
    subprocess.run([trap.program, "-c", "echo", "agent", "unseen"], capture_output=True, check=True)
    assert not trap.end()["unseen"]["whence"]["run"]["output"]["complete"]


def test_where_it_cannot_be_seen_nothing_is_trapped(tmp_path: Path) -> None:
    said = subprocess.run(
        ["setpriv", "--bounding-set=-bpf", WHENCE, "trap", "/bin/true", "--output"],
        env=os.environ | {"WHENCE_STATE": str(tmp_path)}, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert said.returncode == 77, said.stderr
    assert "what the runs write cannot be seen" in said.stderr
    assert "CAP_BPF" in said.stderr
    assert not [*tmp_path.iterdir()]
