"""What is drawn for the firewall's office makes sense whatever the seed is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from whence.lab.contract import NEVER, Outcome
from whence.lab.stories.firewall.building import truth as truth_of
from whence.lab.stories.firewall.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.firewall.telling import judge
from whence.lab.telling import Answer

offices = some.builds(draw, some.integers(0, 1 << 31), some.sampled_from(VARIANTS))
truths = offices.map(truth_of)


def said(text: str) -> list[Answer]:
    return [Answer("whence 192.0.2.1:443", text, "", 0, 1.0)]


@given(offices)
def test_nobody_has_the_address_of_another(office: Drawn) -> None:
    assert len({office.remote, office.innocent, office.web, office.wan}) == 4
    assert office.desk != office.files


@given(truths)
def test_telling_of_one_thing_does_not_tell_of_another(truth: dict[str, str]) -> None:
    apart = ("likeness", "launcher")  # that names the package again; of cron it is the job's folder
    for what, word in truth.items():
        others = ", ".join(text for key, text in truth.items() if key not in (what, *apart))
        if what not in ("package", *apart) and not what.startswith(NEVER):
            assert f"the {what} {word}" in judge(truth, said(others)).missing


@given(truths)
def test_an_answer_is_right_if_its_first_line_names_all(truth: dict[str, str]) -> None:
    wanted = (word for what, word in truth.items() if not what.startswith(NEVER))
    sentence = ", ".join(wanted)
    assert (
        judge(truth, said(f"\n{sentence}\nverdict: explained    case: 1\n")).outcome
        is Outcome.COMPLETELY
    )
    assert (
        f"the script {truth['script']}"
        in judge(truth, said(f"Somebody.\nverdict: explained\n{sentence}")).missing
    )


@given(truths)
def test_an_answer_that_leaves_out_the_script_is_only_a_part(truth: dict[str, str]) -> None:
    sentence = ", ".join(
        word for what, word in truth.items() if what != "script" and not what.startswith(NEVER)
    )
    assert judge(truth, said(sentence)).outcome is Outcome.PARTLY


@given(truths)
def test_an_answer_that_names_the_innocent_job_is_wrong(truth: dict[str, str]) -> None:
    assert judge(truth, said(", ".join(truth.values()))).outcome is Outcome.WRONGLY


@given(offices)
def test_the_innocent_job_has_another_name(office: Drawn) -> None:
    assert len({office.job, office.decoy, office.program}) == 3
