"""What the answers say, held against the truth of the office: who, why, and that it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from whence.lab.contract import Judgement, held_against
from whence.lab.telling import Answer

ENDS = "ends"  # in a truth: what each watch for silence must say, in their order
SILENT, GOES_ON = "silence", "more"
TARGET = "target"
APART = (ENDS, TARGET)  # what is judged by itself
SAYS = {
    SILENT: re.compile(
        r" (?:ceased after|may have ceased after|is silent since) .*: none in \d+ \w+ watched, "
        r"where [\d.]+ were to be expected"
    ),
    GOES_ON: re.compile(r" goes on after the change of .*: seen again .* by (?P<script>/\S+) "),
}
BEFORE = re.compile(r"^  before +(\d+) contacts", re.MULTILINE)
AFTER = re.compile(r"^  after +\d+ \w+ watched by ", re.MULTILINE)


def judge(truth: Mapping[str, str], answers: Sequence[Answer]) -> Judgement:
    """Look whether the first lines name all of it, and whether what came after it is right."""
    named = {what: word for what, word in truth.items() if what not in APART}
    asked = [one for one in answers if _is(one, "whence ") and not _is_end(one)]
    told = held_against(named, "\n".join(said(one) for one in asked))
    missing, false = [*told.missing], [*told.false]
    missing += _not_trapped(truth, answers)
    for fault, is_false in (*_typed(truth, answers), *_ended(truth, answers)):
        (false if is_false else missing).append(fault)
    return Judgement(tuple(missing), tuple(false))


def said(answer: Answer) -> str:
    """Give what an answer says above the facts, up to the verdict."""
    above, verdict, below = answer.text.partition("verdict: ")
    return above + verdict + "".join(below.split()[:1])


def _is(answer: Answer, beginning: str) -> bool:
    return answer.command.startswith(beginning)


def _is_end(answer: Answer) -> bool:
    return _is(answer, "whence trap ") or " --until-silent " in answer.command


def _not_trapped(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[str]:
    """Name what the trap does not tell: a run, what called it, whom it called."""
    if ENDS not in truth:
        return
    trapped = next((one for one in answers if _is(one, "whence trap ")), None)
    last = trapped.text.strip().rpartition("\n")[2] if trapped else ""
    if " ran once in " not in last:
        yield "a run of the program in the trap"
        return
    for what in ("job", "launcher"):
        if truth[what] in last:
            break
    else:
        yield f"what started the run in the trap, {truth['job']}"
    if truth[TARGET] not in last:
        yield f"that the run in the trap called {truth[TARGET]}"


def _typed(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[tuple[str, bool]]:
    """Name the suggestions that do not work as they were printed."""
    typed = [one for one in answers if not _is(one, "whence ")]
    if ENDS in truth and not typed:
        yield "commands that would stop it", False
    for one in typed:
        if one.status:
            yield f"that one can type “{one.command}” ({one.errors.strip()})", True


def _ended(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[tuple[str, bool]]:
    """Hold each watch for silence against what was true then."""
    watched = [one for one in answers if " --until-silent " in one.command]
    for number, true in enumerate(truth.get(ENDS, "").split()):
        if number >= len(watched):
            yield f"whether there is {true} after the change", False
            continue
        answer = watched[number]
        other = GOES_ON if true == SILENT else SILENT
        if SAYS[other].search(answer.sentence):
            yield f"{other} after the change: {answer.sentence}", True
        elif not (found := SAYS[true].search(answer.sentence)):
            yield f"that there is {true} after the change", False
        elif true == GOES_ON and found["script"] != truth["script"]:
            yield f"that {found['script']} makes it go on", True
        elif not BEFORE.search(answer.text):
            yield "how often it came before the change", False
        elif not AFTER.search(answer.text):
            yield "for how long it was watched after the change", False
