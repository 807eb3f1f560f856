"""The firewall's office makes sense whatever the seed is, and so does its judge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from whence.lab.contract import NEVER, Judgement, Outcome
from whence.lab.stories.firewall.apart import ACK, FIN, SYN, Segment, checksum, segment
from whence.lab.stories.firewall.building import truth as truth_of
from whence.lab.stories.firewall.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.firewall.ending import choose, remedies
from whence.lab.stories.firewall.judging import (
    APART,
    CLOCK,
    ENDS,
    GOES_ON,
    OWN,
    PASSING,
    TARGET,
    judge,
)
from whence.lab.telling import Answer

BRIEF = settings(max_examples=25)
offices = some.builds(draw, some.integers(0, 1 << 31), some.sampled_from(VARIANTS))
truths = offices.map(truth_of)

SILENCE = """\
{target} is silent since 2026-01-01 10:00:40 UTC: none in 30 s watched, where 2.5 were to be expected.
  before       4 contacts in 33 s watched
  after        30 s watched by ebpf, 0 sightings lost
"""  # noqa: E501
MORE = """\
{target} goes on after the change of 2026-01-01 10:00:40 UTC: seen again 2026-01-01 10:00:50 UTC by {script} (pid 7).
  before       4 contacts in 33 s watched
  after        9 s watched by ebpf, 0 sightings lost
"""  # noqa: E501
SUGGESTED = """\
verdict: explained    case: 2026-01-01-aaaa

what would stop it (whence does none of this):
  1. likely: Put line 3 of /etc/a.conf right.
       cp -p /etc/a.conf /var/tmp/before
       vi +3 /etc/a.conf
     undo: cp -p /var/tmp/before /etc/a.conf
     also stops: whatever else uses that line
  2. Take /etc/cron.daily/a the right to be run.
       chmod a-x /etc/cron.daily/a
     undo: chmod a+x /etc/cron.daily/a
           touch /etc/cron.daily/a
     also stops: all else that this script does
  3. Restart it by hand.
     undo: nothing
  Afterwards, to prove it: whence 2026-01-01-aaaa --until-silent 24h
"""


def answer(text: str, command: str = "192.0.2.1:443", status: int = 0) -> Answer:
    return Answer(f"whence {command}", text, "", status, 1.0)


def words(truth: dict[str, str], *without: str) -> list[str]:
    left = (*APART, *without)
    return [text for what, text in truth.items() if what not in left and not what.startswith(NEVER)]


def first(truth: dict[str, str], *without: str) -> Answer:
    told = words(truth, *without)
    if PASSING in truth and PASSING not in without:
        inside = ", 2 connections; ".join(truth[PASSING].split())
        told.append(f"passes on connections of {inside}, 2 connections")
    if CLOCK in truth:
        ahead = int(truth[CLOCK])
        minutes, seconds = divmod(abs(ahead), 60)
        way = "ahead of" if ahead > 0 else "behind"
        told.append(f"the clock of x is {minutes} min {seconds} s {way} this machine's")
    return answer(", ".join(told) + "\nverdict: explained    case: 1\n")


def ending(truth: dict[str, str]) -> Iterator[Answer]:
    """Answer as it is right after the first answer."""
    target = truth[TARGET]
    if PASSING in truth:
        port = target.replace(":", " port ")
        lines = [f"{truth[OWN]} → {port}/tcp starts here"]
        for inside in truth[PASSING].split():
            lines.append(f"{inside} → {port}/tcp passes through: in by lan")
            lines.append(f"  the source {inside} becomes {truth[OWN]}: NAT")
        yield answer("\n".join(lines), f"path {target} x.pcapng")
    run = f"x ran once in 9 s: by {truth['job']}, 1 of 1; it called {target}.\n"
    yield answer(run, "trap x --runs 1")
    yield Answer("chmod a-x x", "", "", 0, 0.0)
    for end in truth[ENDS].split():
        text = (MORE if end == GOES_ON else SILENCE).format(**truth)
        yield answer(text + f"  passes {truth.get(PASSING, '')}\n", "aaaa --until-silent 25s")


def told(truth: dict[str, str]) -> list[Answer]:
    return [first(truth), *ending(truth)]


def changed(truth: dict[str, str], command: str, text: str, status: int = 0) -> Judgement:
    """Judge answers of which that to one command is another."""
    return judge(
        truth,
        [answer(text, one.command.removeprefix("whence "), status) if command in one.command
         else one for one in told(truth)],
    )  # fmt: skip


@BRIEF
@given(offices)
def test_nobody_has_the_address_of_another(office: Drawn) -> None:
    assert len({office.remote, office.innocent, office.web, office.wan}) == 4
    inside = (office.desk, office.files, *office.inside)
    assert len({*inside, f"{office.lan}.1"}) == len(inside) + 1


@BRIEF
@given(truths)
def test_telling_of_one_thing_does_not_tell_of_another(truth: dict[str, str]) -> None:
    apart = ("likeness", "launcher")  # that names the package again; of cron it is the job's folder
    for what, word in truth.items():
        others = ", ".join(words(truth, what, *apart))
        if what not in ("package", *apart, *APART) and not what.startswith(NEVER):
            assert f"the {what} {word}" in judge(truth, [answer(others)]).missing


@BRIEF
@given(truths)
def test_an_answer_is_right_if_its_first_lines_name_all_and_it_ends_as_it_should(
    truth: dict[str, str],
) -> None:
    assert judge(truth, told(truth)) == Judgement()
    below = answer(f"Somebody.\nverdict: explained\n{', '.join(words(truth))}")
    assert f"the script {truth['script']}" in judge(truth, [below, *ending(truth)]).missing


@BRIEF
@given(truths)
def test_an_answer_that_leaves_something_out_is_only_a_part(truth: dict[str, str]) -> None:
    for what in ("script", "code"):
        answers = [first(truth, what), *ending(truth)]
        assert judge(truth, answers).outcome is Outcome.PARTLY
    assert judge(truth, told(truth)[:1]).outcome is Outcome.PARTLY


@BRIEF
@given(truths)
def test_an_answer_that_names_the_innocent_job_is_wrong(truth: dict[str, str]) -> None:
    wrong = answer(", ".join(truth.values()))
    assert judge(truth, [wrong, *ending(truth)]).outcome is Outcome.WRONGLY


@BRIEF
@given(truths)
def test_a_silence_that_is_none_and_one_that_is_not_seen_are_wrong(truth: dict[str, str]) -> None:
    text = (SILENCE if truth[ENDS].split()[0] == GOES_ON else MORE).format(**truth)
    assert changed(truth, "--until-silent", text).outcome is Outcome.WRONGLY


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("trap", "x did not run in 100 s."),
        ("trap", "x ran once in 9 s: by systemd, 1 of 1; it called 192.0.2.9:1."),
        ("--until-silent", SILENCE.partition("\n")[0]),
        ("--until-silent", "{target}: nobody watched since 2026-01-01, nothing can be said."),
    ],
)
def test_an_end_without_its_figures_is_only_a_part(command: str, text: str) -> None:
    truth = truth_of(draw(5, "anacron"))
    assert changed(truth, command, text.format(**truth)).outcome is Outcome.PARTLY


def test_a_suggestion_that_cannot_be_typed_is_wrong() -> None:
    truth = truth_of(draw(5, "anacron"))
    failed = Answer("chmod a-x x", "", "no such file", 1, 0.0)
    assert judge(truth, [*told(truth), failed]).outcome is Outcome.WRONGLY


def test_another_program_that_goes_on_is_wrong() -> None:
    truth = truth_of(draw(5, "undone"))
    other = MORE.format(**truth | {"script": "/usr/bin/other"})
    assert changed(truth, "--until-silent", other).outcome is Outcome.WRONGLY


def test_what_passes_through_must_be_told_from_what_starts_here() -> None:
    truth = truth_of(draw(5, "nat"))
    inside = truth[PASSING].split()[0]
    way = f"{inside} → {truth[TARGET].replace(':', ' port ')}/tcp starts here"
    assert changed(truth, "path", way).outcome is Outcome.WRONGLY
    assert judge(truth, [first(truth, PASSING), *ending(truth)]).outcome is Outcome.PARTLY


def test_a_clock_must_be_told_and_rightly() -> None:
    truth = truth_of(draw(5, "clocks"))
    silent = answer(", ".join(words(truth)) + "\nverdict: explained\n")
    assert judge(truth, [silent, *ending(truth)]).outcome is Outcome.PARTLY
    off = first(truth | {CLOCK: str(int(truth[CLOCK]) + 60)})
    assert judge(truth, [off, *ending(truth)]).outcome is Outcome.WRONGLY


def test_suggestions_are_read_as_they_are_printed() -> None:
    setting, job = remedies(SUGGESTED)
    assert setting.commands == ("cp -p /etc/a.conf /var/tmp/before", "vi +3 /etc/a.conf")
    assert setting.undo == ("cp -p /var/tmp/before /etc/a.conf",)
    assert job.commands == ("chmod a-x /etc/cron.daily/a",)
    assert job.undo == ("chmod a+x /etc/cron.daily/a", "touch /etc/cron.daily/a")
    assert choose([setting, job], "setting") is setting
    assert choose([setting, job], "job") is job
    assert choose([setting, job], "job", job.commands) is setting
    assert choose([], "job") is None
    assert not remedies("Somebody.\nverdict: insufficient")


def test_a_station_apart_speaks_as_the_rfc_says() -> None:
    asked = Segment("192.0.2.5", 50000, "203.0.113.7", 443, 7, 0, SYN)
    packet = asked.packed()
    assert segment(packet) == asked
    assert checksum(packet[:20]) == 0  # RFC 1071: with its own sum in it
    heard = asked.reply(SYN | ACK)
    assert (heard.source, heard.to_port, heard.acknowledged) == ("203.0.113.7", 50000, 8)
    said = heard.reply(ACK, b"abc")
    assert (said.sequence, said.acknowledged) == (8, heard.sequence + 1 & 0xFFFFFFFF)
    over = said.reply(FIN | ACK).reply(ACK)
    assert (over.sequence, over.acknowledged) == (11, said.acknowledged + 1 & 0xFFFFFFFF)
    assert segment(packet[:30]) is None


@BRIEF
@given(offices)
def test_the_innocent_job_has_another_name(office: Drawn) -> None:
    assert len({office.job, office.decoy, office.program}) == 3
