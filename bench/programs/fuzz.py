"""Damage compiled Python and ELF files by chance, and see that each is read or refused in time.

    .venv/bin/python -m bench.programs.fuzz 100000 > bench/results/programs-fuzz.json

Seeds are files of this machine: .pyc of the standard library, and programs of /usr/bin. Nothing may
crash, raise, or take over a second.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from whence.model.binary_names import binary_names
from whence.model.build_info import build_said
from whence.model.compiled_python import said_by_compiled
from whence.model.elf import BadElf, read_elf
from whence.model.program_contents import Said

LARGEST = 60_000  # bytes of a seed
MOST_SEEDS = 60
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, ord("("), ord("r"), ord("c"), ord("{"), ord("l"))


def compiled(data: bytes) -> str:
    """Read a .pyc file; say what came of it."""
    said = [*said_by_compiled(data)]
    return "damaged" if any(one.what == "not-read" for one in said) else "read"


def elf(data: bytes) -> str:
    """Read an ELF file; say what came of it."""
    try:
        found = read_elf(data)
    except BadElf:
        return "damaged"
    said: list[Said] = [*build_said(found), *binary_names(data)]
    _ = (found.described, found.interpreter, found.build_id(), [*found.dynamic()], said)
    return "read"


def damaged(seed: bytes, chance: random.Random) -> bytes:
    """Change some bytes, mostly near the beginning; at times cut or repeat a part."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        near = chance.random() < 0.6
        at = chance.randrange(min(len(data), 400) if near else len(data))
        data[at] = chance.choice(INTERESTING) if chance.random() < 0.5 else chance.randrange(256)
    if chance.random() < 0.15:
        del data[chance.randrange(len(data)) :]
    elif chance.random() < 0.1:
        at = chance.randrange(len(data))
        data[at:at] = data[at : at + 64] * chance.randint(1, 40)
    return bytes(data)


def run(
    name: str, read: Callable[[bytes], str], seeds: list[bytes], count: int
) -> dict[str, object]:
    """Damage and read ``count`` files; give counts and the longest time."""
    chance, slowest = random.Random(11), 0.0
    came = {"read": 0, "damaged": 0, "raised": 0}
    began = time.monotonic()
    for _ in range(count):
        data = damaged(chance.choice(seeds), chance)
        start = time.process_time()
        try:
            came[read(data)] += 1
        except Exception as e:
            came["raised"] += 1
            print(f"{name}: {type(e).__name__}: {e}", file=sys.stderr)
        slowest = max(slowest, time.process_time() - start)
    return {
        "files": name, "seeds": len(seeds), "changed": count, **came,
        "slowest_s": round(slowest, 3), "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def seeds_of(files: Iterable[Path], begin: bytes = b"") -> list[bytes]:
    """Give files that are small enough, and begin so."""
    found = []
    for file in sorted(files):
        if file.is_file() and 0 < file.stat().st_size <= LARGEST:
            data = file.read_bytes()
            if data.startswith(begin) and len(found) < MOST_SEEDS:
                found.append(data)
    return found


def main() -> None:
    """Run both, and print what came of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    library = Path(json.__file__).parent.parent
    pyc = seeds_of(library.glob("**/*.pyc"))
    programs = seeds_of(Path("/usr/bin").iterdir(), b"\x7fELF")
    print(json.dumps(run("compiled Python", compiled, pyc, count)))
    print(json.dumps(run("ELF", elf, programs, count)))


if __name__ == "__main__":
    main()
