from pathlib import Path

import pytest

from whence.model import Reading
from whence.world import EPOCH
from whence.world.recording import read_recording, write_recording


@pytest.mark.parametrize(
    "source", ["/etc/passwd", "readlink -f /" + "a/" * 200 + "end", "link " + "+/" * 300, "ü" * 300]
)
def test_a_recording_is_read_back_under_the_names_it_was_asked_by(
    tmp_path: Path, source: str
) -> None:
    answers = [
        (source, Reading(source, "told\udcff\n", EPOCH, "fw")),
        ("/x", Reading("/x", "", EPOCH, "fw")),
    ]
    assert write_recording(answers, tmp_path / "new") == 2
    assert read_recording(tmp_path / "new") == {source: "told\udcff\n", "/x": ""}
