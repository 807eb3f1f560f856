"""What listens without losing anything, and what it costs: side by side on one cable.

    python -m bench.packets.live [PACKETS]

Each listens to the same generator on a cable between two namespaces of its own, and writes to
memory. Lost is what the generator sent and the listener does not have. CPU is the listener's own
(user and system); of the programs in the kernel it is what the kernel says they took (bpf_stats).
What the kernel does for a packet before the listener sees it is in neither.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from bench.packets.cable import NOBODY, Cable, cable

from whence.model.capture import CaptureSettings, Limits, Pattern
from whence.sensors.packet_table import PacketTable
from whence.world.bpf import libbpf
from whence.world.counting_process import LENGTH
from whence.world.packet_counts import Counts

SETTLE = 1.5  # seconds before and after the packets


@dataclass(frozen=True)
class Load:
    name: str
    rate: int  # packets a second; 0: as fast as it goes
    size: int
    pause: float = 0  # seconds in which the listener is stopped


LOADS = (
    Load("as fast as it goes, 64 B", 0, 64),
    Load("50 000/s, 512 B", 50_000, 512),
    Load("50 000/s, 512 B, listener stopped for 2 s", 50_000, 512, pause=2.0),
)


@dataclass(frozen=True)
class Listener:
    name: str
    argv: Callable[[Path], list[str]]
    count: Callable[[Path, bytes], int]
    in_kernel: bool = False


def dumpcap(*options: str) -> Callable[[Path], list[str]]:
    return lambda folder: ["dumpcap", "-q", "-i", "end0", "-w", str(folder / "x.pcapng"), *options]


def tcpdump(*options: str) -> Callable[[Path], list[str]]:
    return lambda folder: ["tcpdump", "-n", "-i", "end0", "-Z", "root", "-w",
                           str(folder / "x.pcap"), *options]  # fmt: skip


def own_ring(names: bool) -> Callable[[Path], list[str]]:
    def argv(folder: Path) -> list[str]:
        settings = CaptureSettings(
            "bench", str(folder), (Pattern(NOBODY),), ("end0",), names_processes=names,
            limits=Limits(file_size=1 << 30, total=0, reserve=0),
        )  # fmt: skip
        text = msgspec.json.encode(settings).decode()
        return [sys.executable, "-m", "whence.sensors.capturing", text]

    return argv


def counters(_: Path) -> list[str]:
    return [sys.executable, "-m", "whence.sensors.packet_counting", "end0"]


def in_files(folder: Path, _: bytes) -> int:
    total = 0
    for file in folder.glob("*.pcap*"):
        done = subprocess.run(
            ["capinfos", "-c", "-M", "-T", "-r", str(file)], capture_output=True, text=True
        )
        total += int(done.stdout.split("\t")[1])
    return total


def in_counts(_: Path, written: bytes) -> int:
    table = PacketTable()
    at, counts = 0, None
    while at < len(written):
        length = LENGTH.unpack_from(written, at)[0]
        at += LENGTH.size + length
        document = msgspec.msgpack.decode(written[at - length : at])
        counts = msgspec.convert(document["counts"], Counts)
        table.add(counts)
    assert counts
    flows = table.counted(counts).flows
    return sum(flow.source_packets for flow in flows if flow.destination_ip == NOBODY)


LISTENERS = (
    Listener("whence: counters in the kernel (tcx)", counters, in_counts, in_kernel=True),
    Listener("whence: own ring, 64 MB, 128 B", own_ring(False), in_files),
    Listener("whence: own ring, waiting for processes", own_ring(True), in_files),
    Listener("dumpcap as it comes", dumpcap(), in_files),
    Listener("dumpcap -B 64 -s 128", dumpcap("-B", "64", "-s", "128"), in_files),
    Listener("tcpdump as it comes", tcpdump(), in_files),
    Listener("tcpdump -B 65536 -s 128", tcpdump("-B", "65536", "-s", "128"), in_files),
)


@contextmanager
def memory_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1G", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def in_kernel(pid: int) -> int:
    """Nanoseconds that the programs of a process took."""
    total = 0
    for file in Path(f"/proc/{pid}/fdinfo").iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("run_time_ns:"):
                total += int(line.split()[1])
    return total


def measure(wire: Cable, listener: Listener, load: Load, packets: int, folder: Path) -> dict:
    written = folder / "stdout"
    with written.open("wb") as out:
        process = subprocess.Popen(
            wire.command(wire.receiver, *listener.argv(folder)),
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    time.sleep(SETTLE)
    if load.pause:
        os.kill(process.pid, signal.SIGSTOP)
        subprocess.Popen(["sh", "-c", f"sleep {load.pause}; kill -CONT {process.pid}"])
    sent, nanoseconds = wire.send(packets, 1000, load.size, load.rate)
    time.sleep(SETTLE)
    kernel = in_kernel(process.pid) if listener.in_kernel else 0
    process.send_signal(signal.SIGTERM if listener.count is in_counts else signal.SIGINT)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    had = listener.count(folder, written.read_bytes())
    for file in folder.iterdir():
        file.unlink()
    cpu = used.ru_utime + used.ru_stime
    return {
        "listener": listener.name, "load": load.name, "sent": sent, "lost": sent - had,
        "rate": round(sent / nanoseconds * 1e9), "cpu_us": round(cpu / sent * 1e6, 3),
        "in_kernel_us": round(kernel / sent / 1000, 3),
    }  # fmt: skip


def starting_cost(wire: Cable, listener: Listener, folder: Path) -> float:
    """CPU seconds of starting and ending, which are no cost of a packet."""
    with (folder / "stdout").open("wb") as out:
        process = subprocess.Popen(
            wire.command(wire.receiver, *listener.argv(folder)),
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    time.sleep(SETTLE)
    process.send_signal(signal.SIGTERM if listener.count is in_counts else signal.SIGINT)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    for file in folder.iterdir():
        file.unlink()
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packets", nargs="?", type=int, default=200_000)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    held = libbpf().bpf_enable_stats(ctypes.c_int(0))
    assert held >= 0
    rows = []
    with (
        tempfile.TemporaryDirectory() as name,
        cable(Path(name)) as wire,
        memory_disk(Path(name) / "disk") as disk,
    ):
        for load in LOADS:
            print(f"\n{load.name}")
            print(f"{'':42}{'sent/s':>9}{'lost':>9}{'CPU µs':>9}{'in kernel':>10}")
            for listener in LISTENERS:
                begun = starting_cost(wire, listener, disk)
                row = measure(wire, listener, load, options.packets, disk)
                row["cpu_us"] = round(max(0.0, row["cpu_us"] - begun / row["sent"] * 1e6), 3)
                rows.append(row)
                numbers = f"{row['rate']:9}{row['lost']:9}{row['cpu_us']:9.2f}"
                print(f"{row['listener']:42}{numbers}{row['in_kernel_us']:10.2f}", flush=True)
    if options.output:
        options.output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
