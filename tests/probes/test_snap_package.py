import pytest

from whence.model import CannotAsk, Package, Program
from whence.probes.snap_package import snap_package
from whence.world import RecordedHost

YAML = "name: poll\nversion: '1.2'\nsummary: polls\napps:\n  poll:\n    command: bin/poll\n"


@pytest.mark.parametrize("root", ["/snap", "/var/lib/snapd/snap"])
def test_a_program_of_a_snap(root: str) -> None:
    host = RecordedHost({f"{root}/poll/7/meta/snap.yaml": YAML})
    belongs, said = snap_package(Program("here", f"{root}/poll/7/bin/poll"), host)
    assert (belongs.value, said.value) == (Package("snap", "poll", "1.2"), "polls")


@pytest.mark.parametrize("path", ["/usr/bin/poll", "/snap/bin/poll", "/home/a/snap/poll/1/x"])
def test_a_program_of_no_snap(path: str) -> None:
    assert not [*snap_package(Program("here", path), RecordedHost())]


def test_a_snap_that_was_removed() -> None:
    with pytest.raises(CannotAsk):
        [*snap_package(Program("here", "/snap/poll/7/bin/poll"), RecordedHost())]
