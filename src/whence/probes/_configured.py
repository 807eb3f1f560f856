"""From places that mention an address to facts: the best first, and no more than can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from whence.model import Confidence, Fact, Flow, Line, Reading, Setting
from whence.model.address_forms import Wanted
from whence.model.mention_ranking import ranked, reason
from whence.model.mentions import Mention, NotRead, mentions_of
from whence.probes._files import read_if_there
from whence.world import Host, Search

MOST = 6  # places that become facts
SHORTEST = 3  # characters of a name that is looked for


def wanted_of(flow: Flow, host: Host, search: Search) -> Wanted | None:
    """Give the address of a flow's far end, and the names that the user and this host know."""
    address = flow.destination or flow.source
    if address is None:
        return None
    names = [str(name) for name in search.names(address).lines()]
    reading = read_if_there(host, "/etc/hosts")
    for line in reading.lines() if reading else ():
        first, *others = line.partition("#")[0].split() or [""]
        names += others if first == address else []
    kept = (name.lower().rstrip(".") for name in names)
    return Wanted(address, tuple(dict.fromkeys(name for name in kept if len(name) >= SHORTEST)))


def configured(
    flow: Flow, readings: Sequence[Reading], near: Mapping[str, str], most: int = MOST
) -> Iterator[Fact]:
    """State where the address is configured, the likeliest first, and what was not looked into."""
    not_read = NotRead()
    found = [
        (mention, _itself(mention) or reason(mention.place, near), line)
        for reading in readings
        for mention, line in mentions_of(reading.lines(), not_read)
    ]
    order = ranked((mention, why) for mention, why, _ in found)
    for position in order[:most]:
        yield from _told(flow, *found[position])
    if len(order) > most:
        more = f"{len(order) - most} more places"
        line = found[order[most]][2]
        yield flow.fact("configured-in", more, line.evidence, confidence=Confidence.POSSIBLE)
    for what, count in not_read.counts.items():
        said = f"{count:,}× {what}, such as {not_read.examples[what]}"
        yield flow.fact("not-looked-into", said, readings[-1].whole())


def _told(flow: Flow, mention: Mention, why: str, line: Line) -> Iterator[Fact]:
    observer = line.evidence.observer
    setting = Setting(observer, mention.place, mention.line, mention.part, why)
    sure = Confidence.LIKELY if why and not mention.is_range else Confidence.POSSIBLE
    yield flow.fact("configured-in", setting, line.evidence, confidence=sure)
    yield setting.fact("says", mention.text or mention.written, line.evidence)
    yield setting.fact("written-as", f"{mention.form}, {mention.written}", line.evidence)


def _itself(mention: Mention) -> str:
    """Say why what is no file is near: it is of the process that was asked about."""
    return "of the process itself" if mention.place.startswith("the ") else ""
