"""Headers of programs that cc made, compared with what readelf(1) says; and damaged ones."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from whence.model.binary_names import binary_names
from whence.model.build_info import build_said
from whence.model.elf import BadElf, read_elf

SOURCE = """
#include <stdio.h>
const char *url = "https://api.vendor.example:8443/v1";
const char *host = "files.vendor.com";
int main(void) { puts(url); puts(host); return 0; }
"""
MODULES = b"path\tvendor.example/poll\ndep\tgolang.org/x/net\tv0.9.0\th1:x=\n"
GO = b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x08go1.22.1" + bytes([32 + len(MODULES)])
CRATES = {"packages": [{"name": "rustls", "version": "0.23.1"}]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elf")
    (folder / "poll.c").write_text(SOURCE)
    (folder / "go").write_bytes(GO + b"-" * 16 + MODULES + b"-" * 16)
    (folder / "rust").write_bytes(zlib.compress(json.dumps(CRATES).encode()))
    subprocess.run(
        ["cc", "-O0", "-Wl,--build-id=sha1", "poll.c", "-o", "poll"], cwd=folder, check=True
    )
    subprocess.run(
        ["objcopy", "--add-section", ".go.buildinfo=go", "--add-section", ".dep-v0=rust", "poll"],
        cwd=folder,
        check=True,
    )
    return folder / "poll"


def test_headers_say_what_readelf_says(built: Path) -> None:
    elf = read_elf(built.read_bytes())
    notes = subprocess.run(["readelf", "-nd", built], capture_output=True, text=True, check=True)
    assert f"Build ID: {elf.build_id()}" in notes.stdout
    for _, library in elf.dynamic():
        assert f"[{library}]" in notes.stdout
    assert ("library", "libc.so.6") in [*elf.dynamic()]
    assert elf.interpreter.startswith("/lib")
    assert elf.has_symbols
    assert "position-independent executable" in elf.described


def test_a_stripped_one_has_no_symbols(built: Path, tmp_path: Path) -> None:
    subprocess.run(["strip", "-o", tmp_path / "poll", built], check=True)
    assert not read_elf((tmp_path / "poll").read_bytes()).has_symbols


def test_what_compilers_left_in_it(built: Path) -> None:
    said = {(one.what, one.text) for one in build_said(read_elf(built.read_bytes()))}
    assert said >= {
        ("compiled-by", "go1.22.1"),
        ("compiled-from", "vendor.example/poll"),
        ("made-of", "golang.org/x/net v0.9.0"),
        ("made-of", "rustls 0.23.1"),
    }
    assert any(what == "compiled-by" and "GCC" in text for what, text in said)


def test_hosts_that_stand_in_it_with_where(built: Path) -> None:
    data = built.read_bytes()
    found = {said.text: said for said in binary_names(data)}
    assert found["api.vendor.example"].sure == "certain"
    assert found["files.vendor.com"].sure == "possible"
    at = found["files.vendor.com"].offset
    assert data[at : at + 16] == b"files.vendor.com"


@pytest.mark.parametrize(
    "data", [b"", b"\x7fELF", b"MZ" * 40, b"\x7fELF\2\1" + bytes(10), b"\x7fELF\3\1" + bytes(99)]
)
def test_what_is_no_elf_file(data: bytes) -> None:
    with pytest.raises(BadElf):
        read_elf(data)


def test_a_program_for_another_machine() -> None:
    fields = struct.pack(">HHIIIIIHHHHHH", 2, 8, 1, 0, 0, 0, 0, 52, 0, 0, 0, 0, 0)
    header = b"\x7fELF\1\2\1" + bytes(9) + fields
    assert read_elf(header).described == "ELF 32-bit executable for MIPS"


def test_damaged_ones_are_refused_or_read(built: Path) -> None:
    whole, chance = built.read_bytes(), random.Random(5)
    refused = 0
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            at = chance.choice((chance.randrange(64), chance.randrange(len(data))))
            data[at] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(4, len(data)) :]
        try:
            elf = read_elf(bytes(data))
        except BadElf:
            refused += 1
            continue
        assert isinstance(elf.described + elf.interpreter + elf.build_id(), str)
        assert len([*elf.dynamic()]) <= 4096
        assert len([*build_said(elf)]) < 1000
    assert refused > 20
