"""What a capture keeps of real packets, and what it says of those that it could not keep."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.stations import wait_until
from tests.lab.watching import NOBODY, OURS, PATIENCE, Place, place_where_nobody_answers

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed"),
]

DATAGRAMS = (
    "import socket, sys, time\n"
    "port, count, pause = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])\n"
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    f"s.connect(('{NOBODY}', port))\n"
    "for n in range(count):\n"
    "    s.send(n.to_bytes(4, 'big') + bytes(20))\n"
    "    if pause: time.sleep(pause)\n"
)


OLD = (
    "import socket, sys\n"
    f"listening = socket.create_server(('{OURS}', 6071))\n"
    f"calling = socket.create_connection(('{OURS}', 6071))\n"
    "answering, _ = listening.accept()\n"
    "print('there', flush=True)\n"
    "sys.stdin.readline()\n"
    "calling.send(b'hello')\n"
    "sys.stdin.readline()\n"
)


class Capturing:
    """``whence capture`` in a place, ended by ^C."""

    def __init__(self, place: Place, folder: Path, *argv: str) -> None:
        self.folder = folder
        self.out = self.err = ""
        command = place.command(sys.executable, "-m", "whence.cli.main", "capture")
        self.process = subprocess.Popen(
            [*command, *argv, "--output", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        for line in self.process.stderr:
            self.err += line
            if line.startswith("into "):
                break
        else:
            raise AssertionError(self.err)

    @property
    def worker(self) -> int:
        """The process that has the packets."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in children.split():
            if b"whence.sensors.capturing" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        raise AssertionError(children)

    def wait_for_the_sensor(self) -> None:
        """Wait until what names processes is attached: after that it gives up its rights."""
        wait_until(self._sensor_gave_up_its_rights, "the sensor")

    def _sensor_gave_up_its_rights(self) -> bool:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{self.process.pid}/task").iterdir():
                for pid in (task / "children").read_text().split():
                    if b"whence.sensors\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        return "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
        return False

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.pcapng"))

    def index(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "index.jsonl").open()]

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        self.out, self.err = out, self.err + err
        return self.process.returncode

    def wait_for(self, what: str) -> None:
        """Wait until it has written a line on its standard error."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.err += line
            if what in line:
                return
        raise AssertionError(self.err)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with place_where_nobody_answers() as place:
        yield place


@contextlib.contextmanager
def capturing(place: Place, folder: Path, *argv: str) -> Iterator[Capturing]:
    started = Capturing(place, folder, *argv)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


def packets(file: Path, *fields: str, only: str = "") -> list[list[str]]:
    argv = ["tshark", "-n", "-r", str(file), "-T", "fields"]
    argv += ["-Y", only] if only else []
    for field in fields:
        argv += ["-e", field]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return [line.split("\t") for line in done.stdout.splitlines()]


def numbers(files: list[Path], port: int) -> list[int]:
    """The numbers that the generator wrote into its datagrams."""
    found: list[int] = []
    for file in files:
        found += [int(row[0][:8], 16) for row in packets(file, "data", only=f"udp.port=={port}")]
    return found


def test_each_packet_names_its_process(place: Place, tmp_path: Path) -> None:
    with capturing(place, tmp_path / "c", f"{NOBODY}:6001") as capture:
        capture.wait_for_the_sensor()
        place.python(DATAGRAMS, "6001", "3", "0.1")
        place.python(DATAGRAMS, "6002", "3", "0")
        time.sleep(1.5)
        assert capture.end() == 0
    (file,) = capture.files
    rows = packets(file, "frame.comment", "udp.dstport", "frame.interface_name", "sll.pkttype",
                   "frame.packet_flags_direction")  # fmt: skip
    sent = [row for row in rows if row[2] == "here"]
    assert [row[1:4] for row in sent] == [["6001", "here", "4"]] * 3
    assert [int(row[4], 16) for row in sent] == [2] * 3
    assert [row[2] for row in rows if row not in sent] == ["there"] * 3  # the same, as it comes in
    for comment, *_ in rows:
        lines = comment.split("\\n")
        assert lines[0].startswith("PID: ")
        assert lines[1] == f"Cmd: {os.path.realpath(sys.executable)}"
        assert lines[2].endswith("6001 3 0.1")
        assert lines[-1].startswith("Obtained: sensor ebpf, same addresses and ports, certain")
    assert "6 packets in 1 file" in capture.out
    assert "6 packets with their process" in capture.out
    assert "0 of 6 dropped by the kernel, 0 not written" in capture.out


def test_files_are_for_their_owner_and_the_worker_has_no_rights(
    place: Place, tmp_path: Path
) -> None:
    with capturing(place, tmp_path / "c", NOBODY, "-i", "here", "--no-processes") as capture:
        status = Path(f"/proc/{capture.worker}/status").read_text()
        place.python(DATAGRAMS, "6003", "1", "0")
    assert "CapEff:\t0000000000000000" in status
    assert "CapPrm:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "c").iterdir()} == {0o600}
    ((link, name),) = packets(capture.files[0], "eth.dst", "frame.interface_name")
    assert (link, name) == ("02:00:00:00:00:09", "here")


@pytest.mark.parametrize("only", [(), ("-i", "here", "-i", "there")])
def test_a_mac_address_on_several_interfaces(
    place: Place, tmp_path: Path, only: tuple[str, ...]
) -> None:
    target = "02:00:00:00:00:09"
    with capturing(place, tmp_path / "c", target, *only, "--no-processes") as capture:
        place.python(DATAGRAMS, "6004", "5", "0")
        place.python(DATAGRAMS.replace(NOBODY, OURS), "6004", "1", "0")  # on lo, without it
    (file,) = capture.files
    seen = packets(file, "frame.interface_name", "udp.dstport", "frame.len")
    length = str((14 if only else 20) + 28 + 24)
    assert sorted(seen) == [["here", "6004", length]] * 5 + [["there", "6004", length]] * 5


@pytest.mark.parametrize("only", [(), ("-i", "here")])
def test_a_filter_narrows_the_target(place: Place, tmp_path: Path, only: tuple[str, ...]) -> None:
    narrow = ("--filter", "udp dst port 6021 and udp[8:4] < 3", "--no-processes")
    with capturing(place, tmp_path / "c", NOBODY, *only, *narrow) as capture:
        place.python(DATAGRAMS, "6020", "5", "0")
        place.python(DATAGRAMS, "6021", "5", "0")
    assert "6021" in capture.err
    assert numbers(capture.files, 6020) == []
    assert sorted({*numbers(capture.files, 6021)}) == [0, 1, 2]


def test_a_filter_that_is_none_is_said_before_anything_begins(place: Place, tmp_path: Path) -> None:
    done = subprocess.run(
        place.command(sys.executable, "-m", "whence.cli.main", "capture", NOBODY, "--filter",
                      "port of call", "--output", str(tmp_path / "c")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 65
    assert "not a packet filter" in done.stderr
    assert not (tmp_path / "c").exists()


def test_the_time_before_and_after_an_event(place: Place, tmp_path: Path) -> None:
    around = ("--wait", "--before", "1s", "--after", "1s", "-i", "here", "--no-processes")
    with capturing(place, tmp_path / "c", f"{NOBODY}:6011", *around) as capture:
        background = place.start(sys.executable, "-c", DATAGRAMS, "6010", "80", "0.1")
        for _ in range(2):
            time.sleep(2)
            place.python(DATAGRAMS, "6011", "1", "0")
        background.wait(PATIENCE)
    first, second = capture.files
    for file in (first, second):
        ((at,),) = packets(file, "frame.time_epoch", only="udp.port==6011")
        times = [float(row[0]) for row in packets(file, "frame.time_epoch", only="udp.port==6010")]
        assert -1 <= times[0] - float(at) < -0.85
        assert 0.85 < times[-1] - float(at) <= 1
        assert len(times) >= 17
    assert "2 events; 0 packets before" in capture.out
    seen = numbers([first, second], 6010)
    assert seen == sorted(set(seen))


def test_an_event_names_who_was_there_before(place: Place, tmp_path: Path) -> None:
    old = place.start(sys.executable, "-c", OLD)
    assert old.stdout
    assert old.stdin
    assert old.stdout.readline() == "there\n"
    around = ("--wait", "--before", "2s", "--after", "0.5s", "-i", "lo")
    with capturing(place, tmp_path / "c", ":6071", *around) as capture:
        capture.wait_for_the_sensor()
        time.sleep(1.5)  # until it has told of what was there
        old.stdin.write("\n")
        old.stdin.flush()
        time.sleep(3)
        assert capture.end() == 0
    old.communicate(timeout=PATIENCE)
    comments = [row[0] for row in packets(capture.files[0], "frame.comment", only="tcp.port==6071")]
    assert comments
    assert all(comment.startswith(f"PID: {old.pid}\\n") for comment in comments)
    assert "1 event;" in capture.out


def test_a_ring_of_files(place: Place, tmp_path: Path) -> None:
    limits = ("--file-size", "200k", "--files", "3", "--no-processes", "-i", "here")
    with capturing(place, tmp_path / "c", NOBODY, *limits) as capture:
        for _ in range(6):
            place.python(DATAGRAMS, "6020", "2000", "0.0001")
    assert 3 <= len(capture.files) <= 4
    assert all(file.stat().st_size < 410_000 for file in capture.files)
    kept = numbers(capture.files, 6020)
    assert kept[-1] == 1999
    assert kept[-2000:] == [*range(2000)][-len(kept) :]
    assert "files deleted, the oldest first" in capture.out
    sealed = [line for line in capture.index() if "sha256" in line]
    digest = subprocess.run(
        ["sha256sum", str(capture.files[-1])], capture_output=True, text=True, check=True
    )
    assert digest.stdout.split()[0] == sealed[-1]["sha256"]


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "whence-disk", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_gets_full(place: Place, tmp_path: Path) -> None:
    options = ("--reserve", "3M", "--file-size", "64M", "--no-processes", "-i", "here")
    with small_disk(tmp_path / "disk", "4M") as disk:
        with capturing(place, disk / "c", NOBODY, *options) as capture:
            place.python(DATAGRAMS, "6030", "20000", "0")
            capture.wait_for("not writing: the disk is full")
            free = os.statvfs(disk)
            there_is_room_again = ["mount", "-o", "remount,size=16M", str(disk)]
            subprocess.run(there_is_room_again, check=True)
            place.python(DATAGRAMS, "6031", "10", "0")
            capture.wait_for("writing again")
        seen, later = numbers(capture.files, 6030), numbers(capture.files, 6031)
        comments = [row[0] for file in capture.files for row in packets(file, "frame.comment")]
        gaps = [line["gap"] for line in capture.index() if "gap" in line]
    assert free.f_bavail * free.f_frsize >= 3 << 20
    assert seen == [*range(len(seen))]
    assert 1000 < len(seen) < 20000
    assert later == [*range(10)]
    gap = 20000 - len(seen)
    assert f"0 of 20010 dropped by the kernel, {gap} not written to disk" in capture.out
    assert next(comment for comment in comments if comment).startswith(f"{gap} packets before")
    assert gaps == [gap]


def test_what_was_said_to_be_written_survives_kill_9(place: Place, tmp_path: Path) -> None:
    with capturing(place, tmp_path / "c", NOBODY, "-i", "here", "--no-processes") as capture:
        place.python(DATAGRAMS, "6040", "5000", "0")
        time.sleep(2)
        os.kill(capture.worker, signal.SIGKILL)
        _, err = capture.process.communicate(timeout=PATIENCE)
    assert capture.process.returncode == 69
    assert "its files can be read" in err
    assert numbers(capture.files, 6040) == [*range(5000)]


def test_it_ends_by_itself_when_nobody_is_there_any_more(place: Place, tmp_path: Path) -> None:
    with capturing(place, tmp_path / "c", NOBODY, "-i", "here", "--no-processes") as capture:
        place.python(DATAGRAMS, "6050", "10", "0")
        time.sleep(1.5)
        worker = capture.worker
        capture.process.kill()
        capture.process.wait()
        end = time.monotonic() + PATIENCE
        while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
            time.sleep(0.1)
    assert not Path(f"/proc/{worker}").exists()
    assert [line for line in capture.index() if "sha256" in line]
    assert numbers(capture.files, 6050) == [*range(10)]


def test_what_the_kernel_drops_is_told(place: Place, tmp_path: Path) -> None:
    small = ("--ring", "4M", "--no-processes", "-i", "here")
    with capturing(place, tmp_path / "c", NOBODY, *small) as capture:
        worker = capture.worker
        os.kill(worker, signal.SIGSTOP)
        try:
            place.python(DATAGRAMS, "6060", "60000", "0")
        finally:
            os.kill(worker, signal.SIGCONT)
    kept = numbers(capture.files, 6060)
    assert 0 < len(kept) < 60000
    assert f"{60000 - len(kept)} of 60000 dropped by the kernel, 0 not written" in capture.out
    assert statistics(capture.files[0])[7] == 60000 - len(kept)


def statistics(file: Path) -> dict[int, int]:
    """The options of the first statistics block: 4 received, 7 dropped, 8 delivered."""
    data, at = file.read_bytes(), 0
    while int.from_bytes(data[at : at + 4], "little") != 5:
        at += int.from_bytes(data[at + 4 : at + 8], "little")
    found, at = {}, at + 20
    while code := int.from_bytes(data[at : at + 2], "little"):
        length = int.from_bytes(data[at + 2 : at + 4], "little")
        found[code] = int.from_bytes(data[at + 4 : at + 4 + length], "little")
        at += 4 + length + (-length & 3)
    return found


@pytest.mark.parametrize("where", [(), ("-i", "here"), ("-i", "here", "-i", "lo")])
def test_dumpcap_hands_over_the_same(place: Place, tmp_path: Path, where: tuple[str, ...]) -> None:
    with capturing(place, tmp_path / "c", NOBODY, "--engine", "dumpcap", *where) as capture:
        assert "by dumpcap" in capture.err
        capture.wait_for_the_sensor()
        place.python(DATAGRAMS, "6091", "20", "0")
        time.sleep(1.5)
        assert capture.end() == 0
    both_ends = 1 if where else 2  # all interfaces: the other end of the cable is here, too
    assert sorted(numbers(capture.files, 6091)) == sorted([*range(20)] * both_ends)
    told = packets(capture.files[0], "frame.comment", "frame.len", only="udp.port==6091")
    assert all("6091 20" in comment for comment, _ in told)
    assert {length for _, length in told} == {str(52 + (14 if where else 20))}
    assert f"0 of {20 * both_ends} dropped" in capture.out


def test_dumpcap_keeps_the_time_before_an_event(place: Place, tmp_path: Path) -> None:
    own = ("--engine", "dumpcap", "--wait", "--before", "5s", "--after", "1s")
    with capturing(place, tmp_path / "c", f"{NOBODY}:6092", *own) as capture:
        place.python(DATAGRAMS, "6093", "5", "0")
        time.sleep(1)
        place.python(DATAGRAMS, "6092", "1", "0")
        time.sleep(3)
        assert len(capture.files) == 1
    assert {*numbers(capture.files, 6093)} == {*range(5)}
    assert {*numbers(capture.files, 6092)} == {0}


def test_dumpcap_has_no_more_rights_than_it_needs(place: Place, tmp_path: Path) -> None:
    with capturing(place, tmp_path / "c", NOBODY, "--engine", "dumpcap") as capture:
        task = Path(f"/proc/{capture.worker}/task/{capture.worker}/children")
        (child,) = task.read_text().split()
        status = Path(f"/proc/{child}/status").read_text()
        held = int(re.findall(r"CapPrm:\s+(\w+)", status)[0], 16)
        assert not held & ~(1 << 12 | 1 << 13)
        os.kill(int(child), signal.SIGKILL)
        assert capture.process.wait(PATIENCE) == 69
        assert "dumpcap ended; the files can be read" in capture.process.communicate()[1]


def test_without_the_right_it_says_so(place: Place, tmp_path: Path) -> None:
    done = subprocess.run(
        place.command("setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-m",
                      "whence.cli.main", "capture", OURS, "--output", str(tmp_path / "c")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 77
    assert "CAP_NET_RAW" in done.stderr
