"""Whatever stands in a file: no importer fails, none is slow, and no line is lost."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inquiry.imports.reading import KINDS, is_complete, likeliest, read
from tests.inquiry.imports.reading import given as what_is_known
from tests.inquiry.imports.samples import SAMPLES
from whence.inquiry.imports._declare import Head
from whence.inquiry.imports._documents import document
from whence.inquiry.imports._gathered import Gathered
from whence.model.ecs import encode
from whence.model.reported import Socket

RECORDED = [
    file.read_bytes().decode("utf-8", "replace")
    for file in sorted((Path(__file__).parent / "recorded").glob("*.txt"))
]
TEXTS = [*RECORDED, *(text for _, _, text in SAMPLES.values())]
# Several leases stand in one block of lines, and one lease may be cited by a line of another.
LOOSE = ("dhcp_leases",)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=30)
@given(text=st.text(max_size=300))
def test_any_text_is_counted_line_by_line(name: str, text: str) -> None:
    _check(text, name)


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_file_that_was_changed_by_chance_is_counted_line_by_line(number: int) -> None:
    chance = random.Random(number)
    for _ in range(15):
        text = _changed(TEXTS[number], chance)
        if name := likeliest(text):
            _check(text, name)


@pytest.mark.parametrize("name", KINDS)
def test_endless_lines_take_no_time(name: str) -> None:
    began = time.process_time()
    for piece in (
        "A",
        " ",
        "1.",
        "::",
        "0:",
        "[",
        '{"a":',
        "<",
        '"',
        " > ",
        "\\",
        "a b ",
        "\0",
        "1 ",
    ):
        _check(piece * 5_000, name)
        _check(piece * (480 // len(piece)), name)
    for line in TEXTS[0].split("\n") + TEXTS[-1].split("\n"):
        _check(line + " " * 300 + "x", name)
    assert time.process_time() - began < 3


def _check(text: str, name: str) -> None:
    rows, lines = read(text, name)
    if name not in LOOSE:
        assert is_complete(rows, lines), text
    gathered = Gathered("0" * 10, what_is_known(), lambda: "srv7", lambda name, transport: None)
    for row in rows:
        encode(document(row, "", 0))
        assert all(isinstance(value, _STORED) for _, put in gathered.take(row) for value in put)
    assert all(isinstance(value, _STORED) for _, put in gathered.finish() for value in put)


_STORED = (str, int, float, type(None))


def _changed(text: str, chance: random.Random) -> str:
    letters = [*text]
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(letters))
        match chance.randrange(4):
            case 0:
                letters[at] = chr(chance.choice((0, 10, 32, 34, 46, 58, 60, 92, 0xFFFF, 0x202E)))
            case 1:
                del letters[at : at + chance.randint(1, 30)]
            case 2:
                letters[at:at] = letters[chance.randrange(len(letters)) :][:40]
            case _:
                letters[at] = chr(chance.randrange(0x7F))
        letters = letters or [" "]
    return "".join(letters)


@pytest.mark.parametrize("name", ["docker_ps", "windows_netstat", "kubectl_get"])
@pytest.mark.parametrize(
    "begin", ["", "4c01db0b339c img ", "4c01db0b339c img c  5 d ago  Up 2  ", "web 1/1 Running 0 "]
)
def test_a_line_that_is_nearly_a_row_takes_no_time(name: str, begin: str) -> None:
    began = time.process_time()
    for piece in ("  ", "a ", "1/", "1->1", '\\"', "1d"):
        line = (begin + piece * 4000)[:3900]
        KINDS[name].recognise(Head(f"{line}\0\n"))
        _check(f"{line}!", name)
    assert time.process_time() - began < 0.3


@pytest.mark.parametrize(
    ("name", "begin", "piece"),
    [
        ("ip_neigh", "192.0.2.9 dev eth0  FAILED", "  "),
        ("ip_neigh", "192.0.2.9 dev eth0 ", "FAILED "),
        ("pf_states", "all icmp 10.0.0.9:1234 -> ", "1:"),
        ("nfdump_text", "2026-11-17 09:30:00.000     1.500 TCP          ", "1:"),
        ("nfdump_text", "2026-11-17 09:30:00.000     1.500 TCP          ", ".."),
        ("fortigate_sessions", "npu info: flag", ",,"),
        ("routeros_connections", " 0  ", "  "),
    ],
)
def test_a_long_end_of_a_row_takes_no_time(name: str, begin: str, piece: str) -> None:
    began = time.process_time()
    line = (begin + piece * 4000)[:3900]
    KINDS[name].recognise(Head(f"{line}\0\n"))
    _check(f"{line}\0", name)
    assert time.process_time() - began < 0.3


@pytest.mark.parametrize("pid", ["4\u20ac11", "\u00b2", ""])
def test_what_follows_a_process_without_a_number_is_not_of_the_one_before(pid: str) -> None:
    file = "f3\ntIPv4\nPTCP\nn192.0.2.1:40000->203.0.113.7:443\n"
    [socket], lines = read(f"p90\n{file}p{pid}\n{file}", "lsof_fields")
    assert isinstance(socket, Socket)
    assert socket.pid == 90
    assert [number for number, _ in lines.strange_lines] == [6, 7, 8, 9, 10]
