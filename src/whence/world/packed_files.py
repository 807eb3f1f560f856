"""Compressed files, unpacked no further than to a bound: a small one may hold a terabyte."""

from __future__ import annotations

import bz2
import io
import lzma
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from whence.model.mentions import NotRead
from whence.world.file_tree import read_ordinary

LARGEST = 16 << 20  # bytes that are unpacked of one file
MOST_MEMBERS = 1000  # files of an archive
PATIENCE = 10.0  # seconds that zstd(1) may take
CUT = f"unpacked only to {LARGEST >> 20} MB"
DAMAGED = "compressed, and damaged"
CUT_OFF = "it is cut off"
MAGIC = {
    b"\x1f\x8b": "gz",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zst",
    b"PK\x03\x04": "zip",
}


def packing(data: bytes) -> str | None:
    """Say how some bytes are packed, by their beginning."""
    return next((name for magic, name in MAGIC.items() if data.startswith(magic)), None)


def unpacked(path: str, not_read: NotRead) -> Iterator[tuple[str, bytes]]:
    """Give what a file holds, with the name of the member of an archive, or none."""
    data = read_ordinary(path, not_read)
    kind = packing(data) if data else None
    if data is None or kind is None:
        if data:
            yield "", data
        return
    try:
        if kind == "zip":
            yield from _members(path, data, not_read)
        else:
            yield "", _bounded(path, kind, data, not_read)
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError,
            lzma.LZMAError, zlib.error, zipfile.BadZipFile) as e:  # fmt: skip
        not_read.add(DAMAGED, f"{path}: {e}")


def _bounded(path: str, kind: str, data: bytes, not_read: NotRead) -> bytes:
    if kind == "zst":
        return _zstd(path, data, not_read)
    begin: dict[str, Callable[[], object]] = {
        "gz": lambda: zlib.decompressobj(wbits=31),
        "xz": lambda: lzma.LZMADecompressor(memlimit=128 << 20),
        "bz2": bz2.BZ2Decompressor,
    }
    whole = bytearray()
    while data and len(whole) < LARGEST:  # there may be several streams, one after the other
        stream = begin[kind]()
        whole += stream.decompress(data, LARGEST - len(whole))  # type: ignore[attr-defined]
        if not stream.eof:  # type: ignore[attr-defined]
            if len(whole) < LARGEST:
                not_read.add(DAMAGED, f"{path}: {CUT_OFF}")
            break
        data = stream.unused_data.lstrip(b"\0")  # type: ignore[attr-defined]
        if data and packing(data) != kind:
            break
    if len(whole) >= LARGEST:
        not_read.add(CUT, path)
    return bytes(whole)


def _zstd(path: str, data: bytes, not_read: NotRead) -> bytes:
    """Unpack with zstd(1): Python has it from 3.14 on."""
    try:
        with subprocess.Popen(
            ["zstd", "-dcq", "--memory=128MB"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as program:  # fmt: skip
            assert program.stdout
            assert program.stdin
            return _fed(program, data, path, not_read)
    except FileNotFoundError:
        not_read.add("compressed with zstd, which is not installed", path)
        return b""


def _fed(program: subprocess.Popen[bytes], data: bytes, path: str, not_read: NotRead) -> bytes:
    import threading  # only here: hardly any file is packed so

    def write(pipe: IO[bytes]) -> None:
        try:
            with pipe:
                pipe.write(data)
        except BrokenPipeError:
            pass  # it had enough

    assert program.stdin
    assert program.stdout
    writer = threading.Thread(target=write, args=(program.stdin,), daemon=True)
    writer.start()
    whole = program.stdout.read(LARGEST)
    if len(whole) >= LARGEST:
        not_read.add(CUT, path)
    elif program.wait(PATIENCE):
        not_read.add(DAMAGED, f"{path}: {CUT_OFF}")
    program.kill()
    writer.join(PATIENCE)
    return whole


def _members(path: str, data: bytes, not_read: NotRead) -> Iterator[tuple[str, bytes]]:
    left = LARGEST
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            not_read.add(f"beyond the first {MOST_MEMBERS} files of an archive", path)
        for member in members[:MOST_MEMBERS]:
            if member.is_dir() or member.flag_bits & 1:  # 1: encrypted
                continue
            with archive.open(member) as file:
                text = file.read(left)
            left -= len(text)
            yield member.filename, text
            if left <= 0:
                not_read.add(CUT, path)
                return


def inner_name(path: str) -> str:
    """Give the name that a file had before it was compressed."""
    packed = (".gz", ".xz", ".bz2", ".zst")
    return path.rpartition(".")[0] if Path(path).suffix in packed else path
