from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from whence.world import ber, snmp_messages
from whence.world.ber import Malformed
from whence.world.snmp_access import SnmpAccess
from whence.world.snmp_secured import Security

ARCS = some.lists(some.integers(0, (1 << 32) - 1), max_size=30)


@given(some.sampled_from([(0, 0), (1, 3), (2, 5), (2, 100)]), ARCS)
def test_an_object_identifier_is_read_as_it_was_written(
    root: tuple[int, int], arcs: list[int]
) -> None:
    written = ber.write_oid((*root, *arcs))
    start, stop = ber.expect(written, 0, len(written), ber.OBJECT)
    assert ber.object_identifier(written, start, stop) == (*root, *arcs)


@given(some.integers(-(1 << 63), (1 << 64) - 1))
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    written = ber.write_number(number)
    start, stop = ber.expect(written, 0, len(written), ber.INTEGER)
    assert ber.number(written, start, stop) == number


@given(some.binary(max_size=300))
def test_bytes_of_anybody_are_read_or_refused(data: bytes) -> None:
    security = Security(SnmpAccess("192.0.2.1", version="3", user="reader"))
    with suppress(Malformed):
        snmp_messages.answer(data, *snmp_messages.pdu_of(data, 1))
    with suppress(Malformed):
        security.open(data)


@pytest.mark.parametrize("text", ["", "1", "1.x", "1.-3", "1." + "9" * 20, ".".join("1" * 200)])
def test_what_is_no_object_identifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"identifier|int"):
        ber.parse_oid(text)
