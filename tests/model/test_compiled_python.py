"""What is read of .pyc files, compared with what Python itself reads, and with damaged ones."""

from __future__ import annotations

import ast
import dis
import importlib.util
import marshal
import random
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from whence.model.code_documentation import documentation
from whence.model.code_lines import spots
from whence.model.compiled_python import header_of, said_by_compiled
from whence.model.marshalled import BadMarshal, Code, read_marshalled
from whence.model.program_contents import Said

THIS = sys.version_info[:2]
SOURCE = '''
"""Not named here: nothing."""
import socket, urllib.request as u
from http import client
API = "https://api.vendor.example:8443/v1"

def sync():
    s = socket.create_connection(("203.0.113.7", 4443))
    return [x for x in ("updates.vendor.io", "os.path")]

class Poller:
    def run(self):
        return b"10.1.2.3"
'''


def compiled(source: str, file: str = "/opt/vendor/sync.py") -> bytes:
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(source, file, "exec"))


def told(data: bytes) -> set[str]:
    return {f"{said.what} {said.text}" for said in said_by_compiled(data)}


def test_where_it_was_compiled_from_and_what_it_imports_and_names() -> None:
    version = ".".join(map(str, THIS))
    magic = int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
    assert told(compiled(SOURCE)) >= {
        f"compiled-by Python {version}, magic number {magic}",
        "compiled-from /opt/vendor/sync.py",
        "imports socket",
        "imports urllib.request",
        "imports http",
        "host api.vendor.example",
        "port 8443",
        "address 203.0.113.7",
        "port 4443",
        "host updates.vendor.io",
        "address 10.1.2.3",
    }


def test_each_stands_in_its_line_and_function() -> None:
    found = {said.text: said for said in said_by_compiled(compiled(SOURCE))}
    assert (found["203.0.113.7"].line, found["203.0.113.7"].within) == (8, "sync")
    assert found["api.vendor.example"].line == 5
    assert found["http"].line == 4
    assert found["10.1.2.3"].within == "Poller.run"


DOCUMENTED = '''
"""module.told.example"""
HOST = "module.used.example"

def go():
    """function.told.example"""
    return call("function.used.example")

def bare():
    return "bare.used.example"

class Poller:
    """class.told.example"""
    host = "class.used.example"

    async def poll(self):
        """method.told.example"""

short = lambda: "lambda.used.example"
some = [one + "list.used.example" for one in ("tuple.used.example", "b")]
'''


def test_documentation_names_nothing_that_is_called() -> None:
    found = {text.split()[-1] for text in told(compiled(DOCUMENTED)) if text.startswith("host ")}
    used = {"module", "function", "bare", "class", "lambda", "list", "tuple"}
    assert found == {f"{name}.used.example" for name in used}


def test_documentation_is_found_as_python_itself_finds_it() -> None:
    compared = 0
    for module in (dis, random, struct, importlib.util, sys.modules["argparse"]):
        source = Path(str(module.__file__)).read_text("utf-8")
        real = compile(source, str(module.__file__), "exec")
        documented = written_documentation(source)
        for theirs, code in pairs(real, read_marshalled(marshal.dumps(real), THIS)):
            number = documentation(code, THIS)
            string = None if number is None else code.constants[number]
            written = documented.get((theirs.co_name, theirs.co_firstlineno))
            assert string == written, theirs
            compared += written is not None
    assert compared > 50


def written_documentation(source: str) -> dict[tuple[str, int], str | None]:
    """Take it from the source's tree, by name and the line in which a definition begins."""
    tree = ast.parse(source)
    found = {("<module>", 1): ast.get_docstring(tree, clean=False)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            begin = min(one.lineno for one in (node, *node.decorator_list))
            found[node.name, begin] = ast.get_docstring(node, clean=False)
    return found


def test_lines_and_imports_are_those_that_python_itself_tells() -> None:
    compared = 0
    for module in (dis, marshal, random, struct, importlib.util, sys.modules["argparse"]):
        if not (path := getattr(module, "__cached__", None)):
            continue
        source = Path(str(module.__file__)).read_text("utf-8")
        real = compile(source, path, "exec")
        ours = read_marshalled(marshal.dumps(real), THIS)
        for theirs, code in pairs(real, ours):
            compared += 1
            assert (theirs.co_qualname, theirs.co_filename) == (code.name, code.filename)
            told = {spot.constant: spot.line for spot in spots(code, THIS) if not spot.imported}
            for instruction in dis.get_instructions(theirs):
                line = instruction.positions.lineno if instruction.positions else None
                if instruction.opname == "LOAD_CONST" and line and instruction.arg is not None:
                    assert told.pop(instruction.arg, line) == line
    assert compared > 50


def pairs(real: CodeType, ours: object) -> Iterator[tuple[CodeType, Code]]:
    assert isinstance(ours, Code)
    yield real, ours
    theirs = [one for one in real.co_consts if isinstance(one, CodeType)]
    codes = [one for one in ours.constants if isinstance(one, Code)]
    for one, other in zip(theirs, codes, strict=True):
        yield from pairs(one, other)


def old_code(numbers: int, *, python2: bool = False) -> bytes:
    """A module of an older Python that holds one host; before 3.4 texts are marked otherwise."""

    def text(value: str) -> bytes:
        return (b"t" if python2 else b"u") + struct.pack("<i", len(value)) + value.encode()

    def data(value: bytes) -> bytes:
        return b"s" + struct.pack("<i", len(value)) + value

    constants = b"(" + struct.pack("<i", 2) + text("files.vendor.example") + b"N"
    names = b"(" + struct.pack("<i", 1) + text("socket")
    empty = b"(" + struct.pack("<i", 0)
    instructions = bytes([108, 0, 100, 0, 83, 0])  # IMPORT_NAME, LOAD_CONST, RETURN_VALUE
    return (
        b"c" + bytes(4 * numbers) + data(instructions) + constants + names + 3 * empty
        + text("/srv/old.py") + text("<module>") + struct.pack("<i", 1) + data(b"\2\4")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("magic", "header", "numbers", "version"),
    [(62211, 8, 4, "2.7"), (3180, 8, 5, "3.2"), (3379, 12, 5, "3.6"), (3413, 16, 6, "3.8"),
     (3439, 16, 6, "3.10")],
)  # fmt: skip
def test_older_pythons_are_read_too(magic: int, header: int, numbers: int, version: str) -> None:
    begin = struct.pack("<H", magic) + b"\r\n" + bytes(header - 4)
    said = told(begin + old_code(numbers, python2=version == "2.7"))
    assert f"compiled-by Python {version}, magic number {magic}" in said
    assert said >= {"compiled-from /srv/old.py", "host files.vendor.example"}
    assert ("imports socket" in said) == (version not in ("2.7", "3.2"))


def test_a_python_that_nobody_knows_is_told_by_its_number() -> None:
    said = told(struct.pack("<H", 240) + b"\r\n" + bytes(40))
    assert "compiled-by an unknown Python, magic number 240" in said
    assert "not-read code of an unknown version of Python" in said


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"#!/bin/sh\n" * 3, importlib.util.MAGIC_NUMBER])
def test_what_is_no_compiled_python(data: bytes) -> None:
    assert header_of(data) is None
    assert not told(data)


@pytest.mark.parametrize(
    "data",
    [
        b"(" * 100_000,
        b"\xa9\x01" * 50_000,
        b"c" + bytes(20) + b"r\xff\xff\xff\x7f",
        b"s\xff\xff\xff\xff",
        b"s\xff\xff\xff\x7f",
        b"(\xff\xff\xff\x7fN",
        b"l\xff\xff\xff\x7f",
        b"l\x00\x00\x00\x80",
        b"f\x04nope",
        b"R\x05\x00\x00\x00",
        b"{" + b"N" * 1000,
        b"?",
    ],
)
def test_hostile_values_are_refused_at_once(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(BadMarshal):
        read_marshalled(data, (3, 11))
    assert time.process_time() - began < 1


def test_a_tuple_in_itself_many_times_over_comes_to_an_end() -> None:
    value = b"\xa9\x02z\x01az\x01a"
    for number in range(40):
        value = b"\xa9\x02" + value + b"r" + struct.pack("<i", 39 - number)
    code = bytearray(b"c" + bytes(20) + b"s\0\0\0\0")
    code += b"\x29\x01" + value + b"\x29\x00" * 3 + b"s\0\0\0\0" + b"z\x01f" * 3 + bytes(4)
    code += b"s\0\0\0\0" * 2
    began = time.process_time()
    assert [*said_by_compiled(importlib.util.MAGIC_NUMBER + bytes(12) + code)]
    assert time.process_time() - began < 3


def test_damaged_files_are_said_to_be_damaged_or_read() -> None:
    chance = random.Random(7)
    whole = compiled(SOURCE)
    refused = 0
    for _ in range(1500):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(16, len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(16, len(data)) :]
        said = [*said_by_compiled(bytes(data))]
        assert all(isinstance(one, Said) for one in said)
        refused += any(one.what == "not-read" for one in said)
    assert refused > 200
