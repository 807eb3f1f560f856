"""Make the captures: ``python -m bench.packets.generate day million quick --folder FOLDER``.

The work is done by the C program beside this file, because a day of traffic has five million
packets. It is compiled into the folder. A capture that is there already, from the same program and
the same seed, is used again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "generator"
FOLDER = Path("/var/tmp/whence-bench")
SEED = 3
SHAPES = ("day", "million", "quick", "tiny")
PARTS = (".pcap", ".tsv", ".json")


@dataclass(frozen=True, slots=True)
class Capture:
    """A made-up capture and the truth about it."""

    path: Path

    @property
    def flows(self) -> Path:
        """One line a flow, tab-separated, with a line of headings."""
        return self.path.with_suffix(".tsv")

    def truth(self) -> dict[str, Any]:
        """Totals, and who is loud, who gets no answer, who comes again and again."""
        read: dict[str, Any] = json.loads(self.path.with_suffix(".json").read_text())
        return read


def compiler() -> str | None:
    """Find a C compiler."""
    return next((each for each in ("cc", "gcc", "clang") if shutil.which(each)), None)


def capture(shape: str, folder: Path = FOLDER, seed: int = SEED) -> Capture:
    """Make a capture in the folder, or find the one made before."""
    if shape not in SHAPES:
        raise ValueError(f"no such shape: {shape}; there are {', '.join(SHAPES)}")
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / f"generate-{_version()}"
    made = Capture(folder / f"{shape}-{seed}-{_version()}.pcap")
    if not all(made.path.with_suffix(part).exists() for part in PARTS):
        if not program.exists():
            _compile(program)
        being_made = made.path.with_name(f"unfinished-{made.path.name}")
        command = [str(program), shape, str(seed), str(being_made.with_suffix(""))]
        subprocess.run(command, check=True)
        for part in PARTS:
            being_made.with_suffix(part).rename(made.path.with_suffix(part))
    return made


def remove(folder: Path = FOLDER) -> None:
    """Take away what this made, and the folder too if nothing else is in it."""
    for pattern in ("generate-*", *(f"*{part}" for part in PARTS)):
        for path in folder.glob(pattern):
            path.unlink()
    if folder.exists() and not any(folder.iterdir()):
        folder.rmdir()


def _version() -> str:
    """Change with the program, so that no capture of an older one is taken for a new one."""
    text = b"".join(path.read_bytes() for path in sorted(SOURCES.iterdir()))
    return hashlib.sha256(text).hexdigest()[:8]


def _compile(program: Path) -> None:
    found = compiler()
    if found is None:
        raise FileNotFoundError("no C compiler: apt-get install gcc libc6-dev")
    sources = [str(path) for path in sorted(SOURCES.glob("*.c"))]
    subprocess.run([found, "-O3", "-Wall", "-Wextra", "-o", str(program), *sources], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.packets.generate", description=__doc__)
    parser.add_argument("shapes", nargs="*", choices=[*SHAPES, []], help="which captures to make")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--remove", action="store_true", help="take all of them away instead")
    options = parser.parse_args()
    if options.remove:
        remove(options.folder)
    for shape in options.shapes:
        print(capture(shape, options.folder, options.seed).path)


if __name__ == "__main__":
    main()
