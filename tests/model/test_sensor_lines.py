from dataclasses import replace
from datetime import timedelta

import pytest

from tests.model.test_ecs import MAKER, PARENT, sighting
from whence.model import BadInput, CannotAsk, NotPermitted, SensorStatus, WhenceError
from whence.model.sensor_lines import MARGIN, LineReader, LineWriter
from whence.world import EPOCH


def test_what_is_written_is_read_back_as_it_was() -> None:
    writer, reader = LineWriter(), LineReader()
    status = SensorStatus("tracefs", EPOCH, ("UDP",), lost=3, unattributed=1, detail="why")
    for event in (status, sighting(), replace(sighting(), lineage=()), sighting()):
        assert [told for line in writer.lines(event) if (told := reader.event(line))] == [event]


def test_a_process_is_introduced_once() -> None:
    writer = LineWriter()
    assert [len(writer.lines(sighting())) for _ in range(3)] == [3, 1, 1]
    assert len(writer.lines(replace(sighting(), lineage=(replace(MAKER, name="x"), PARENT)))) == 2


def test_both_ends_forget_and_nothing_is_mixed_up() -> None:
    writer, reader = LineWriter(most=3), LineReader(most=3)
    for number in range(4 * MARGIN):
        started = EPOCH + timedelta(seconds=number)
        seen = replace(sighting(), lineage=(replace(MAKER, started_at=started), MAKER, PARENT))
        assert [reader.event(line) for line in writer.lines(seen)][-1] == seen
    assert len(reader._introduced) == 3 + MARGIN


@pytest.mark.parametrize("kind", [NotPermitted, BadInput, CannotAsk])
def test_a_refusal_is_raised_at_the_other_end(kind: type[WhenceError]) -> None:
    line = LineWriter().refusal(kind("no", because="of this", try_="that"))
    with pytest.raises(kind, match="no") as told:
        LineReader().event(line)
    assert (told.value.because, told.value.try_) == ("of this", "that")
