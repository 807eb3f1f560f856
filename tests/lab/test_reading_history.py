"""The history belongs to root; a member of its group may read it, whatever the recorder does."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.samples import FLOW, sighting, ticking
from whence.model import NotPermitted
from whence.store.history import History
from whence.store.witness import HistoryWitness

pytestmark = pytest.mark.lab

STRANGER = 65534


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        path = Path(scratch) / "history"
        path.mkdir()
        path.chmod(0o2750)
        os.chown(path, 0, STRANGER)
        path.chmod(0o2750)
        yield path


def seen_by_a_stranger(directory: Path, *, member: bool) -> str:
    """Ask the history as another user; give the answer's number of lines, or the refusal."""
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(STRANGER if member else STRANGER - 1)
            os.setuid(STRANGER)
            witness = HistoryWitness(History(directory, ticking()), ticking())
            try:
                answer = str(len(witness.connections(FLOW).text.splitlines()))
            except NotPermitted as reason:
                answer = f"not permitted: {reason.because}"
            os.write(saying, answer.encode())
        finally:
            os._exit(0)
    os.close(saying)
    with os.fdopen(hearing) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


def test_while_the_recorder_is_at_work(directory: Path) -> None:
    with closing(History(directory, ticking())) as history:
        history.add([sighting(0)])
        history.add([sighting(1)])
        assert seen_by_a_stranger(directory, member=True) == "2"
        history.add([sighting(2)])
        assert seen_by_a_stranger(directory, member=True) == "3"


def test_after_the_recorder_was_stopped(directory: Path) -> None:
    with closing(History(directory, ticking())) as history:
        history.add([sighting(0)])
    assert seen_by_a_stranger(directory, member=True) == "1"
    assert len([*directory.iterdir()]) == 1


def test_after_the_recorder_was_killed(directory: Path) -> None:
    child = os.fork()
    if child == 0:
        History(directory, ticking()).add([sighting(0), sighting(1)])
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert seen_by_a_stranger(directory, member=True) == "2"


def test_who_is_not_in_the_group_is_told_so(directory: Path) -> None:
    with closing(History(directory, ticking())) as history:
        history.add([sighting(0)])
        assert "Permission denied" in seen_by_a_stranger(directory, member=False)
