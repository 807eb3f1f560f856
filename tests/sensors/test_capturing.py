"""Which engine a capture takes."""

import shutil

import pytest

from whence.sensors.capturing import _engine
from whence.world import capabilities
from whence.world.capabilities import CAP_NET_RAW


@pytest.mark.parametrize(
    ("held", "installed", "wanted", "taken"),
    [
        ({CAP_NET_RAW}, True, "auto", "own"),
        (set(), True, "auto", "dumpcap"),
        (set(), False, "auto", "own"),  # which then says what is missing
        ({CAP_NET_RAW}, True, "dumpcap", "dumpcap"),
        (set(), True, "own", "own"),
    ],
)
def test_dumpcap_is_for_those_who_have_not_the_right_themselves(
    monkeypatch: pytest.MonkeyPatch, held: set[int], installed: bool, wanted: str, taken: str
) -> None:
    monkeypatch.setattr(capabilities, "held", lambda: held)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/dumpcap" if installed else None)
    assert _engine(wanted) == taken
