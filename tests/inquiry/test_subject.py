import json

import pytest

from whence.inquiry.subject import subject_of
from whence.model import BadInput, CannotAsk, Flow, Mac
from whence.world import RecordedHost
from whence.world.processes import LiveProcesses

NEIGHBOURS = [
    {"dst": "192.0.2.5", "dev": "eth0", "lladdr": "02:00:5e:00:53:05", "state": ["STALE"]},
    {"dst": "2001:db8::5", "dev": "eth0", "lladdr": "02:00:5e:00:53:05", "state": ["STALE"]},
    {"dst": "192.0.2.1", "dev": "eth0", "lladdr": "02:00:5e:00:53:01", "state": ["STALE"]},
    {"dst": "192.0.2.2", "dev": "eth0", "lladdr": "02:00:5e:00:53:01", "state": ["STALE"]},
    {"dst": "192.0.2.9", "dev": "eth0", "state": ["FAILED"]},
]
HOST = RecordedHost({"ip -json neigh": json.dumps(NEIGHBOURS)})


def about(mac: str) -> object:
    return subject_of(Mac(mac), HOST, LiveProcesses.open(), online=False)


def test_a_mac_address_stands_for_the_neighbour_that_has_it() -> None:
    assert about("02:00:5e:00:53:05") == Flow("192.0.2.5")


def test_a_mac_address_that_no_neighbour_has() -> None:
    with pytest.raises(CannotAsk) as told:
        about("02:00:5e:00:53:77")
    assert told.value.because


def test_a_mac_address_of_several_addresses_names_them() -> None:
    with pytest.raises(BadInput) as told:
        about("02:00:5e:00:53:01")
    assert told.value.because == "192.0.2.1, 192.0.2.2"
