from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.test_full_disk import no_file_larger_than
from whence.model import BadInput, CannotStore
from whence.store.log_sources import Piece, Sources

FIRST = b"".join(b"Nov 24 03:17:%02d fw one line %d\n" % (n % 60, n) for n in range(500))
OTHER = FIRST[:6000] + b"and now for something else\n" * 400
HERE = Path("/var/log/fw.log")


def of(content: bytes) -> Piece:
    return lambda begin, size: content[begin : begin + size]


def test_a_file_is_known_by_what_it_says(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    found = sources.of(HERE, len(FIRST), of(FIRST))
    sources.loaded(found, HERE, len(FIRST), of(FIRST))
    again = Sources(tmp_path)
    longer = FIRST + b"one more\n"
    known = again.of(Path("/var/log/fw.log.1"), len(longer), of(longer))
    assert (known.number, known.checked) == (found.number, len(FIRST))


def test_a_file_that_only_begins_alike_is_another(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    found = sources.of(HERE, len(FIRST), of(FIRST))
    sources.loaded(found, HERE, 8000, of(FIRST))
    assert sources.of(HERE, len(OTHER), of(OTHER)).number != found.number


def test_a_part_of_a_file_that_was_loaded_is_refused(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    found = sources.of(HERE, len(FIRST), of(FIRST))
    sources.loaded(found, HERE, len(FIRST), of(FIRST))
    with pytest.raises(BadInput, match="was not loaded") as refusal:
        sources.of(Path("part.log"), 5000, of(FIRST[:5000]))
    assert refusal.value.try_


def test_a_file_that_grew_from_one_line(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    found = sources.of(HERE, 33, of(FIRST[:33]))
    sources.loaded(found, HERE, 33, of(FIRST[:33]))
    assert sources.of(HERE, len(FIRST), of(FIRST)).number == found.number


def test_damaged_notes_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "files.json").write_text("[{")
    with pytest.raises(BadInput, match="damaged"):
        Sources(tmp_path)
    assert (tmp_path / "files.json").read_text() == "[{"


def test_notes_that_found_no_room_are_as_they_were(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    found = sources.of(HERE, len(FIRST), of(FIRST))
    noted = (tmp_path / "files.json").read_text()
    with no_file_larger_than(100), pytest.raises(CannotStore):
        sources.loaded(found, HERE, len(FIRST), of(FIRST))
    assert [path.name for path in tmp_path.iterdir()] == ["files.json"]
    assert (tmp_path / "files.json").read_text() == noted
