"""An answer, as a person reads it and as a machine does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from whence import api
from whence.cli.fact_rows import FactRow, fact_rows
from whence.cli.program_rows import file_and_package, program_rows
from whence.cli.say import safe
from whence.cli.stopping import documents, stopping
from whence.model import Fact, Flow, Ip, Mac, Observable, Process, Program, Remote, ecs
from whence.world.data_tables import NO_TABLE

# Shown only with --all: of the maker, and of its ancestors.
QUIET = frozenset(
    {"has-open", "talks-to", "described-as", "homepage", "maintained-by", "filed-under", "has-sum",
     "changed", "documented-in", "agrees-with-package", "changed-as-a-setting", "shares-unit-with",
     "wanted-by", "needed-by"}
)  # fmt: skip
ANCESTORS_QUIET = QUIET | {
    "runs", "runs-as", "logged-in-as", "is", "is-for", "is-given", "inside", "belongs-to",
}  # fmt: skip


OWN_HEADING = (Process, Flow, Ip, Mac, Remote)  # the others are told below what led to them


def give(
    answer: api.Answer, *, as_json: bool, everything: bool, waited: timedelta | None = None
) -> int:
    """Print an answer in the form that was asked for; give the exit status."""
    if as_json:
        print(ecs.encode(as_document(answer)))
    else:
        show_answer(answer, everything=everything, waited=waited)
    return 0 if answer.story.verdict != api.Verdict.INSUFFICIENT else 1


def show_answer(answer: api.Answer, *, everything: bool, waited: timedelta | None) -> None:
    """Print the sentence, the chain with its evidence, and what was not checked."""
    story = answer.story
    print(safe(story.sentence))
    for other in story.others:
        print(safe(other))
    print(f"verdict: {story.verdict}    case: {answer.case}")
    about_program = isinstance(answer.subject, Program)
    for line in program_rows(answer, everything) if about_program else _rows(answer, everything):
        print(line)
    if story.verdict == api.Verdict.INSUFFICIENT and isinstance(answer.subject, Flow):
        for line in _what_next(answer, waited):
            print(line)
    for line in stopping(answer.suggestions, answer.case, everything=everything):
        print(line)
    if answer.not_checked:
        print("\nnot checked:")
        for line in _not_checked(answer.not_checked):
            print(line)


def as_document(answer: api.Answer) -> ecs.Document:
    """Write an answer as one ECS document."""
    story = answer.story
    document: ecs.Document = {
        "@timestamp": ecs.time_text(answer.at),
        "event": {"kind": "state", "category": ["network", "process"], "action": "explained"},
        "whence": {
            "case": answer.case,
            "target": str(answer.subject),
            "sentence": story.sentence,
            "others": list(story.others),
            "verdict": str(story.verdict),
        }
        | ({"station": _beside_ecs(answer.station)} if answer.station else {})
        | {
            "lineage": [_fact(fact) for fact in story.lineage],
            "facts": [_fact(fact) | {"evidence_id": label} for label, fact in answer.facts],
            "remedies": documents(
                answer.suggestions, {fact.evidence[0]: label for label, fact in answer.facts}
            ),
            "not_checked": [
                {"question": entry.question, "because": entry.because, "try": entry.try_}
                for entry in answer.not_checked
            ],
        },
    }
    if isinstance(answer.subject, Flow):
        ends = {
            "ip": answer.subject.destination,
            "port": answer.subject.destination_port,
        }
        document["destination"] = {name: end for name, end in ends.items() if end is not None}
    if answer.station:
        document["host"] = _as_ecs_host(answer.station)
        document["event"]["category"] = ["network", "host"]
    if remote := _remote_of(answer):
        document["destination"] = destination_of(remote, story.lineage)
    if isinstance(answer.subject, Program):
        document |= file_and_package(answer.subject, story.lineage)
    if answer.maker:
        document["process"] = ecs.process_view(answer.maker)
    return document


def _beside_ecs(station: api.Machine) -> ecs.Document:
    """Write what ECS has no name for."""
    return {
        "maker": station.maker,
        "kind": station.kind,
        "place": station.place,
        "container": station.container,
        "names": list(station.names),
        "user": station.user,
        "may_run": station.system,
        "conflicts": list(station.conflicts),
        "does_not_answer": station.silent,
    }


def _as_ecs_host(station: api.Machine) -> ecs.Document:
    """Write a machine as ECS has it: MAC addresses in capitals, with hyphens (RFC 7042)."""
    own = station.subject.address if isinstance(station.subject, Ip) else ""
    fields: ecs.Document = {
        "name": station.names[0] if station.names else "",
        "hostname": station.names[0] if station.names else "",
        "ip": [*filter(None, (own, *station.addresses))],
        "mac": [mac.replace(":", "-").upper() for mac in station.macs],
        "domain": station.workgroup,
    }
    return {name: value for name, value in fields.items() if value}


def _remote_of(answer: api.Answer) -> Remote | None:
    things = (answer.subject, *(fact.subject for fact in answer.story.lineage))
    return next((thing for thing in things if isinstance(thing, Remote)), None)


def destination_of(remote: Remote, facts: Sequence[Fact]) -> ecs.Document:
    """Write the other end with ECS names: address, port, name, country, network."""
    destination: ecs.Document = {"ip": remote.address}
    if remote.port is not None:
        destination["port"] = remote.port
    first = {fact.relation: str(fact.value) for fact in reversed(facts) if fact.subject == remote}
    if name := first.get("is-called") or first.get("reverse-name"):
        destination["domain"] = name
    if country := first.get("is-in-country"):
        destination["geo"] = {"country_iso_code": country[:2]}
    number, _, name = first.get("announced-by", "").removeprefix("AS").partition(" ")
    if number.isdigit():
        organisation = first.get("registered-to") or name
        destination["as"] = {"number": int(number), "organization": {"name": organisation}}
    return destination


def _rows(answer: api.Answer, everything: bool) -> Iterator[str]:
    """Show facts below what they are about, evidence and confidence first, the rest as it comes."""
    labels = {fact: label for label, fact in answer.facts}
    facts = [*labels] if everything else answer.story.lineage
    makers = {fact.value for fact in facts if fact.relation == "made-by"} | {answer.subject}
    about: Observable | None = None
    rows: list[FactRow] = []
    for fact in facts:
        is_part = not everything and not isinstance(fact.subject, OWN_HEADING)
        if not is_part and fact.subject != about:
            yield from fact_rows(rows, everything=everything)
            rows, about = [], fact.subject
            yield f"\n{safe(about)}"
        quiet = QUIET if about in makers else ANCESTORS_QUIET
        if everything or fact.relation not in quiet:
            rows.append(FactRow(fact, labels.get(fact, ""), is_part))
    yield from fact_rows(rows, everything=everything)


def _fact(fact: Fact) -> ecs.Document:
    return {
        "subject": str(fact.subject),
        "relation": fact.relation,
        "value": str(fact.value),
        "confidence": str(fact.confidence),
        "at": fact.at.isoformat(),
        "evidence": [str(evidence) for evidence in fact.evidence],
    }


def _what_next(answer: api.Answer, waited: timedelta | None) -> Iterator[str]:
    if any(fact.subject == answer.subject for fact in answer.story.lineage):
        return  # something of it was seen
    yield ""
    if waited is None:
        yield f"  Wait until it happens again:  whence {answer.case} --wait 2h"
    yield "  Keep the history from now on: whence record install"


def _not_checked(entries: tuple[api.NotChecked, ...]) -> Iterator[str]:
    """Tell what was not checked; where one option would check several, that stands above them."""
    alike: dict[tuple[str, str], list[str]] = {}
    absent = [entry for entry in entries if entry.because.startswith(NO_TABLE)]
    if absent:
        kinds = (entry.because.removeprefix(NO_TABLE).partition(" here")[0] for entry in absent)
        names = ", ".join(dict.fromkeys(kind.strip() for kind in kinds))
        yield f"  no tables here of {safe(names)}  → whence data status"
    for entry in entries:
        if entry in absent:
            continue
        alike.setdefault((entry.because, entry.try_), []).append(entry.question)
    for (because, try_), questions in alike.items():
        reason = safe(because) + (f"  → {safe(try_)}" if try_ else "")
        if len(questions) == 1:
            yield f"  {safe(questions[0])}  {reason}"
        else:
            yield f"  {reason}"
            yield from (f"    {safe(question)}" for question in questions)
