"""Where an address stands in a process: its command line, environment and memory, proc(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from whence.model import CannotAsk, NotPermitted
from whence.model.address_forms import Finder, Form
from whence.model.mentions import Mention, NotRead, shown
from whence.model.secrets import redact_args

ReadProcess = Callable[[int, str], bytes]  # a file of /proc/PID, by its name
LARGEST = 1 << 20  # bytes of a command line or an environment
PIECE = 4 << 20  # bytes of memory that are read at once
OVERLAP = 256  # bytes that two pieces share, so that nothing is cut in two
MOST_MEMORY = 2 << 30
MOST_FOUND = 20
_REGION = re.compile(
    r"(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) (?P<rights>\S{4}) \S+ \S+ \d+\s*(?P<name>.*)"
)


def traces(pid: int, finder: Finder, read: ReadProcess | None = None) -> Iterator[Mention]:
    """Look at the command line and the environment; of that, only what holds the address is told.

    Raises
    ------
    CannotAsk
        If there is no such process, or this user may not look at it.

    """
    read = read or _read
    words = [word for word in read(pid, "cmdline").split(b"\0") if word]
    for number, word in enumerate(words):
        for spot in finder.spots(word, most=1):
            text = " ".join(redact_args(w.decode("utf-8", "replace") for w in words))
            yield Mention(
                f"the command line of pid {pid}", str(spot.form), spot.text,
                part=f"word {number + 1}", text=shown(text, spot), free_bits=spot.free_bits,
            )  # fmt: skip
    for setting in read(pid, "environ").split(b"\0"):
        name, _, value = setting.partition(b"=")
        for spot in finder.spots(value, most=1):
            known = name.decode("utf-8", "replace")[:100]
            yield Mention(
                f"the environment of pid {pid}", str(spot.form), spot.text,
                part=f"variable {known}", text=f"{known}={spot.text}", free_bits=spot.free_bits,
            )  # fmt: skip


def memory(pid: int, finder: Finder, not_read: NotRead) -> Iterator[Mention]:
    """Look through what a process may write to: its heap, its stack, its variables.

    Of ranges and of packed bytes memory has too many by chance, so that they are left out.

    Raises
    ------
    CannotAsk
        If there is no such process, or this user may not look at it.

    """
    found = looked = 0
    regions = [*_regions(pid)]
    with _opened(pid, "mem") as file:
        for start, end, name in regions:
            for at in range(start, end, PIECE):
                looked += min(PIECE, end - at)
                if looked > MOST_MEMORY:
                    not_read.add(f"beyond {MOST_MEMORY >> 30} GB of memory", f"pid {pid}")
                    return
                try:
                    data = os.pread(file.fileno(), min(PIECE + OVERLAP, end - at), at)
                except OSError:
                    not_read.add("memory that is not there", f"pid {pid}, {name or 'unnamed'}")
                    break
                for mention in _in_memory(pid, data, at, name, finder):
                    yield mention
                    found += 1
                    if found >= MOST_FOUND:
                        return


def _in_memory(pid: int, data: bytes, at: int, name: str, finder: Finder) -> Iterator[Mention]:
    for spot in finder.spots(data):
        if spot.form in (Form.RANGE, Form.PACKED, Form.INTEGER) or spot.start >= PIECE:
            continue
        around = data[max(0, spot.start - 60) : spot.end + 60]
        before = max(around.rfind(b"\0", 0, min(60, spot.start)), -1) + 1
        after = around.find(b"\0", before + len(spot.text))
        said = around[before : after if after >= 0 else len(around)]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in said)
        yield Mention(
            f"the memory of pid {pid}", str(spot.form), spot.text,
            part=f"{name or 'unnamed'}, address {at + spot.start:#x}", text=shown(text),
            binary=True,
        )  # fmt: skip


def _regions(pid: int) -> Iterator[tuple[int, int, str]]:
    for line in _read(pid, "maps", 16 << 20).decode("utf-8", "replace").splitlines():
        region = _REGION.match(line)
        if region and region["rights"].startswith("rw") and not region["name"].startswith("/dev/"):
            yield int(region["start"], 16), int(region["end"], 16), region["name"]


def _read(pid: int, name: str, most: int = LARGEST) -> bytes:
    try:
        with Path(f"/proc/{pid}/{name}").open("rb") as file:
            return file.read(most)
    except PermissionError as e:
        raise NotPermitted(f"may not look at pid {pid}", try_="run it as root") from e
    except OSError as e:
        raise CannotAsk(f"pid {pid} is not there", because=e.strerror or str(e)) from e


def _opened(pid: int, name: str):  # type: ignore[no-untyped-def]
    try:
        return Path(f"/proc/{pid}/{name}").open("rb", buffering=0)
    except PermissionError as e:
        raise NotPermitted(f"may not look at the memory of pid {pid}", try_="run it as root") from e
    except OSError as e:
        raise CannotAsk(f"pid {pid} is not there", because=e.strerror or str(e)) from e
