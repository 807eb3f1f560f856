"""Whose program it is, what it is for, and whether it is intact: facts, and never “clean”. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.known import Known, Story, Verdict
from whence.model import Fact, Observable, Package, Program

DIFFERS = "differs-from-package"
MALWARE = "known-as-malware"
NAMES = ("names-host", "names-address", "names-port", "names-url")
NO_RULE = "none of the rules that were given"
LONGEST = 160  # characters of what it is for, in the sentence
CODE = "takes-code-from"
NO_SOURCE = "has-no-source"
OF_CODE = (
    NO_SOURCE, "compiled-by", "belongs-to", "agrees-with-package", DIFFERS,
    MALWARE, *NAMES,
)  # fmt: skip

# The parts of the answer, in their order: of the program, and of what it belongs to.
SECTIONS: dict[str, tuple[str, ...]] = {
    "what it is": (
        "is-a", "interpreted-by", "compiled-from", "compiled-by", "made-of", "loads",
        "looks-for-libraries-in", "has-symbols", "has-build-id", "has-sum", "changed",
    ),
    "where its code is": (CODE,),
    "whose it is": ("belongs-to", "maintained-by", "homepage", "filed-under"),
    "what it is for": (
        "is-for", "described-as", "in-menus-as", "started-as", "defined-in", "says-of-itself",
        "documented-in",
    ),
    "what it names": ("imports", "calls", *NAMES, "not-looked-into"),
    "is it intact": (
        "agrees-with-package", DIFFERS, "changed-as-a-setting", MALWARE, "scanned-by",
        "matches-rule", "known-as",
    ),
    "what is odd": (
        "was-deleted", "stands-in-place-of", "is", "is-given", "runs-with-rights-of",
        "may-be-changed-by",
    ),
}  # fmt: skip


def tell_of_program(known: Known, program: Program) -> Story:
    """Say in one sentence whose it is, what for, and whether it is as it was brought."""
    package = known.best(program, "belongs-to")
    owner = f"belongs to {package.value}" if package else "is in no package that is known here"
    parts = [owner, *_purpose(known, program, package), *_state(known, program)]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    verdict = Verdict.EXPLAINED if package else Verdict.INSUFFICIENT
    if any(known.about(one, DIFFERS, MALWARE) for one in (program, *_code(known, program))):
        verdict = Verdict.SUSPICIOUS
    others = tuple(_odd(known, program))
    return Story(f"{program} {text}.", verdict, tuple(_lineage(known, program)), others)


def differs_sentence(known: Known, program: Observable) -> str:
    """Say that a program of the chain is not as its package brought it; empty: it is not so."""
    differs = known.best(program, DIFFERS)
    return f"{program} is not as its package brought it: {differs.value}." if differs else ""


def _purpose(known: Known, program: Program, package: Fact | None) -> Iterator[str]:
    own = known.best(program, "is-for") or known.best(program, "in-menus-as")
    if own:
        yield f"is for “{_short(own)}”"
    elif package and isinstance(package.value, Package):
        described = known.best(package.value, "described-as")
        if described:
            yield f"is part of “{_short(described)}”"


def _state(known: Known, program: Program) -> Iterator[str]:
    if known.about(program, DIFFERS):
        yield "is not as its package brought it"
    elif known.about(program, "changed-as-a-setting"):
        yield "was changed since, as settings are"
    elif known.about(program, "agrees-with-package"):
        yield "is as its package brought it"


def _odd(known: Known, program: Program) -> Iterator[str]:
    """Say of each thing that a careful reader wants to see at once what it is."""
    for fact in known.about(program, MALWARE):
        yield f"It is known as malware: {fact.value} ({fact.confidence})."
    for fact in known.about(program, "matches-rule"):
        if fact.value != NO_RULE:
            yield f"A rule that was given matches it: {fact.value}."
    for fact in known.about(program, "was-deleted"):
        yield f"It runs without its file: {fact.value}."
    for fact in known.about(program, "is"):
        yield f"It is {fact.value}."
    for fact in known.about(program, "stands-in-place-of"):
        yield f"It stands in place of {fact.value}."
    for fact in known.about(program, "is-given"):
        yield f"It is given {fact.value}."
    for code in _code(known, program):
        if missing := known.best(code, NO_SOURCE):
            yield f"Its code is in {code}, of which there is no source: {missing.value}."
        for fact in known.about(code, DIFFERS):
            yield f"Its code in {code} is not as its package brought it: {fact.value}."
        for fact in known.about(code, MALWARE):
            yield f"Its code in {code} is known as malware: {fact.value} ({fact.confidence})."


def _code(known: Known, program: Program) -> Iterator[Program]:
    """Give the files that it takes its code from."""
    for fact in known.about(program, CODE):
        if isinstance(fact.value, Program):
            yield fact.value


def _lineage(known: Known, program: Program) -> Iterator[Fact]:
    """Give each fact once; two questions may find the same."""
    told: set[tuple[Observable, str, object]] = set()
    for relations in SECTIONS.values():
        for fact in known.about(program, *relations):
            wanted = OF_CODE if fact.relation == CODE else ()
            behind = known.about(fact.value, *wanted) if isinstance(fact.value, Observable) else ()
            for one in (fact, *behind):
                key = (one.subject, one.relation, one.value)
                if key not in told:
                    told.add(key)
                    yield one


def _short(fact: Fact) -> str:
    text = str(fact.value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"
