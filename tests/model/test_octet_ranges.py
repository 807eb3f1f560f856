"""Ranges as scanners have them are found if they hold the address, and nothing else is one."""

from __future__ import annotations

import ipaddress
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.model.address_forms import Finder, Form, Wanted
from whence.model.address_ranges import RangeFinder
from whence.model.mentions import NotRead
from whence.model.octet_ranges import OctetRanges
from whence.world.scanners import range_pattern, scan

WANTED = Wanted("10.9.3.77")
FINDER = Finder(WANTED)


def begins(wanted: Wanted, text: str) -> bool:
    return re.search(range_pattern(wanted).encode(), text.encode()) is not None


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("10.9.0-5.1-254", 11),
        ("10.9.1-5.77", 3),
        ("10.9.0-5.*", 11),
        ("10.9.*.77", 8),
        ("10.9.3-3.77", 1),
        ("10.9,11.3.77", 1),
        ("10.9.1,3-5.77", 2),
        ("10.9.3.1,70-80", 4),
        ("10.0-255.0-255.0-255", 24),
        ("9-11.0-255.3.*", 18),
        ("8.0.0.0/5", 27),
        ("0.0.0.0/1", 31),
        ("9.255.0.0-10.255.255.255", 25),
        ("9.255.0.0 - 10.9.255.255", 20),
        ("10.9.3.70 to 11.0.0.1", 24),
    ],
)
@pytest.mark.parametrize("around", ["{}", "scan {} # all", '["{}", "x"]', "a={};", "-iL,{},999"])
def test_a_range_of_a_scanner(text: str, bits: int, around: str, tmp_path: Path) -> None:
    data = around.format(text)
    [spot] = FINDER.spots_in(data)
    assert (spot.form, spot.text, spot.free_bits) == (Form.RANGE, text, bits)
    (tmp_path / "list").write_text(data)
    assert scan([str(tmp_path)], WANTED, True, NotRead()) == [str(tmp_path / "list")]


@pytest.mark.parametrize(
    "text",
    [
        "10.9.4-5.77",  # they do not hold it
        "10.9.0-5.78-254",
        "10.9.5-0.77",
        "11.9.0-5.*",
        "16.0.0.0/5",
        "8.0.0.0/7",
        "10.10.0.0-11.255.255.255",
        "9.0.0.0-10.9.3.76",
        "1:10.9.0-5.1",  # versions
        "version 10.9.0-5.77",
        "Version: 10.9.0-5.77",
        "v10.9.0-5.77",
        "scand-10.9.0-5.77",
        "10.9.0-5.77+deb12u1",
        "10.9.0-5.77~rc1",
        "10.9.0-5.77-2",
        "10.9.0-5.77_amd64.deb",
        "10.9.0-5",
        "1.3.6.1.4.1-10.9.0-5.77",  # names of objects, RFC 1155
        "1.3.10.9.0-5.77",
        "10.9.0-5.77.1",
        "10.9.3-1.77",
        "10.09.00-05.77",  # dates
        "10.9.2020-24.9.2021",
        "10.9.20-24.9.20",
        "10.9.0-555.1234",  # telephones
        "+10.9.0-5.77",
        "10.9.3,77",  # numbers
        "10.9,10.9",
        "host,10.9.3.1,77",
        "10.9.3.1,77,80",
        "900-999.9.3.*",
    ],
)
def test_what_only_looks_like_a_range(text: str) -> None:
    assert not FINDER.spots_in(f"x {text} y")
    assert not FINDER.spots_in(text)


@pytest.mark.parametrize(
    "text", ["8,10.9.3.77", "5-10.9.3.77 x", "10.9.3.77,10.9.3.78", "1,10.9.3.77,80"]
)
def test_the_address_itself_is_no_range(text: str) -> None:
    [spot] = FINDER.spots_in(text)
    assert (spot.form, spot.text) == (Form.DOTTED, WANTED.address)


def test_the_next_column_is_not_of_the_range() -> None:
    [spot] = FINDER.spots_in("lab,10.9.0-5.77,443,open")
    assert spot.text == "10.9.0-5.77"
    spots = FINDER.spots_in("10.9.0-5.1-254,10.10.0-5.1-254,10.9.3.*")
    assert [spot.text for spot in spots] == ["10.9.0-5.1-254", "10.9.3.*"]


def test_a_text_full_of_addresses_hides_no_range() -> None:
    many = "".join(f"10.9.{n % 200}.{n % 7},1\n" for n in range(30_000))
    assert [one.text for one in FINDER.spots_in(f"{many}10.9.0-5.70-80\n")] == ["10.9.0-5.70-80"]


def octet(chance: random.Random, number: int, form: str) -> tuple[str, set[int]]:
    low, high = chance.randint(0, number), chance.randint(number, 255)
    other = chance.randint(0, 255)
    return {
        "number": (f"{number}", {number}),
        "range": (f"{low}-{high}", {*range(low, high + 1)}),
        "any": ("*", {*range(256)}),
        "list": (f"{other},{low}-{high}", {other, *range(low, high + 1)}),
    }[form]


@settings(max_examples=50)
@given(
    st.ip_addresses(v=4), st.ip_addresses(v=4),
    st.lists(st.sampled_from(["number", "range", "any", "list"]), min_size=3, max_size=3),
    st.randoms(use_true_random=False), st.booleans(),
)  # fmt: skip
def test_an_address_in_a_range_is_found_and_one_outside_is_not(
    inside: ipaddress.IPv4Address,
    other: ipaddress.IPv4Address,
    forms: list[str],
    chance: random.Random,
    first: bool,
) -> None:
    if "range" not in forms and "any" not in forms[:2]:
        forms[chance.randrange(3)] = "range"
    octets = [
        octet(chance, number, form)
        for number, form in zip(
            inside.packed, ["range" if first else "number", *forms], strict=True
        )
    ]
    text = ".".join(written for written, _ in octets)
    for address in (inside, other):
        holds = all(one in known for one, (_, known) in zip(address.packed, octets, strict=True))
        wanted = Wanted(str(address))
        for data in (text, f"net {text}\n", f'"{text}",1'):
            spots = OctetRanges(address).spots(data.encode(), len(data))
            assert [data[start:end] for start, end, _ in spots] == ([text] if holds else []), data
            assert not holds or begins(wanted, data)


@settings(max_examples=50)
@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_every_other_spelling(
    one: ipaddress.IPv4Address,
    two: ipaddress.IPv4Address,
    address: ipaddress.IPv4Address,
    bits: int,
) -> None:
    low, high = sorted((one, two))
    block = ipaddress.ip_network((int(one), bits), strict=False)
    wanted = Wanted(str(address))
    for text, holds in (
        (f"{low}-{high}", low <= address <= high),
        (f"{low} .. {high}", low <= address <= high),
        (str(block), address in block),
    ):
        found = any(RangeFinder(address).spots(text.encode()))
        assert found == holds or low == high or bits == 32, text
        assert not found or begins(wanted, text) or bits == 0
