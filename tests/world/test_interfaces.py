import socket

import pytest

from whence.model import BadInput
from whence.world.interfaces import LOOPBACK, interface, interfaces_up


def test_loopback_is_found_and_said_to_be_it() -> None:
    found = interface("lo")
    assert (found.index, found.hardware) == (socket.if_nametoindex("lo"), LOOPBACK)
    assert found.has_ethernet_header


@pytest.mark.parametrize("name", ["nothing0", "", "a name that is longer than any may be"])
def test_an_interface_that_is_not_there(name: str) -> None:
    with pytest.raises(BadInput, match="there is no interface"):
        interface(name)


def test_loopback_passes_nothing() -> None:
    up = interfaces_up()
    assert "lo" not in up
    assert set(up) <= {name for _, name in socket.if_nameindex()}
