"""The native part, and what stands in for it, held to one another."""

from __future__ import annotations

import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.snmp_agents import integer, octets
from whence.world import ber, snmp_variables
from whence.world.ber import Malformed
from whence.world.snmp_variables import Binding, read_slowly, read_variables

VALUES = (
    integer(-(1 << 63)),
    integer(300),
    integer((1 << 32) - 1, ber.COUNTER),
    integer(7, ber.UNSIGNED),
    integer(1, ber.TICKS),
    integer((1 << 64) - 1, ber.COUNTER64),
    octets(b"sw\x00\xff"),
    octets(b"x" * 200),
    ber.write_oid((1, 3, 6, 1, 4, 1, 4_294_967_295)),
    ber.write_oid((2, 999)),
    b"\x06\x00",
    b"\x40\x04\xc0\x00\x02\x01",
    b"\x44\x02\x9f\x78",
    b"\x05\x00",
    b"\x82\x00",
)
SEED = b"".join(
    ber.write_sequence(ber.write_oid((1, 3, 6, 1, 2, 1, 17, number * 50)), value)
    for number, value in enumerate(VALUES)
)


def outcome(read: object, content: bytes) -> tuple[Binding, ...] | None:
    assert callable(read)
    try:
        found = read(content)
    except Malformed:
        return None
    assert isinstance(found, tuple)
    return found


def test_each_type_is_read_alike() -> None:
    found = read_variables(SEED)
    assert found == read_slowly(SEED)
    assert [binding.kind for binding in found[:3]] == ["INTEGER", "INTEGER", "Counter32"]
    assert found[5].value == (1 << 64) - 1
    assert found[9].value == "2.999"
    assert [binding.value for binding in found[10:12]] == ["0.0", "192.0.2.1"]
    assert type(found[0]) is Binding


def test_damaged_variables_are_read_alike() -> None:
    chance = random.Random(20261126)
    refused = 0
    for _ in range(4000):
        damaged = bytearray(SEED)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(damaged))
            if chance.random() < 0.8:
                damaged[at] = chance.choice((0, 1, 0x7F, 0x80, 0x81, 0xFF, chance.randrange(256)))
            else:
                del damaged[at : at + chance.randint(1, 3)]
        content = bytes(damaged)
        read = outcome(read_variables, content)
        assert read == outcome(read_slowly, content), content.hex()
        refused += read is None
    assert 500 < refused < 3500


@given(some.binary(max_size=12))
def test_identifiers_of_anybody_are_read_alike(name: bytes) -> None:
    content = ber.write_sequence(ber.write(ber.OBJECT, name), b"\x05\x00")
    assert outcome(read_variables, content) == outcome(read_slowly, content)


@pytest.mark.parametrize("length", [126, 127, 128, 129, 640, 641])
def test_the_longest_identifiers_are_read_alike(length: int) -> None:
    for octet in (b"\x01", b"\x80"):
        name = ber.write(ber.OBJECT, octet * (length - 1) + b"\x01")
        content = ber.write_sequence(name, b"\x05\x00")
        assert outcome(read_variables, content) == outcome(read_slowly, content)


def test_without_the_native_part_it_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "whence._native" in sys.modules
    monkeypatch.setattr(snmp_variables, "_natively", None)
    assert read_variables(SEED) == read_slowly(SEED)
