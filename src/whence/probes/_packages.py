"""What the probes of packages have in common: labelled lines in, facts out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from whence.model import (
    CannotAsk,
    Confidence,
    Evidence,
    Fact,
    Job,
    Line,
    Observable,
    Package,
    Reading,
    Service,
)
from whence.probes._units import units_of
from whence.world import Host

Described = Mapping[str, Line]  # label in lower case → the line it begins

SAID_OF_PACKAGES = {  # relation → labels, the best first
    "described-as": ("summary", "description"),
    "maintained-by": ("maintainer", "publisher", "author", "author-email", "vendor"),
    "filed-under": ("section",),
    "homepage": ("homepage", "home-page", "website", "url"),
}
NOTHING = ("", "(none)", "UNKNOWN")


def labelled(lines: Iterable[Line]) -> Described:
    """Read lines such as ``Version: 1.2`` up to the first that is something else."""
    found: dict[str, Line] = {}
    for line in lines:
        label = re.match(r"([A-Za-z][\w-]*):", line)
        if label:
            found.setdefault(label[1].lower(), line)
        elif not line[:1].isspace():
            break
    return found


def each_labelled(reading: Reading) -> Iterator[Described]:
    """Read several packages, each beginning with its ``Name:``."""
    block: list[Line] = []
    for line in reading.lines():
        if line.startswith("Name:") and block:
            yield labelled(block)
            block = []
        block.append(line)
    yield labelled(block)


def value(described: Described, *labels: str) -> str:
    """Give what the first of these labels says, or nothing."""
    for label in labels:
        text = described[label].partition(":")[2].strip() if label in described else ""
        if text not in NOTHING:
            return re.sub(r"^(['\"])(.*)\1$", r"\2", text)
    return ""


def package_facts(
    thing: Observable,
    manager: str,
    described: Described,
    *evidence: Evidence,
    confidence: Confidence = Confidence.CERTAIN,
) -> Iterator[Fact]:
    """State that ``thing`` belongs to a package, and what the package says of itself."""
    package = Package(manager, value(described, "name"), value(described, "version"))
    cited = [described[label].evidence for label in ("name", "version") if label in described]
    yield thing.fact("belongs-to", package, *evidence, *cited, confidence=confidence)
    for relation, labels in SAID_OF_PACKAGES.items():
        for label in labels:
            if text := value(described, label):
                yield package.fact(relation, text, described[label].evidence)
                break


def resolved(path: str, host: Host) -> str:
    """Follow all links of a path, as far as the host can tell."""
    try:
        return host.run("readlink", "-f", path).text.rstrip("\n") or path
    except CannotAsk:
        return path


def is_there(path: str, host: Host) -> bool:
    """Say whether something has this path."""
    try:
        host.status(path)
    except CannotAsk:
        return False
    return True


def file_of(thing: Job | Service, host: Host) -> str | None:
    """Name the file that defines a job or a service; None if there is none to be found."""
    name = thing.source if isinstance(thing, Job) else thing.name
    manager = thing.scheduler if isinstance(thing, Job) else thing.manager
    if name.startswith("/"):
        return name
    units = units_of(manager, host)
    unit = units.unit(name) if units else None
    return unit.path if unit else None
