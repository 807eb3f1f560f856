"""Forwarding tables: which column is which says the heading, and without it nothing is guessed."""

import time

import pytest

from tests.inquiry.imports.forwarding_tables import TEXTS
from tests.inquiry.imports.reading import given, is_complete, likeliest, read
from tests.inquiry.imports.samples import SAMPLES
from whence.inquiry.imports import mac_table
from whence.inquiry.imports._declare import Lines
from whence.model.reported import Placed


@pytest.mark.parametrize("maker", TEXTS)
def test_a_table_is_read_as_its_heading_says(maker: str) -> None:
    text, said, left_out = TEXTS[maker]
    assert likeliest(text) == "mac_table"
    rows, lines = read(text)
    found = [(r.mac[-2:], r.port, r.vlan, r.status) for r in rows if isinstance(r, Placed)]
    assert found == said
    assert all(isinstance(row, Placed) and row.mac.startswith("00:14:22:00:00") for row in rows)
    assert (lines.left_out.total(), lines.strange_lines) == (left_out, [])
    assert is_complete(rows, lines)


@pytest.mark.parametrize("maker", TEXTS)
def test_without_its_heading_a_row_is_right_or_none(maker: str) -> None:
    text, said, _ = TEXTS[maker]
    bare = "\n".join(line for line in text.splitlines() if "00" in line)
    rows, lines = read(bare, "mac_table")
    found = {(r.mac[-2:], r.port, r.vlan, r.status) for r in rows if isinstance(r, Placed)}
    assert found <= {*said}
    assert is_complete(rows, lines)


def test_where_a_name_begins_says_the_heading() -> None:
    heading = "#    MAC-ADDRESS        VID  ON-INTERFACE  BRIDGE\n"
    ((row,), _) = read(f"{heading}0 D  00:14:22:00:00:01       9 uplink      bridge1\n")
    assert isinstance(row, Placed)
    assert (row.port, row.vlan) == ("9 uplink", None)


@pytest.mark.parametrize(
    "word", ["dynamic", "STATIC", "Learned", "self", "Management", "system", "yes", "no"]
)
def test_a_type_is_no_port(word: str) -> None:
    text = f"Vlan  Mac Address     Type  Ports\n  7  0014.2200.0001  x  {word}\n"
    rows, lines = read(text, "mac_table")
    assert (rows, lines.strange_count) == ([], 1)
    for bare in (
        text.partition("\n")[2],
        f"0014.2200.0001  {word}  7\n",
        f"7  0014.2200.0001  {word}\n",
    ):
        assert not any(isinstance(r, Placed) and r.port == word for r in read(bare, "mac_table")[0])


@pytest.mark.parametrize(
    "text",
    [
        "Protocol  Address  Age (min)  Hardware Addr   Type   Interface\n"
        "Internet  192.0.2.7       12  0014.2200.0001  ARPA   Vlan7\n",
        "MacAddress          IpAddress        Lease(sec)  Type           VLAN  Interface\n"
        "00:14:22:00:00:01   192.0.2.7        85000       dhcp-snooping  7     Gi1/0/7\n",
        "MAC Address       AP Name  Slot Status      WLAN  Auth Protocol  Port\n"
        "00:14:22:00:00:01 AP-7     1    Associated  1     Yes  802.11n   13\n",
        "1 00:14:22:00:00:01 anything\n",
        "MAC,IP,Hostname,Interface,Type\n00:14:22:00:00:01,192.0.2.7,pc7,Gi1/0/7,lease\n",
        "time in out\n7 001422000001 001422000002\n",
    ],
)
def test_other_tables_of_addresses_are_none(text: str) -> None:
    assert likeliest(text) != "mac_table"


def test_spaces_without_end_take_no_time() -> None:
    line = f"7 {' ' * 130} 00:14:22:00:00:01 {' ' * 130}"
    began = time.process_time()
    for maker in TEXTS:
        read(f"{TEXTS[maker][0]}{line}\n", "mac_table")
    read(f"{line}\n" * 100, "mac_table")
    assert time.process_time() - began < 1


def test_two_addresses_in_a_row_are_not_guessed_between() -> None:
    heading = "Vlan  Mac Address     Type     Ports  Moves\n"
    text = f"{heading}  7  0014.2200.0001  DYNAMIC  Et7  0014.2200.0002\n"
    rows, lines = read(text, "mac_table")
    assert (rows, lines.strange_count) == ([], 1)


@pytest.mark.parametrize(
    ("maker", "words"),
    [("Junos", "VLAN IDs"), ("Enterasys", "FIDs"), ("bridge fdb", "bridge fdb"), ("NX-OS", "")],
)
def test_what_was_taken_for_granted_is_said(maker: str, words: str) -> None:
    known = given()
    numbered = enumerate(TEXTS[maker][0].split("\n"), start=1)
    assert [*mac_table.mac_table.read(Lines(numbered, 4000), known)]
    assert words in " ".join(known.assumed)
    assert bool(known.assumed) == bool(words)


def test_twelve_digits_are_an_address_only_under_a_heading() -> None:
    text = "Vlan  Mac Address     Type     Ports\n7     001422000001    dynamic  Gi1/0/7\n"
    rows, lines = read(f"{text}sw3#show counters\nTotal bytes 123456789012\n")
    assert (len(rows), lines.strange_count) == (1, 0)
    rows, lines = read("7     001422000001    dynamic  Gi1/0/7\n", "mac_table")
    assert not rows


def test_a_row_with_a_cell_too_many_is_none() -> None:
    text = "MAC,VLAN,Port\n00:14:22:00:00:01,7,8\n00:14:22:00:00:02,7,8,9\n00:14:22:00:00:03,\r,8\n"
    rows, lines = read(text)
    assert (len(rows), lines.strange_count) == (1, 2)


def test_a_prompt_ends_what_a_heading_said() -> None:
    text = SAMPLES["mac table"][2] + "sw3#show something\n  7  0014.2233.4457  gi7  what\n"
    rows, lines = read(text)
    assert (len(rows), lines.strange_count) == (2, 1)
