"""What the facts add up to: one sentence, one verdict, and the chain that leads there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from whence.inquiry.chain import launch_facts, package_of
from whence.inquiry.known import Known, Story, Verdict
from whence.inquiry.names_called import called_by, naming
from whence.inquiry.place_story import PLACED, QUESTIONS, beside_station, tell_place
from whence.inquiry.program_story import DIFFERS, NAMES, differs_sentence, tell_of_program
from whence.inquiry.remote_story import tell_of_remote
from whence.inquiry.stations import station_of, tell_station
from whence.inquiry.unseen_story import (
    CAPTURED,
    CONFIGURED,
    MOST_PLACES,
    REPORTED,
    configured,
    story_of_times,
)
from whence.inquiry.wide_ranges import is_wide_range
from whence.model import (
    Confidence,
    Container,
    Fact,
    Flow,
    Ip,
    Job,
    Mac,
    Observable,
    Process,
    Program,
    Remote,
    Setting,
)
from whence.model.plural import many

MAKERS = {"made-by": "was contacted", "answered-by": "is answered"}
# Probes that `whence station` asks, and `whence place` does not.
STATION_QUESTIONS = frozenset({"leased_to", "was_leased", "maker"})
PASSING = "passes-through"
CLOCK = "clock-differs"
RUNS = "stands-for"
NAMELESS = "not-attributed"
CALLS = "contacts"  # and is called by nobody
ALSO_CALLS = "also-calls"
UNKNOWN_PROGRAM = "a process whose program is not known"
UNKNOWN_START = "nothing says what started it"
INIT = 1  # the pid of the first process of a machine
SILENCE = (
    "ceased-after", "silent-since", "goes-on-after", "silent-on-interface", "seen-after-the-change",
)  # fmt: skip
ENDS = ("ends-at", "other-end")  # which say no more than an address does


def tell(
    subject: Observable,
    facts: Sequence[Fact],
    asked: Collection[str] = (),
    refused: Collection[str] = (),
) -> Story:
    """Tell the story that the facts support, and no more.

    ``asked`` names the probes that were, ``refused`` those of them that got no answer at all.
    """
    known = Known(facts)
    if isinstance(subject, Ip | Mac):
        return _with_silence(
            _story_of_machine(subject, known, facts, asked, refused), known, subject
        )
    if isinstance(subject, Remote):
        return tell_of_remote(subject, known)
    if isinstance(subject, Process):
        return _story_of_process(known, subject)
    if isinstance(subject, Program):
        return tell_of_program(known, subject)
    story = _story_of_traffic(known, subject, facts)
    if not isinstance(subject, Flow):
        return story
    story = _with_reason(_with_named(story, known, subject), known, subject)
    story = _with_passing(story, known, subject)
    story = _with_stations(story, known, subject, facts)
    story = _with_other_end(story, known, subject, facts)
    changed = known.about(subject, "changed-before")[-MOST_PLACES:]
    story = replace(story, lineage=(*story.lineage, *changed))
    return _with_silence(story, known, subject)


def _story_of_machine(
    subject: Ip | Mac,
    known: Known,
    facts: Sequence[Fact],
    asked: Collection[str],
    refused: Collection[str] = (),
) -> Story:
    """Tell which machine it is, and where, as far as either was asked."""
    unheard = QUESTIONS.intersection(asked) <= {*refused}
    sentence, is_plugged, lineage = tell_place(subject, facts, is_told=not unheard)
    if QUESTIONS.intersection(asked) and not STATION_QUESTIONS.intersection(asked):
        verdict = Verdict.EXPLAINED if is_plugged else Verdict.INSUFFICIENT
        return Story(sentence, verdict, lineage)
    story = tell_station(subject, known)
    if not any(fact.relation in PLACED for fact in lineage):
        return story
    if is_plugged and story.verdict is Verdict.INSUFFICIENT:
        return Story(sentence, Verdict.EXPLAINED, lineage)
    there = (fact for fact in lineage if fact not in story.lineage)
    story = replace(story, lineage=(*story.lineage, *there))
    if whole := beside_station(story.sentence, subject, facts):
        return replace(story, sentence=whole)
    return replace(story, others=(*story.others, sentence))


def launch_of(facts: Sequence[Fact], process: Process) -> str:
    """Say what the facts name as what started a process; nothing where they name nothing."""
    return _launch(Known(facts), process)


def _story_of_traffic(known: Known, subject: Observable, facts: Sequence[Fact]) -> Story:
    for relation, words in MAKERS.items():
        if told := _story_of_makers(known, subject, relation, words):
            return told
    return story_of_times(known, subject, facts)


def _with_named(story: Story, known: Known, flow: Flow) -> Story:
    """Say where a program of the maker itself names the address that it called."""
    wanted = called_by(known, flow)
    lineage: dict[Fact, None] = {}  # what a program names stands below what led to the program
    sentences: dict[str, None] = {}
    for fact in story.lineage:
        lineage.setdefault(fact)
        if fact.relation in ("runs", "executes") and isinstance(fact.value, Program):
            for told, said in naming(known, fact.value, wanted):
                lineage.setdefault(told)
                sentences.setdefault(said)
    others = (*story.others, *sentences)
    return replace(story, others=others, lineage=(*lineage,)) if sentences else story


def _with_reason(story: Story, known: Known, flow: Flow) -> Story:
    """Say where the address is configured, if that is near who talks to it."""
    for fact in known.about(flow, CONFIGURED):
        setting = fact.value
        if not isinstance(setting, Setting) or not setting.why:
            continue
        if not is_wide_range(known, flow, setting):
            address = flow.destination or flow.source
            told = f"{address} stands in {setting}, {setting.why}."
            return replace(story, others=(*story.others, told))
    return story


def _with_passing(story: Story, known: Known, flow: Flow) -> Story:
    """Say which stations' connections to it do not start here, as far as the kernel tracks them."""
    passing = known.about(flow, PASSING)
    if not passing:
        return story
    shown = "; ".join(str(fact.value) for fact in passing[:MOST_PLACES])
    if len(passing) > MOST_PLACES:
        shown += f"; and of {len(passing) - MOST_PLACES} more stations"
    made = "Not all of it starts here: this" if known.about(flow, *MAKERS) else "This"
    told = f"{made} machine passes on connections of {shown}."
    lineage = (*story.lineage, *passing)
    return replace(story, others=(*story.others, told), lineage=lineage)


def _with_stations(story: Story, known: Known, flow: Flow, facts: Sequence[Fact]) -> Story:
    """Say of each end that is on a link of ours which machine it is, if anything is known.

    Where nothing but the address was given, and nobody here was seen to talk with it, that is
    what was asked for in the first place.
    """
    for end in known.about(flow, "ends-at"):
        if not isinstance(end.value, Ip):
            continue
        station = station_of(end.value, known)
        if not station.is_known and not station.silent:
            continue
        told = _story_of_machine(end.value, known, facts, STATION_QUESTIONS)
        lineage = (*story.lineage, *told.lineage)
        if flow == Flow(end.value.address) and not known.about(flow, "seen", *MAKERS):
            others = (*told.others, *story.others, story.sentence)
            story = Story(told.sentence, told.verdict, lineage, others)
        else:
            others = (*story.others, told.sentence, *told.others)
            story = replace(story, others=others, lineage=lineage)
    return story


def _with_silence(story: Story, known: Known, subject: Observable) -> Story:
    """Say whether it ceased after a change, as far as that was watched last.

    Where nothing else is known of it, that is what the case is about, and is said first.
    """
    told = known.about(subject, *SILENCE)
    if not told:
        return story
    said = str(told[-1].value)
    lineage = (*(fact for fact in story.lineage if fact != told[-1]), told[-1])
    if all(fact.relation in (*SILENCE, *ENDS) for fact in known.about(subject)):
        return replace(
            story, sentence=said, others=(*story.others, story.sentence), lineage=lineage
        )
    return replace(story, others=(*story.others, said), lineage=lineage)


def _with_other_end(story: Story, known: Known, flow: Flow, facts: Sequence[Fact]) -> Story:
    """Say who is at the other end, if anything is known."""
    chain = {fact.value for fact in facts if fact.relation == "belongs-to"}
    for end in known.about(flow, "other-end"):
        if isinstance(end.value, Remote) and known.about(end.value):
            told = tell_of_remote(end.value, known, chain)
            others, lineage = (*story.others, told.sentence), (*story.lineage, *told.lineage)
            story = replace(story, others=others, lineage=lineage)
    return story


def _story_of_makers(known: Known, subject: Observable, relation: str, words: str) -> Story | None:
    made = known.about(subject, relation)
    order = [*Confidence]
    made.sort(key=lambda fact: (order.index(fact.confidence), -fact.at.timestamp()))
    best: dict[Process, Fact] = {}  # of those who saw the same one
    for fact in made:
        if isinstance(fact.value, Process):
            best.setdefault(fact.value, fact)
    makers = [*best.values()]
    often = _how_often(known, subject)
    nameless = known.about(subject, NAMELESS) if relation == "made-by" else []
    if (nameless or len(makers) > 1) and often.endswith("times"):
        often += " in all,"  # nothing says how many of them are whose
    opening = f"{subject} {words}{often} by"
    calls = known.best(subject, ALSO_CALLS)
    if relation == "made-by" and (called := known.best(subject, CALLS)):
        what = calls.value if calls else f"{called.value}{often.rstrip(',')}"
        opening = f"{subject} called {what}, made by"
    if not makers:
        verdict = Verdict.EXPLAINED
        return Story(f"{opening} {made[0].value}.", verdict, tuple(made)) if made else None
    first, *rest = makers
    seen = (
        *known.about(subject, "seen", CALLS, ALSO_CALLS, NAMELESS, REPORTED, CLOCK, *CAPTURED),
        *configured(known, subject),
    )
    return _story_of(
        known,
        _process(first),
        f"{opening} {_subject_of(known, _process(first))}",
        (*seen, first),
        (
            *(
                _sentence(known, _process(fact), f"Also by {_subject_of(known, _process(fact))}")
                for fact in rest
            ),
            *(f"No process is named for {fact.value} of these." for fact in nameless),
            *_both_ways(known, subject),
            *(f"{fact.value}." for fact in known.about(subject, REPORTED)),
            *_clocks(known, subject),
        ),
    )


def _clocks(known: Known, subject: Observable) -> Iterator[str]:
    """Say which files that tell of it have another clock."""
    for fact in known.about(subject, CLOCK):
        yield f"Mind that {fact.value} ({fact.confidence})."


def _story_of(
    known: Known,
    process: Process,
    opening: str,
    lineage: tuple[Fact, ...],
    others: tuple[str, ...] = (),
) -> Story:
    chain = [*lineage, *_lineage(known, process)]
    changed = [differs_sentence(known, program) for program in _programs(known, process)]
    told = (*others, *filter(None, changed))
    return Story(_sentence(known, process, opening), _verdict(known, process), tuple(chain), told)


def _story_of_process(known: Known, process: Process) -> Story:
    """Tell of a process alone; where nothing started it that is known, in words of its own."""
    subject = _subject_of(known, process)
    story = _story_of(known, process, subject, ())
    if _launch(known, process):
        return story
    told = f"{_with_package(known, process, subject)}: {_unknown_start(known, process)}."
    return replace(story, sentence=told)


def _programs(known: Known, process: Process) -> list[Observable]:
    """Name what a process runs: its executable, and the script behind it."""
    facts = known.about(process, "runs", "executes")
    return [fact.value for fact in facts if isinstance(fact.value, Program)]


def _sentence(known: Known, process: Process, opening: str) -> str:
    opening = _with_package(known, process, opening)
    if launch := _launch(known, process):
        return f"{opening}, started by {launch}."
    unknown = _unknown_start(known, process)
    return f"{opening}{', and' if unknown == UNKNOWN_START else ';'} {unknown}."


def _with_package(known: Known, process: Process, opening: str) -> str:
    package = package_of(known, process)
    return f"{opening}, of the package {package.value}" if package else opening


def _unknown_start(known: Known, process: Process) -> str:
    """Say how far back its ancestors are known, where none says what started it.

    The first process of all is left out: orphans become its children.
    """
    parents = [one for one in known.ancestors(process) if one != process and one.pid != INIT]
    if not parents:
        return UNKNOWN_START
    near, last = (f"{_name_of(known, one)} ({one})" for one in (parents[0], parents[-1]))
    told = f"its parent is {near}"
    if len(parents) > 1:
        told += f", the last of its ancestors that is known {last}"
    return f"{told}, and nothing says what started that"


def _name_of(known: Known, process: Process) -> str:
    program = known.best(process, "executes") or known.best(process, "runs")
    return str(program.value) if program else UNKNOWN_PROGRAM


def _subject_of(known: Known, process: Process) -> str:
    runs, executes = known.best(process, "runs"), known.best(process, "executes")
    details = [f"{process}{_and_runs(known, process)}"]
    if process.is_reported:
        details.append(f"on {process.host}, as reported")
    if runs and executes:
        details.append(f"run by {PurePosixPath(str(runs.value)).name}")
    if user := known.best(process, "runs-as"):
        details.append(f"as {user.value}")
    if container := known.best(process, "inside"):
        details.append(f"in {container.value}")
    return f"{_name_of(known, process)} ({', '.join(details)})"


def _and_runs(known: Known, process: Process) -> str:
    """Say that a process is the last of several runs of one command, where that is known."""
    told = known.about(process, RUNS)
    if not told:
        return ""
    count = int(str(told[-1].value).partition(" ")[0].replace(",", ""))
    return f" and {many(count - 1, 'earlier run')}"


def _how_often(known: Known, subject: Observable) -> str:
    seen = known.best(subject, "seen")
    return f" {str(seen.value).partition(',')[0]}" if seen else ""


def _both_ways(known: Known, subject: Observable) -> Iterator[str]:
    """Say how often it called others, or was called, where it does both."""
    if calls := known.best(subject, ALSO_CALLS):
        is_told = known.best(subject, CALLS) is not None
        yield (
            f"It is called, too:{_how_often(known, subject)}."
            if is_told
            else (f"It calls others, too: {calls.value}.")
        )


def _launch(known: Known, process: Process) -> str:
    """Name what started it, nearest first: the job's file, then the line that runs that file."""
    named: dict[str, str] = {}
    for fact in launch_facts(known, process):
        triggers = (
            [fact] if isinstance(fact.value, str) else known.about(fact.value, "triggered-by")
        )
        for link in dict.fromkeys((fact, *triggers)):
            named.setdefault(str(link.value), _launcher_text(link))
    return ", by way of ".join(named.values())


def _launcher_text(fact: Fact) -> str:
    launcher = fact.value
    text = f"{launcher}"
    if isinstance(launcher, Job) and launcher.line:
        text += f" (“{launcher.schedule}”)"
    return text if fact.confidence is Confidence.CERTAIN else f"{fact.confidence} {text}"


def _lineage(known: Known, process: Process) -> Iterator[Fact]:
    for ancestor in known.ancestors(process):
        for fact in known.about(ancestor):
            if fact.relation == "child-of":
                continue
            yield fact
            if isinstance(fact.value, Program | Job | Container) or fact.relation == "part-of":
                about = known.about(fact.value) if isinstance(fact.value, Observable) else ()
                yield from (told for told in about if told.relation not in NAMES)
        if parent := known.best(ancestor, "child-of"):
            yield parent


def _verdict(known: Known, process: Process) -> Verdict:
    chain = [*known.ancestors(process)]
    if any(known.about(ancestor, "pretends-to-be") for ancestor in chain):
        return Verdict.SUSPICIOUS
    if any(known.about(program, DIFFERS) for program in _programs(known, process)):
        return Verdict.SUSPICIOUS
    return Verdict.EXPLAINED if launch_facts(known, process) else Verdict.INSUFFICIENT


def _process(fact: Fact) -> Process:
    assert isinstance(fact.value, Process)
    return fact.value
