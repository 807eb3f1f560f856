"""An address is found in each of its forms, and not where it only seems to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.address_forms import Finder, Form, Wanted, literals

V4 = Finder(Wanted("192.0.2.77", ("db.example.org",)))
V6 = Finder(Wanted("2001:db8::7"))
MOST_BITS = {
    "192.0.2.0/24": 8,
    "192.0.2.64/27": 5,
    "192.0/16": 16,
    "192.0.0.0/8": 24,
    "192.0.2.1-254": 8,
    "192.0.2.70-192.0.2.79": 4,
    "192.0.2.70 - 192.0.2.79": 4,
    "192.0.2.*": 8,
    "192.0.*.*": 16,
    "192.*": 24,
    "192.0.2.0 255.255.255.0": 8,
    "192.0.2.0 netmask 255.255.255.0": 8,
    "192.0.2.0/255.255.255.0": 8,
    "192.0.2.0 0.0.0.255": 8,
    "192.0.2.": 8,
    "0.0.0.0/0": 32,
}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("server=192.0.2.77:443", Form.DOTTED),
        ("192.0.2.77/24", Form.DOTTED),
        ("ends here: 192.0.2.77.", Form.DOTTED),
        ("192.000.002.077", Form.PADDED),
        ("::ffff:192.0.2.77", Form.MAPPED),
        ("::ffff:c000:24d", Form.MAPPED),
        ("0xC000024D", Form.HEXADECIMAL),
        ("c0:00:02:4d", Form.HEXADECIMAL),
        (r"\xc0\x00\x02\x4d", Form.HEXADECIMAL),
        ("4D0200C0:01BB", Form.REVERSED),
        ("3221226061", Form.INTEGER),
        ("77.2.0.192.in-addr.arpa", Form.REVERSE_NAME),
        ("192%2E0%2e2%2E77", Form.PERCENT),
        ("host DB.Example.org;", Form.NAME),
    ],
)
def test_a_form_of_an_ipv4_address(text: str, form: Form) -> None:
    assert [spot.form for spot in V4.spots_in(text)] == [form]


@pytest.mark.parametrize(
    "text",
    [
        "1192.0.2.77",
        "192.0.2.771",
        "192.0.2.77.1",
        "4.192.0.2.77",
        "32212260610",
        "ac000024d",
        "c0:00:02:4d:01:02",
        "not-db.example.org",
        "db.example.org.uk",
        "192.0.3.0/24",
        "192.0.2.80-192.0.2.90",
        "192.0.3.*",
        "192.0.2.300-400",
        "192.999.2.0/8",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert not V4.spots_in(text)


@pytest.mark.parametrize(("text", "bits"), MOST_BITS.items())
def test_a_range_that_holds_it(text: str, bits: int) -> None:
    [spot] = V4.spots_in(f"allow {text} # yes")
    assert (spot.form, spot.text.strip(), spot.free_bits) == (Form.RANGE, text, bits)


@pytest.mark.parametrize(
    "text",
    [
        "2001:db8::7",
        "2001:DB8:0:0:0:0:0:7",
        "2001:0db8:0000:0000:0000:0000:0000:0007",
        "2001:db8:0::0:7",
        "2001:db8::0.0.0.7",
        "[2001:0db8::0007]:443",
    ],
)
def test_a_spelling_of_an_ipv6_address(text: str) -> None:
    assert [spot.form for spot in V6.spots_in(text)] == [Form.IPV6]


def test_ranges_of_ipv6() -> None:
    text = "2001:db8::/32 2001:db8::1-2001:db8::ff 2001:db9::/32"
    assert [spot.free_bits for spot in V6.spots_in(text)] == [96, 8]


def test_bytes_and_wide_characters() -> None:
    data = b"\0\0\xc0\x00\x02\x4d\0" + "to 192.0.2.77!".encode("utf-16-le")
    assert [spot.form for spot in V4.spots(data)] == [Form.PACKED, Form.UTF16]


def test_a_line_of_a_text_holds_no_packed_address() -> None:
    assert not Finder(Wanted("10.9.8.7")).spots(b"tabs\n\t\x08\x07 in a text")


def test_bytes_that_anything_could_hold_are_not_looked_for() -> None:
    assert Form.PACKED not in literals(Wanted("65.66.67.68")).values()
    assert Form.PACKED not in literals(Wanted("10.0.0.0")).values()
    assert Form.PACKED not in literals(Wanted("::1")).values()


def test_packed_ipv6_with_many_zeros() -> None:
    [spot] = V6.spots(b"PEER\0\0" + bytes.fromhex("20010db8000000000000000000000007") + b"\1\1")
    assert (spot.form, spot.start) == (Form.PACKED, 6)


@given(st.binary(max_size=400))
def test_no_bytes_do_harm(data: bytes) -> None:
    for finder in (V4, V6):
        for spot in finder.spots(data + b" 192.0.2." + data):
            assert 0 <= spot.start < spot.end


@given(st.ip_addresses(v=4))
def test_what_a_scanner_looks_for_is_what_is_found(address: object) -> None:
    wanted = Wanted(str(address))
    finder = Finder(wanted)
    for literal, form in literals(wanted).items():
        spots = finder.spots(b"\0 " + literal + b" \0")
        assert form is Form.PACKED or spots, literal
