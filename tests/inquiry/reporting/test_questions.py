"""What a report says to each of the ten questions, and what to type where it says nothing."""

import json

import pytest

from tests.inquiry.reporting.samples import NOON, REMOTE, TEXTS, Own, plain, remedies
from whence.inquiry.reporting.questions import IMPORT_AGAIN, Asked, answered
from whence.inquiry.reporting.report import State, Topic
from whence.model import Confidence, Flow, Process, Reading, Remote
from whence.model.observables import IMPORTED

ASKED = Asked({}, {})


def test_what_would_stop_it_is_told_with_its_undo() -> None:
    (told,) = (one for one in plain().questions if one.topic is Topic.REMEDY)
    assert (told.state, told.confidence) == (State.ANSWERED, Confidence.LIKELY)
    for form in ("html", "md"):
        text = TEXTS[form](plain())
        for words in ("kill -TERM 4711", "undo: ", "3s/^#//", "ask quillfeather", "also stops: "):
            assert words in text, form
    document = json.loads(TEXTS["json"](plain()))
    (end, block) = document["whence"]["report"]["questions"][9]["remedies"]
    assert (end["invasive"], end["evidence"], end["undo_text"]) == (
        "one-process", ["E1"], "ask quillfeather"
    )  # fmt: skip
    assert block["commands"] == []


def test_without_a_remedy_the_question_is_open() -> None:
    told = answered(Flow(REMOTE, 443), (), (), ASKED)[-1]
    assert (told.state, told.remedies) == (State.OPEN, ())
    assert told.try_.startswith(f"whence watch {REMOTE}:443")


def test_of_an_imported_process_another_look_is_wanted() -> None:
    flow = Flow(REMOTE, 443)
    there = Process("PC1", f"{IMPORTED}1", 4420, 1)
    made = flow.fact("made-by", there, Reading("file", "x", NOON, "here").whole())
    assert answered(flow, (), [made], ASKED, remedies(Own()))[-1].try_ == IMPORT_AGAIN


@pytest.mark.parametrize(
    ("subject", "near", "place"),
    [
        (Flow(REMOTE, 443), "192.168.44.5", "192.168.44.5"),
        (Flow(REMOTE, 443), "", "ADDRESS"),
        (Flow(REMOTE, 443, "10.0.0.5"), "192.168.44.5", "10.0.0.5"),
        (Flow("10.0.0.9", 443), "", "10.0.0.9"),
        (Remote(REMOTE, 443), "192.168.44.5", "192.168.44.5"),
        (Remote(REMOTE, 443), "", "ADDRESS"),
    ],
)
def test_the_machine_that_is_looked_for_is_the_near_end(
    subject: Flow | Remote, near: str, place: str
) -> None:
    told = {one.topic: one.try_ for one in answered(subject, (), (), ASKED, (), near)}
    assert told[Topic.PLACE] == f"whence place {place}"
    assert told[Topic.STATION] == f"whence station {place} --ask-neighbours"
