"""Feed importers with files of their kinds in which bytes were changed by chance.

    nice .venv/bin/python -m bench.imports.fuzz [--inputs 200000] [--seed 1]

Each input is a sample of the tests in one of many encodings, with a few bytes changed, cut,
repeated or put in, read as the kind that it was, or as what it looks like. It must end in rows or
in words for the user; each line must be counted as one thing or another, and all that would be
stored must be storable, and nothing may take long. Writes bench/results/imports-fuzz.json and .md.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.inquiry.imports.reading import KINDS
from tests.inquiry.imports.samples import SAMPLES

from whence.inquiry import importing
from whence.inquiry.importing import Options, Taking
from whence.model import WhenceError
from whence.world.import_files import ImportFile

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "inquiry" / "imports" / "recorded"
RESULTS = ROOT / "bench" / "results"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OF_NAMES = {  # beginning of a recording's name → its kind; all others are netstat of Windows
    "linux-lsof": "lsof", "linux-netstat": "linux_netstat", "linux-proc": "proc_net",
    "linux-ss": "ss", "tcpdump": "tcpdump",
}  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp850", "cp1252", "gbk",
             "cp932", "cp866", "cp1251", "big5", "cp949", "cp852", "cp1253", "koi8-r")  # fmt: skip
LOOSE = ("dhcp_leases",)  # one lease may be cited by a line of another
ODD = (0, 9, 10, 13, 32, 34, 44, 46, 58, 60, 91, 92, 0x7F, 0x80, 0xC0, 0xE2, 0xFE, 0xFF)
STORED = (str, bytes, int, float, type(None))
LONGEST = 2.0  # seconds of the processor for one input; most take some milliseconds


def samples() -> list[tuple[str, bytes]]:
    """Give kind and bytes of each sample; recordings are as some console wrote them."""
    found = [(kind, text.encode()) for kind, _, text in SAMPLES.values()]
    for file in sorted(RECORDED.glob("*.txt")):
        named = (kind for start, kind in OF_NAMES.items() if file.name.startswith(start))
        found.append((next(named, "windows_netstat"), file.read_bytes()))
    return found


def changed(data: bytes, chance: random.Random) -> bytes:
    """Change a few bytes; of long samples a part is taken."""
    if len(data) > 2000:
        at = chance.randrange(len(data) - 1400)
        data = data[:600] + data[at : at + 1000]
    made = bytearray(data)
    for _ in range(chance.randint(1, 10)):
        at = chance.randrange(len(made) or 1)
        match chance.randrange(6):
            case 0 | 1 if made:
                made[at % len(made)] = chance.choice(ODD)
            case 2 if made:
                made[at % len(made)] ^= 1 << chance.randrange(8)
            case 3:
                del made[at : at + chance.randint(1, 40)]
            case 4:
                made[at:at] = made[chance.randrange(len(made) or 1) :][:60]
            case _:
                made[at:at] = bytes([chance.choice(ODD)]) * chance.choice((1, 1, 2, 300))
    return bytes(made)


def encoded(data: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Write a sample in another encoding, as far as that has its letters."""
    encoding = chance.choice(ENCODINGS)
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        text = text.replace("\n", "\r\n")
    return text.encode(encoding, "replace"), encoding


def fed(kind: str, data: bytes) -> str:
    """Read it; say what came of it: rows, nothing, or which words."""
    file = ImportFile("x.txt", 1_795_600_800_000_000, io.BytesIO(data))
    try:
        taking = Taking(file, Options(kind=kind or None), UTC, NOON)
        for _, put in taking.statements("0" * 10, lambda name, transport: None):
            for value in put:
                if not isinstance(value, STORED):
                    raise TypeError(f"{value!r} cannot be stored")
                if isinstance(value, str):
                    value.encode()
                if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
                    raise OverflowError(f"{value} cannot be stored")
    except WhenceError:
        return "refused in words"
    check(taking)
    return "rows" if taking.summary.rows else "no rows"


class Endless(Exception):
    """An input took longer than any may."""


def give_up(signal_: int, frame: object) -> None:
    raise Endless(f"{LONGEST} s of the processor were not enough")


def check(taking: Taking) -> None:
    """Look whether each line is counted."""
    told = taking.summary
    surplus = sum(lines.surplus for lines in taking._all)
    counted = told.blank + told.parts + told.strange + told.left_out + told.rows - surplus
    if counted != told.lines and not set(LOOSE) & set(told.kinds):
        raise AssertionError(f"{told.lines} lines, {counted} counted")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    importing.kinds = lambda: [*KINDS.values()]  # found once: that takes longer than most inputs
    chance = random.Random(wanted.seed)
    of_kinds: dict[str, list[bytes]] = {}
    for kind, data in samples():
        of_kinds.setdefault(kind, []).append(data)
    missing = {*KINDS} - {*of_kinds}
    assert not missing, missing
    ends: dict[str, Counter[str]] = {kind: Counter() for kind in of_kinds}
    faults: list[dict[str, Any]] = []
    slowest: dict[str, float] = dict.fromkeys(of_kinds, 0.0)
    used: Counter[str] = Counter()
    signal.signal(signal.SIGVTALRM, give_up)
    began = time.process_time()
    for number in range(wanted.inputs):
        kind = [*of_kinds][number % len(of_kinds)]
        data, encoding = encoded(chance.choice(of_kinds[kind]), chance)
        used[encoding] += 1
        data = changed(data, chance)
        forced = kind if chance.random() < 0.5 else ""
        start = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        try:
            ends[kind][fed(forced, data)] += 1
        except Exception as e:
            ends[kind]["faults"] += 1
            faults.append(
                {"kind": kind, "forced": forced, "fault": repr(e)[:300], "input": data.hex()}
            )
            print(json.dumps(faults[-1]), file=sys.stderr, flush=True)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        slowest[kind] = max(slowest[kind], time.process_time() - start)
        if (number + 1) % 5000 == 0 or number + 1 == wanted.inputs:
            result = {
                "inputs": number + 1, "wanted": wanted.inputs, "seed": wanted.seed,
                "faults": len(faults), "processor_seconds": round(time.process_time() - began),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "encodings": dict(used),
                "kinds": {
                    name: {**ends[name], "slowest_ms": round(slowest[name] * 1000)}
                    for name in sorted(ends)
                },
            }  # fmt: skip
            RESULTS.joinpath("imports-fuzz.json").write_text(json.dumps(result, indent=1) + "\n")
            RESULTS.joinpath("imports-fuzz.md").write_text(page(result))
    return 1 if faults else 0


def page(result: dict[str, Any]) -> str:
    lines = [
        "# Importers, fed with damaged files\n",
        f"`python -m bench.imports.fuzz --inputs {result['inputs']} --seed {result['seed']}`:"
        f" samples of each kind in {len(result['encodings'])} encodings, with up to ten changes"
        " of bytes, read as the kind that they were or as what they look like. Each must give rows"
        " or words for the user, count each of its lines, give only what can be stored, and take at"
        f" most {LONGEST:.0f} s.\n",
        f"{result['inputs']:,} inputs, {result['faults']} faults, {result['processor_seconds']} s"
        f" of the processor, {result['memory_mb']} MB.\n",
        "| kind | inputs | rows | no rows | refused in words | faults | slowest, ms of CPU |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in result["kinds"].items():
        ends = [found.get(end, 0) for end in ("rows", "no rows", "refused in words", "faults")]
        shown = " | ".join(f"{count:,}" for count in (sum(ends), *ends))
        lines.append(f"| `{name}` | {shown} | {found['slowest_ms']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
