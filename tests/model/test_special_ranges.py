import ipaddress

import pytest

from whence.model.special_ranges import inner_address, is_public, special_range


@pytest.mark.parametrize(
    ("address", "standard"),
    [
        ("10.1.2.3", "RFC 1918"),
        ("172.31.255.255", "RFC 1918"),
        ("192.168.0.1", "RFC 1918"),
        ("100.64.0.1", "RFC 6598"),
        ("100.127.255.255", "RFC 6598"),
        ("192.0.2.8", "RFC 5737"),
        ("198.51.100.8", "RFC 5737"),
        ("203.0.113.7", "RFC 5737"),
        ("198.19.255.1", "RFC 2544"),
        ("169.254.1.1", "RFC 3927"),
        ("127.0.0.1", "RFC 1122"),
        ("224.0.0.251", "RFC 6762"),
        ("232.1.1.1", "RFC 4607"),
        ("255.255.255.255", "RFC 919"),
        ("240.0.0.1", "RFC 1112"),
        ("192.88.99.1", "RFC 7526"),
        ("2001:db8::1", "RFC 3849"),
        ("2001:0:53aa:64c:0:7c01:a7cf:9d7e", "RFC 4380"),
        ("2002:c000:208::1", "RFC 3056"),
        ("64:ff9b::c000:208", "RFC 6052"),
        ("fd00::1", "RFC 4193"),
        ("fe80::1", "RFC 4291"),
        ("ff02::fb", "RFC 6762"),
        ("4000::1", "RFC 3587"),
    ],
)
def test_the_standard_that_sets_an_address_aside_is_named(address: str, standard: str) -> None:
    found = special_range(address)
    assert found
    assert found.standard == standard


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "100.63.255.255", "172.32.0.0", "192.0.1.1", "2a00::1", "2606:4700::1"]
)
def test_an_address_like_any_other_is_not_set_aside(address: str) -> None:
    assert special_range(address) is None
    assert is_public(address)


def test_what_python_calls_private_is_not_public() -> None:
    """Python's own list knows fewer standards; where it knows one, we agree."""
    for first in range(256):
        for second in (0, 64, 88, 127, 168, 254):
            address = ipaddress.ip_address(f"{first}.{second}.1.1")
            if address.is_private and not address.is_reserved:
                assert special_range(str(address)), address


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("2002:c000:208::1", "192.0.2.8"),
        ("64:ff9b::c000:208", "192.0.2.8"),
        ("2001:0:53aa:64c:0:7c01:3fff:fdf7", "192.0.2.8"),
        ("2001:db8::1", None),
        ("192.0.2.8", None),
    ],
)
def test_the_address_inside_another_is_found(address: str, inner: str | None) -> None:
    assert inner_address(address) == inner
