"""What a Python source file names: read by a process of its own, which may do nothing else."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from whence.model.named_hosts import is_port
from whence.model.names_said import names_said, pair_said
from whence.model.program_contents import Said
from whence.model.script_text import script_said

READER = Path(__file__).with_name("python_source_reader.py")
PATIENCE = 8.0  # seconds; its own limit is shorter
LARGEST = 4 << 20  # bytes of source that are read


def python_said(data: bytes) -> Iterator[Said]:
    """Say what a Python program imports and names; by its text alone where it cannot be parsed."""
    rows, refused = _read(data[:LARGEST])
    for what, line, within, value in rows:
        yield from _said(what, line, within, value)
    if len(data) > LARGEST:
        refused = f"what comes after the first {LARGEST >> 20} MB"
    if refused:
        yield Said("not-read", f"as Python: {refused}; what it names was looked for line by line")
        yield from script_said(data.decode("utf-8", "replace").splitlines(), is_shell=False)


def _read(data: bytes) -> tuple[list[tuple[str, int, str, object]], str]:
    """Give the rows that the reader wrote, and why they are not all, or none."""
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(READER)]
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=PATIENCE, check=False, env={}, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [], f"it took over {PATIENCE:.0f} s"
    rows = [*_rows(done.stdout)]
    refused = next((str(value) for what, _, _, value in rows if what == "refused"), "")
    if any(what == "cut" for what, *_ in rows):
        refused = "it says too much"
    if done.returncode:
        refused = f"who reads it ended with status {done.returncode}"
    return rows, refused


def _rows(output: bytes) -> Iterator[tuple[str, int, str, object]]:
    for line in output.split(b"\n"):
        with contextlib.suppress(ValueError, TypeError):  # the last line, of one that was killed
            what, number, within, value = json.loads(line)
            yield str(what), int(number), str(within), value


def _said(what: str, line: int, within: str, value: object) -> Iterator[Said]:
    match what, value:
        case "import", str(name):
            yield Said("imports", name, line, within=within)
        case "string", str(text):
            yield from names_said(text, whole=True, line=line, within=within)
        case "pair", [str(host), int(port)]:
            yield from pair_said((host, port), line, within)
        case "port", int(port) if is_port(port):
            yield Said("port", str(port), line, within=within)
