"""What a search for an address costs beside ripgrep alone, and without it.

    python bench/find/scan.py [--folder /usr] [--slow-folder /usr/share] [--turns 2]

CPU seconds of the process and its children, user and system together, the least of the turns: other
work on the machine meets all alike. The address is one that is nowhere, so that each reads all.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from whence.model.address_forms import Finder, Wanted
from whence.model.mentions import NotRead
from whence.world import scanners
from whence.world.file_mentions import file_mentions

ADDRESS = Wanted("10.9.3.77", ("host-that-is-nowhere.example.org",))


def cpu() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def ripgrep_alone(folder: str) -> int:
    """Let ripgrep look for the same literals, with what it takes to read the same files."""
    patterns = "\n".join(scanners.patterns_of(ADDRESS))
    done = subprocess.run(
        ["rg", "--files-with-matches", "--no-config", "--hidden", "--no-ignore", "--text",
         "--one-file-system", "--no-unicode", "--max-filesize=16M", "--file=-", folder],
        input=patterns.encode(), capture_output=True, check=False,
    )  # fmt: skip
    return len(done.stdout.splitlines())


def whole(folder: str) -> int:
    finder = Finder(ADDRESS)
    return sum(1 for _ in file_mentions([folder], finder, NotRead(), ranges=False))


def closely(folder: str) -> int:
    finder = Finder(ADDRESS)
    return sum(1 for _ in file_mentions([folder], finder, NotRead(), ranges=True))


def without_ripgrep(folder: str) -> int:
    return sum(1 for _ in scanners.with_python([folder], ADDRESS, False, NotRead()))


def with_re(folder: str) -> int:
    sys.modules["ahocorasick_rs"] = None  # type: ignore[assignment]
    try:
        return without_ripgrep(folder)
    finally:
        del sys.modules["ahocorasick_rs"]


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
        "closely, /etc": (closely, "/etc"),
        "ripgrep alone": (ripgrep_alone, chosen.folder),
        "whence with ripgrep": (whole, chosen.folder),
        "read only": (read_only, chosen.slow_folder),
        "whence with ahocorasick_rs": (without_ripgrep, chosen.slow_folder),
        "whence with re": (with_re, chosen.slow_folder),
    }
    least: dict[str, tuple[float, int]] = {}
    for _ in range(chosen.turns):
        for name, (what, folder) in methods.items():
            told = weighed(what, folder)
            least[name] = min(least.get(name, told), told)
    print("| | folder | CPU seconds | files or places found |\n|---|---|--:|--:|")
    for name, (seconds, found) in least.items():
        print(f"| {name} | {methods[name][1]} | {seconds:.2f} | {found} |")


def read_only(folder: str) -> int:
    not_read = NotRead()
    paths = scanners.ordinary_files([folder], not_read)
    return sum(1 for path in paths if scanners.read_ordinary(path, not_read) is None)


if __name__ == "__main__":
    assert Path("/proc/self/stat").exists(), "Linux only"
    main()
