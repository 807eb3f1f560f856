"""What is known of a program, section by section, and with the names of ECS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from whence import api
from whence.cli.fact_rows import FactRow, fact_row, widest
from whence.model import Fact, Package, Program, ecs

MOST = 8  # facts of one relation; --all shows all
_SUM = re.compile(r"SHA-256 (?P<sum>[0-9a-f]{64}) \((?P<size>[\d,]+) bytes\)")


def program_rows(answer: api.Answer, everything: bool) -> Iterator[str]:
    """Show facts by section, evidence and confidence first; of many alike the first."""
    labels = {fact: label for label, fact in answer.facts}
    told = [*dict.fromkeys(answer.story.lineage)]
    code = {fact.value for fact in told if fact.relation == api.CODE}
    own = [fact for fact in told if fact.subject not in code]

    def row(fact: Fact) -> FactRow:
        is_own = fact.subject == answer.subject or isinstance(fact.subject, Package)
        return FactRow(fact, labels.get(fact, ""), not is_own)

    for title, relations in api.SECTIONS.items():
        found = [fact for fact in own if fact.relation in relations]
        if found:
            yield f"\n{title}"
        wide = widest(row(fact) for fact in found)
        for relation in relations:
            alike = [fact for fact in found if fact.relation == relation]
            most = len(alike) if everything else MOST
            for fact in alike[:most]:
                yield fact_row(row(fact), wide, everything=everything)
                for below in told if relation == api.CODE else ():
                    if below.subject == fact.value:
                        yield fact_row(row(below), wide, everything=everything)
            if len(alike) > most:
                yield f"       … and {len(alike) - most} more: --all"


def file_and_package(program: Program, facts: Sequence[Fact]) -> ecs.Document:
    """Write a program's file, and its package, as ECS has them."""
    file: ecs.Document = {"path": program.path, "name": program.path.rpartition("/")[2]}
    document: ecs.Document = {"file": file}
    for fact in facts:
        match fact.relation, fact.value:
            case "has-sum", str(text) if found := _SUM.fullmatch(text):
                file["hash"] = {"sha256": found["sum"]}
                file["size"] = int(found["size"].replace(",", ""))
            case "belongs-to", Package() as package if "package" not in document:
                said = {told.relation: str(told.value) for told in facts if told.subject == package}
                fields = {
                    "name": package.name,
                    "version": package.version,
                    "type": package.manager,
                    "description": said.get("described-as"),
                    "reference": said.get("homepage"),
                }
                document["package"] = {name: text for name, text in fields.items() if text}
    return document
