"""What compilers leave in a program: Go's build information, cargo-auditable's list, .comment.

Go writes what ``go version -m`` shows (debug/buildinfo of its source); cargo-auditable writes JSON,
packed with zlib, into the section .dep-v0; GCC, Clang and rustc sign in .comment.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import msgspec

from whence.model.elf import Elf
from whence.model.program_contents import Said

GO_MAGIC = b"\xff Go buildinf:"
GO_HEADER = 32
SENTINEL = 16  # bytes around Go's list of modules
LARGEST = 1 << 20  # bytes of a list of modules, unpacked
MOST_MODULES = 300
_RUSTC = re.compile(rb"/rustc/([0-9a-f]{40})/library/")


def build_said(elf: Elf) -> Iterator[Said]:
    """Say by what an ELF file was compiled, and which modules it is made of."""
    yield from _comments(elf)
    yield from _go(elf)
    yield from _rust(elf)


def _comments(elf: Elf) -> Iterator[Said]:
    if part := elf.section(".comment"):
        texts = elf.bytes_of(part)[:LARGEST].split(b"\0")
        for text in dict.fromkeys(filter(None, texts)):
            yield Said("compiled-by", text.decode("utf-8", "replace")[:200], offset=part.offset)


def _go(elf: Elf) -> Iterator[Said]:
    part = elf.section(".go.buildinfo")
    at = part.offset if part else elf.data.find(GO_MAGIC)
    if at < 0 or elf.data[at : at + len(GO_MAGIC)] != GO_MAGIC:
        return
    header = elf.data[at : at + GO_HEADER]
    if len(header) < GO_HEADER:
        return
    version, modules = _inline(elf.data, at) if header[15] & 2 else _pointed(elf, header)
    if version:
        yield Said("compiled-by", version.decode("utf-8", "replace")[:200], offset=at)
    if len(modules) > 2 * SENTINEL:
        yield from _go_modules(modules[SENTINEL:-SENTINEL].decode("utf-8", "replace"), at)


def _inline(data: bytes, at: int) -> tuple[bytes, bytes]:
    """Read both strings behind the header, each after its length: Go 1.18 and later."""
    version, place = _counted(data, at + GO_HEADER)
    modules, _ = _counted(data, place)
    return version, modules


def _counted(data: bytes, place: int) -> tuple[bytes, int]:
    length = shift = 0
    for byte in data[place : place + 5]:
        place += 1
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    length = min(length, LARGEST)
    return data[place : place + length], place + length


def _pointed(elf: Elf, header: bytes) -> tuple[bytes, bytes]:
    """Follow two pointers to strings, which are a pointer and a length: before Go 1.18."""
    size = header[14]
    if size not in (4, 8):
        return b"", b""
    order = "big" if header[15] & 1 else "little"

    def number(data: bytes) -> int:
        return int.from_bytes(data[:size], "big" if order == "big" else "little")

    def string(at: int) -> bytes:
        described = elf.at_address(at, 2 * size)
        length = min(number(described[size:]), LARGEST)
        return elf.at_address(number(described), length)

    return string(number(header[16:])), string(number(header[16 + size :]))


def _go_modules(text: str, at: int) -> Iterator[Said]:
    lines = text.splitlines()
    for line in lines[:MOST_MODULES]:
        what, *fields = line.split("\t")
        if what == "path" and fields:
            yield Said("compiled-from", fields[0], offset=at)
        elif what in ("mod", "dep", "=>") and fields:
            yield Said("made-of", " ".join(fields[:2]), offset=at)
        elif what == "build" and fields and fields[0].startswith("vcs."):
            yield Said("compiled-from", fields[0], offset=at)
    if len(lines) > MOST_MODULES:
        yield Said("left-out", f"{len(lines) - MOST_MODULES:,} more lines on its modules")


def _rust(elf: Elf) -> Iterator[Said]:
    if found := _RUSTC.search(elf.data):
        said = f"rustc, of its commit {found[1].decode()}"
        yield Said("compiled-by", said, offset=found.start())
    part = elf.section(".dep-v0")
    if part is None:
        return
    try:
        unpacked = zlib.decompressobj().decompress(elf.bytes_of(part), LARGEST)
        packages = msgspec.json.decode(unpacked, type=dict[str, object])["packages"]
    except (zlib.error, msgspec.DecodeError, KeyError):
        yield Said("not-read", "its list of crates is damaged", offset=part.offset)
        return
    for package in packages[:MOST_MODULES] if isinstance(packages, list) else ():
        if isinstance(package, dict):
            text = f"{package.get('name', '')} {package.get('version', '')}"
            yield Said("made-of", text[:200], offset=part.offset)
