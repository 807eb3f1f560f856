"""What the answers say, held against the truth of the office."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from whence.lab.contract import Judgement
from whence.lab.stories.ghosts.drawing import ENDED, KINDS
from whence.lab.telling import Answer

SHARE = re.compile(r"(\d+) % (?:of the increase is )?")
PAIR = re.compile(r"(\d+) % (?:of the increase is )?(\S+) → (\S+)")
SINCE = re.compile(r"(?:Since|From) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
NEAR = timedelta(seconds=10)
NONE_SINCE = re.compile(r"none in the [\d.]+ \w+ of log since, where [\d.,]+ were to be expected")
FELL_SILENT = re.compile(
    r"fell silent at .*: none in .*, where [\d,.]+ packets were to be expected"
)
FIRST_CHANGE = re.compile(r"^ +1  (.*)$", re.MULTILINE)


def judge(truth: Mapping[str, str], answers: Sequence[Answer]) -> Judgement:
    """Say what is missing, and what is false."""
    missing, false = [*_log_missing(truth, answers)], [*_log_false(truth, answers)]
    for kind in KINDS:
        if f"{kind} program" in truth:
            more, wrong = _host(truth, kind, answers)
            missing += more
            false += wrong
            missing += _not_mended(truth, kind, answers)
        if f"{kind} silence" in truth:
            more, wrong = _silence(truth, kind, answers)
            missing += more
            false += wrong
    if "update" in truth and not _update_is_first(truth, answers):
        missing.append(f"the update of {truth['update']} as first of the changes")
    if "spoofed source" in truth and not _is_no_station(truth, answers):
        missing.append(f"that no station answers for {truth['spoofed source']}")
    return Judgement(tuple(missing), tuple(false))


def _told(answers: Sequence[Answer], *words: str) -> Answer | None:
    """Give the first answer to a command that begins with these words."""
    wanted = " ".join(("whence", *words))
    return next((one for one in answers if one.command.startswith(wanted)), None)


def _log_missing(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[str]:
    explained = _told(answers, "logs explain")
    sentence = explained.sentence if explained else ""
    parts = sentence.partition(";")[0].split(", ")
    for kind in KINDS:
        if f"{kind} source" not in truth:
            continue
        ends = [truth[f"{kind} {what}"] for what in ("source", "network", "port")]
        part = next((one for one in parts if f"{ends[0]} →" in one and f"{ends[1]}." in one), "")
        if not part or f"port {ends[2]}" not in part:
            yield f"that {ends[0]} calls {ends[1]}.0/24 port {ends[2]}"
        elif kind != "management" and "no answer in" not in part:
            yield f"that nobody answers in {ends[1]}.0/24"
    if "onset" in truth and not _is_near(sentence, truth["onset"]):
        yield f"that it began at {truth['onset']} UTC"
    if sum(map(int, SHARE.findall(sentence))) != 100:
        yield "shares that add up"
    if "coincides with" not in sentence or f"{truth.get('reload')}: the device" not in sentence:
        yield "that the firewall was started anew just before"
    forecast = _told(answers, "logs forecast")
    if not forecast or "full in" not in forecast.text or "without " not in forecast.text:
        yield "when the disk is full, with and without it"


def _is_near(sentence: str, onset: str) -> bool:
    """Say whether it is told to have begun when it did, by the log server's clock."""
    found = SINCE.match(sentence)
    if found is None:
        return False
    told, true = (datetime.fromisoformat(text) for text in (found[1], onset))
    return abs(told - true) <= NEAR


def _log_false(truth: Mapping[str, str], answers: Sequence[Answer]) -> Iterator[str]:
    explained = _told(answers, "logs explain")
    sources = [text for name, text in truth.items() if name.endswith(" source")]
    for _, source, called in PAIR.findall(explained.sentence if explained else ""):
        if source not in sources:
            yield f"that {source} → {called} makes up the increase"


def has_ended(text: str, source: str) -> bool:
    """Say whether an explanation tells that what a source makes has ended, and by what figures."""
    return _is_over(text, source) and NONE_SINCE.search(_part(text, source)) is not None


def _is_over(text: str, source: str) -> bool:
    rows = (row for row in text.splitlines() if f"  {source} →" in row and " % " in row)
    return "goes on" not in next(rows, "goes on")


def _part(text: str, source: str) -> str:
    """Give what an explanation says of what a source makes."""
    found = re.search(
        rf"^\d+\. {re.escape(source)} →.*?(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[0] if found else ""


def _silence(
    truth: Mapping[str, str], kind: str, answers: Sequence[Answer]
) -> tuple[list[str], list[str]]:
    """Hold the silence that is told against what was put right, on its host and in the log."""
    source, network = truth[f"{kind} source"], truth[f"{kind} network"]
    looks = [one for one in answers if one.command.startswith("whence logs explain")]
    last = looks[-1].text if len(looks) > 1 else ""
    watched = [
        one.sentence for one in answers
        if "--until-silent" in one.command and one.sentence.startswith(f"{network}.")
    ]  # fmt: skip
    again = [sentence for sentence in watched if "goes on after the change" in sentence]
    silent = [sentence for sentence in watched if "none in" in sentence]
    here = f"{kind} launcher" in truth  # else whence cannot be asked there
    if truth[f"{kind} silence"] == ENDED:
        missing = (
            [] if has_ended(last, source) else [f"that {source} has stopped, and by what figures"]
        )
        if here and not any(map(FELL_SILENT.search, silent)):
            missing.append(f"that {source} fell silent on its host, and by what figures")
        return missing, [f"that {source} goes on"] if again else []
    missing = [] if here and again else [f"that {source} still goes on"]
    return missing, [f"that {source} is silent"] if silent or _is_over(last, source) else []


def _not_mended(truth: Mapping[str, str], kind: str, answers: Sequence[Answer]) -> Iterator[str]:
    """Name what the words that are printed did not put right."""
    if truth.get(f"{kind} silence") != ENDED or f"{kind} place" not in truth:
        return
    file = truth[f"{kind} place"].partition(" (")[0]
    word = truth[f"{kind} network"] if kind == "monitoring" else file
    typed = [one for one in answers if not one.command.startswith("whence ")]
    own = [one for one in typed if word in one.command]
    if not own or any(one.status for one in own):
        yield f"a remedy for {file} that works as it is printed"


def _host(
    truth: Mapping[str, str], kind: str, answers: Sequence[Answer]
) -> tuple[list[str], list[str]]:
    network, port = truth[f"{kind} network"], truth[f"{kind} port"]
    asked = next((one for one in answers if _asks(one, network, port)), None)
    program, launcher = truth[f"{kind} program"], truth.get(f"{kind} launcher", "")
    if asked is None:
        return [f"the program {program}"], []
    missing = [
        f"the {what} {word}"
        for what, word in (("program", program), ("launcher", launcher))
        if word not in asked.sentence
    ]
    others = [truth.get(f"{other} program") for other in KINDS if other != kind]
    false = [f"the program {other}" for other in others if other and other in asked.sentence]
    place = truth.get(f"{kind} place", "")  # nothing, where whence cannot be asked
    said = [asked.text, *(one.sentence for one in answers if f"find {network}." in one.command)]
    if not any(place in text for text in said):
        missing.append(f"the place {place}")
    return missing, false


def _asks(answer: Answer, network: str, port: str) -> bool:
    words = answer.command.split()
    return len(words) > 1 and words[1].startswith(f"{network}.") and words[1].endswith(f":{port}")


def _update_is_first(truth: Mapping[str, str], answers: Sequence[Answer]) -> bool:
    firsts = [
        FIRST_CHANGE.search(one.text)
        for one in answers
        if one.command.startswith("whence changes ")
    ]
    return any(f"{truth['update']}:all was upgraded" in first[1] for first in firsts if first)


def _is_no_station(truth: Mapping[str, str], answers: Sequence[Answer]) -> bool:
    asked = _told(answers, "station", truth["spoofed source"])
    said = ("no station answers for it", "does not answer")
    return asked is not None and any(words in asked.sentence for words in said)
