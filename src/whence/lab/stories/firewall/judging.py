"""What the answers say, held against the truth of the office: who, why, and that it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from whence.lab.contract import Judgement, held_against
from whence.lab.telling import Answer

# In a truth, what is judged by itself:
ENDS = "after the change"  # what each watch for silence must say, in their order
TARGET = "target"
PASSING, OWN = "inside", "own address"  # who calls the same place through the firewall, as whom
CLOCK = "seconds of a clock"  # that the provider's is ahead
APART = (ENDS, TARGET, PASSING, OWN, CLOCK)

SILENT, GOES_ON = "silence", "more"
SAYS = {
    SILENT: re.compile(
        r" (?:ceased after|may have ceased after|is silent since) .*: none in \d+ \w+ watched, "
        r"where [\d.]+ were to be expected"
    ),
    GOES_ON: re.compile(r" goes on after the change of .*: seen again .* by (?P<script>/\S+) "),
}
BEFORE = re.compile(r"^  before +(\d+) contacts", re.MULTILINE)
AFTER = re.compile(r"^  after +\d+ \w+ watched by ", re.MULTILINE)
CLOCK_SAID = re.compile(r" is (?:(\d+) min)? ?(?:(\d+) s)? (ahead of|behind) this machine's")
NEAR = 2  # seconds

Fault = tuple[str, bool]  # and whether something false was said


def judge(truth: Mapping[str, str], answers: Sequence[Answer]) -> Judgement:
    """Look whether the first lines name all of it, and whether what came after it is right."""
    named = {what: word for what, word in truth.items() if what not in APART}
    asked = [one for one in answers if _asks(one) and not _is_end(one)]
    told = held_against(named, "\n".join(said(one) for one in asked))
    faults = [*_trapped(truth, answers), *_typed(truth, answers), *_ended(truth, answers)]
    faults += [*_passing(truth, answers), *_clock(truth, answers)]
    missing = (fault for fault, is_false in faults if not is_false)
    false = (fault for fault, is_false in faults if is_false)
    return Judgement((*told.missing, *missing), (*told.false, *false))


def said(answer: Answer) -> str:
    """Give what an answer says above the facts, up to the verdict."""
    above, verdict, below = answer.text.partition("verdict: ")
    return above + verdict + "".join(below.split()[:1])


def _asks(answer: Answer, *words: str) -> bool:
    return answer.command.startswith(" ".join(("whence", *words)))


def _is_end(answer: Answer) -> bool:
    return _asks(answer, "trap") or _asks(answer, "path") or _is_watch(answer)


def _is_watch(answer: Answer) -> bool:
    return " --until-silent " in answer.command


def _trapped(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[Fault]:
    """Name what the trap does not tell: a run, what called it, whom it called."""
    if ENDS not in truth:
        return
    trapped = next((one for one in answers if _asks(one, "trap")), None)
    last = trapped.text.strip().rpartition("\n")[2] if trapped else ""
    if " ran once in " not in last:
        yield "a run of the program in the trap", False
        return
    if not any(truth[what] in last for what in ("job", "launcher")):
        yield f"what started the run in the trap, {truth['job']}", False
    if truth[TARGET] not in last:
        yield f"that the run in the trap called {truth[TARGET]}", False


def _typed(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[Fault]:
    """Name the suggestions that do not work as they were printed."""
    typed = [one for one in answers if not _asks(one)]
    if ENDS in truth and not typed:
        yield "commands that would stop it", False
    for one in typed:
        if one.status:
            yield f"that one can type “{one.command}” ({one.errors.strip()})", True


def _ended(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[Fault]:
    """Hold each watch for silence against what was true then."""
    watched = [one for one in answers if _is_watch(one)]
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


def _passing(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[Fault]:
    """Look whether what passes through is told apart from what starts here, wherever it shows."""
    if PASSING not in truth:
        return
    own, target = truth[OWN], truth[TARGET].replace(":", " port ")
    way = next((one.text for one in answers if _asks(one, "path")), "")
    silence = next((one.text for one in answers if _is_watch(one)), "")
    first = said(answers[0]) if answers else ""
    if f"{own} → {target}/tcp starts here" not in way:
        yield f"that some of it starts at {own}", False
    for inside in truth[PASSING].split():
        if f"{inside} → {target}/tcp starts here" in way:
            yield f"that what {inside} calls starts here", True
        elif f"{inside} → {target}/tcp passes through" not in way:
            yield f"that what {inside} calls passes through", False
        if f"the source {inside} becomes {own}" not in way:
            yield f"that {inside} leaves as {own}", False
        if not re.search(rf"passes on connections of .*{re.escape(inside)}, \d+ conn", first):
            yield f"that connections of {inside} do not start here", False
        if inside not in silence:
            yield f"that connections of {inside} go on", False


def _clock(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[Fault]:
    """Look whether the provider's clock is said to be wrong, and by how much."""
    if CLOCK not in truth:
        return
    found = [told for one in answers for told in CLOCK_SAID.finditer(said(one))]
    if not found:
        yield "that the provider's clock differs", False
    for minutes, seconds, way in (told.groups() for told in found):
        ahead = int(minutes or 0) * 60 + int(seconds or 0)
        ahead = ahead if way.startswith("ahead") else -ahead
        if abs(ahead - int(truth[CLOCK])) > NEAR:
            yield f"that the provider's clock is {ahead} s ahead", True
