"""What a search for an address costs beside ripgrep and beside ``re`` of Python.

    python bench/find/scan.py [--folder /usr] [--slow-folder /usr/share] [--turns 2]

CPU seconds of the process and its children, user and system together, the least of the turns: other
work on the machine meets all alike. The address is one that is nowhere, so that each reads all.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

from whence.model.address_forms import Finder, Wanted, literals
from whence.model.mentions import NotRead
from whence.world.file_mentions import file_mentions
from whence.world.file_tree import read_ordinary

ADDRESS = Wanted("10.9.3.77", ("host-that-is-nowhere.example.org",))
PACKED = (".gz", ".xz", ".bz2", ".zst", ".zip")


def cpu() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def ripgrep_alone(folder: str) -> int:
    """Let ripgrep look for the same literals in the same files, but for those with a line's end."""
    patterns = "\n".join(map(_pattern, literals(ADDRESS)))
    done = subprocess.run(
        ["rg", "--files-with-matches", "--no-config", "--hidden", "--no-ignore", "--text",
         "--one-file-system", "--no-unicode", "--max-filesize=16M", "--file=-", folder],
        input=patterns.encode(), capture_output=True, check=False,
    )  # fmt: skip
    return len(done.stdout.splitlines())


def _pattern(literal: bytes) -> str:
    # Of one that has a line's end in it what is before or behind, whichever is longer.
    longest = max(literal.split(b"\n"), key=len)
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else rf"\x{byte:02x}" for byte in longest
    )


def whole(folder: str) -> int:
    finder = Finder(ADDRESS)
    return sum(1 for _ in file_mentions([folder], finder, NotRead(), ranges=False))


def closely(folder: str) -> int:
    finder = Finder(ADDRESS)
    return sum(1 for _ in file_mentions([folder], finder, NotRead(), ranges=True))


def with_re(folder: str) -> int:
    """Look with ``re`` of Python for the same literals in the same files."""
    holds = re.compile(b"|".join(map(re.escape, literals(ADDRESS))))
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            if not name.endswith(PACKED) and not os.path.islink(path):  # noqa: PTH114  quick
                data = read_ordinary(path, NotRead())
                found += bool(data and holds.search(data))
    return found


def weighed(what: Callable[[str], int], folder: str) -> tuple[float, int]:
    """Weigh it in a process of its own, so that nothing is warm but the disk."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        before = cpu()
        found = what(folder)
        os.write(writing, f"{cpu() - before} {found}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        seconds, found = told.read().split()
    return float(seconds), int(found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="/usr")
    parser.add_argument("--slow-folder", default="/usr/share")
    parser.add_argument("--turns", type=int, default=2)
    chosen = parser.parse_args()
    methods = {
        "whence, closely": (closely, "/etc"),
        "ripgrep alone": (ripgrep_alone, chosen.folder),
        "whence": (whole, chosen.folder),
        "Python's re": (with_re, chosen.slow_folder),
        "whence, as re": (whole, chosen.slow_folder),
    }
    least: dict[str, tuple[float, int]] = {}
    for _ in range(chosen.turns):
        for name, (what, folder) in methods.items():
            told = weighed(what, folder)
            least[name] = min(least.get(name, told), told)
    print("| | folder | CPU seconds | files or places found |\n|---|---|--:|--:|")
    for name, (seconds, found) in least.items():
        print(f"| {name} | {methods[name][1]} | {seconds:.2f} | {found} |")


if __name__ == "__main__":
    assert Path("/proc/self/stat").exists(), "Linux only"
    main()
