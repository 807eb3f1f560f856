"""Which kind of table costs least: nanoseconds a packet inside the kernel, side by side.

    python -m bench.packets.tables

Builds packets.bpf.c with each kind of table, lets each count the same packets, and reads what
the kernel itself says of the programs' running time (bpf_stats).
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.packets.cable import cable

from whence.world.bpf import TCX_INGRESS, BpfObject, libbpf
from whence.world.interfaces import interface
from whence.world.namespaces import _enter

C = "src/whence/sensors/packets.bpf.c"
KINDS = {
    "hash": "-DFLOWS_TYPE=BPF_MAP_TYPE_HASH -DFLOWS_FLAGS=0",
    "hash, memory as needed": "",
    "hash, LRU": "-DFLOWS_TYPE=BPF_MAP_TYPE_LRU_HASH -DFLOWS_FLAGS=0",
    "hash, per CPU": "-DFLOWS_TYPE=BPF_MAP_TYPE_PERCPU_HASH -DFLOWS_FLAGS=0",
    "hash, per CPU, LRU": "-DFLOWS_TYPE=BPF_MAP_TYPE_LRU_PERCPU_HASH -DFLOWS_FLAGS=0",
}
PACKETS = 400_000


def build(flags: str, folder: Path) -> bytes:
    made = folder / "packets.bpf.o"
    machine = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True)
    include = f"-I/usr/include/{machine.stdout.strip()}-linux-gnu"
    argv = ["clang", "-O2", "-g", "-target", "bpfel", "-mcpu=v2", include, *flags.split()]
    subprocess.run([*argv, "-c", C, "-o", str(made)], check=True)
    return made.read_bytes()


def stated(file: int) -> tuple[int, int]:
    lines = Path(f"/proc/self/fdinfo/{file}").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":\t", 1) for line in lines)
    return int(found["run_time_ns"]), int(found["run_cnt"])


def main() -> None:
    # Held open: the kernel measures only meanwhile.
    held = libbpf().bpf_enable_stats(ctypes.c_int(0))
    assert held >= 0
    with tempfile.TemporaryDirectory() as name, cable(Path(name)) as wire:
        images = {kind: build(flags, Path(name)) for kind, flags in KINDS.items()}
        _enter(f"/run/netns/{wire.receiver}")
        end = interface("end0")
        print(f"{'table':24}{'1 flow':>10}{'20 000':>10}   ns a packet")
        for kind, image in images.items():
            costs = []
            for flows in (1, 20_000):
                loaded = BpfObject(image, sizes={"flows_even": 65536, "flows_odd": 65536})
                loaded.attach_to_interface("ethernet_in", end.index, TCX_INGRESS)
                wire.send(PACKETS // 8, flows, 64, 0)
                before = stated(loaded.program("ethernet_in"))
                wire.send(PACKETS, flows, 64, 0)
                after = stated(loaded.program("ethernet_in"))
                loaded.close()
                costs.append((after[0] - before[0]) / max(1, after[1] - before[1]))
            print(f"{kind:24}{costs[0]:10.0f}{costs[1]:10.0f}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
