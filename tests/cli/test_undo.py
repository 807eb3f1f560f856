from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from whence.world import durable
from whence.world.mirror_folder import Before, MirrorFolder
from whence.world.undo_folder import UndoFolder

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@contextmanager
def changed(state: Path, until: datetime | None = None) -> Iterator[Path]:
    with UndoFolder(state / "undo/passing").hold("trap", "/usr/bin/\x1b[2Jx", until) as undo:
        undo.write(state / "changed", b"ours")
        yield state / "changed"


def mirrored(state: Path, url: str, boot: str = "") -> MirrorFolder:
    folder = MirrorFolder(state / "bisect")
    durable.make_folder(folder.path, 0o700)
    folder.will_change(Before(url, "sw1", "{}", boot))
    return folder


def test_without_anything_left_it_says_so(whence: Whence) -> None:
    assert whence("undo") == (0, "there is nothing to take back\n", "")
    assert whence("undo", "--list") == (0, "nothing is changed\n", "")
    assert whence("undo", "--list", "--json") == (0, "", "")


def test_what_was_left_is_listed_and_taken_back(whence: Whence, tmp_path: Path) -> None:
    with changed(tmp_path / "state") as file:
        status, out, _ = whence("undo", "--list")
        assert (status, out) == (0, "trap     /usr/bin/\\x1b[2Jx  (in use)\n")
        assert "nothing to take back" in whence("undo", "--all")[1]
    assert "(left behind)" in whence("undo", "--list")[1]
    status, out, _ = whence("undo", "--json")
    told = json.loads(out)["whence"]["undo"]
    assert (status, told["kind"], told["done"]) == (0, "trap", True)
    assert told["said"] == [f"removed {file}"]
    assert not file.exists()


def test_any_whence_that_starts_takes_back_what_was_left(whence: Whence, tmp_path: Path) -> None:
    with changed(tmp_path / "state") as file:
        assert whence("data", "status")[2] == ""
    assert whence("data", "status")[2] == f"whence: removed {file}\n"
    assert whence("data", "status")[2] == ""


def test_what_is_to_stay_a_while_goes_at_boot(whence: Whence, tmp_path: Path) -> None:
    with changed(tmp_path / "state", LATER) as file:
        pass
    assert "(until 2100-01-01 00:00 UTC)" in whence("undo", "--list")[1]
    assert whence("data", "status")[2] == ""
    whence("undo")
    assert file.exists()
    assert whence("undo", "--all")[:2] == (0, f"removed {file}\n")


def test_a_switch_that_does_not_answer_is_not_forgotten(whence: Whence, tmp_path: Path) -> None:
    folder = mirrored(tmp_path / "state", "ovs://br0/mon?db=unix:/nonexistent")
    status, out, _ = whence("undo")
    assert status == 1
    assert "not taken back: bisect sw1" in out
    assert "try: whence undo" in whence("data", "status")[2]
    assert folder.before()


def test_mirrors_of_this_machine_do_not_outlive_its_boot(whence: Whence, tmp_path: Path) -> None:
    folder = mirrored(tmp_path / "state", "tc:///absent0", "another")
    status, out, _ = whence("undo")
    assert (status, out) == (0, "sw1 has forgotten all mirrors when this machine restarted\n")
    assert folder.before() is None


def test_a_damaged_journal_is_told(whence: Whence, tmp_path: Path) -> None:
    with changed(tmp_path / "state"):
        pass
    [journal] = (tmp_path / "state/undo/passing").iterdir()
    journal.write_text("{}\n")
    status, _, err = whence("undo")
    assert status == 74
    assert "is damaged" in err
    assert "is damaged; see: whence undo" in whence("data", "status")[2]


def test_what_only_a_person_can_put_back_is_not_asked_for_by_the_way(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question would have taken the first line of what another command was to read."""
    folder = mirrored(tmp_path / "state", "manual:")
    typed = StringIO("\n\n")
    monkeypatch.setattr("sys.stdin", typed)
    status, _, err = whence("data", "status")
    assert (status, typed.tell()) == (0, 0)
    assert err == "whence: sw1 is still as a search left it; try: whence undo\n"
    status, out, err = whence("undo")
    assert (status, folder.before()) == (0, None)
    assert "set port mirroring as it was before" in err
    assert out == "sw1 mirrors what it mirrored before\n"
