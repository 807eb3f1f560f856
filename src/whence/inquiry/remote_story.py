"""Who is at the other end, in one sentence, and the facts that say so. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from whence.inquiry.known import Known, Story, Verdict
from whence.model import Confidence, Fact, Organisation, Package, Remote, Service

CALLED = "is-called"
# In the order in which they are told: what is surest of the address first, what it says last.
RELATIONS = {
    "set-aside-for": "is set aside for {}",
    CALLED: "is called {} here",
    "belongs-to-cloud": "belongs to {}",
    "registered-to": "is registered to {}",
    "announced-by": "is announced by {}",
    "is-tor-exit": "is {}",
    "is-in-country": "is used in {}",
    "reverse-name": "has in DNS the name {}",
    "certified-for": "shows a certificate for {}",
    "says-of-itself": "says {}",
}
ALSO = (
    "is-known-as",
    "called-with",
    "lies-in-network",
    "registered-in-country",
    "shows-certificate",
    "certified-as",
)
OWNERS = ("set-aside-for", "belongs-to-cloud", "registered-to", "announced-by", "is-tor-exit")
MOST_CLAIMS = 2  # of one relation, in the sentence
MOST_NAMES = 3  # of one sureness, there
SOURCES = {"rdap": "RDAP, ", "whois": "whois, ", "origin": "by DNS, "}


def tell_of_remote(remote: Remote, known: Known, chain: Collection[object] = ()) -> Story:
    """Say who is at the other end, as far as is known; ``chain``: packages of who called it."""
    claims = [
        words.format(text)
        for relation, words in RELATIONS.items()
        for text in _texts(known.about(remote, relation), known, chain)
    ]
    sentence = f"{remote} {_and(claims)}" if claims else f"{remote}: nothing here says whose it is"
    verdict = Verdict.EXPLAINED if known.about(remote, *OWNERS) else Verdict.INSUFFICIENT
    return Story(f"{sentence}.", verdict, (*_lineage(known, remote),))


def _texts(facts: Sequence[Fact], known: Known, chain: Collection[object]) -> list[str]:
    """Give what is said in a relation, each once: how sure it is, and what that resembles."""
    if facts and facts[0].relation == CALLED:
        return [*_names(facts)]
    told: dict[str, str] = {}
    for fact in sorted(facts, key=lambda fact: _source(fact) == "whois"):  # RDAP is of today
        if str(fact.value) not in told:
            told[str(fact.value)] = _sure(fact) + _resembling(fact, known, chain)
    return [*told.values()][:MOST_CLAIMS]


def _names(facts: Sequence[Fact]) -> Iterator[str]:
    """List names, those that are as sure together: “one, another and 3 more (certain)”."""
    for sure in Confidence:
        names = [*dict.fromkeys(str(fact.value) for fact in facts if fact.confidence is sure)]
        if not names:
            continue
        shown = names[:MOST_NAMES]
        if len(names) > MOST_NAMES:
            shown.append(f"{len(names) - MOST_NAMES} more")
        listed = " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
        yield f"{listed} ({sure})"


def _sure(fact: Fact) -> str:
    """Write “Amazon EC2 (cloud ranges of 2026-10-26, likely)”, “Example (RDAP, reported)”."""
    text = str(fact.value)
    if fact.relation in ("set-aside-for", "says-of-itself"):
        return text  # a standard, or its own words
    sure = f"{SOURCES.get(_source(fact), '')}{fact.confidence}"
    return f"{text[:-1]}, {sure})" if text.endswith(")") else f"{text} ({sure})"


def registry(fact: Fact) -> str:
    """Name the registry that says whose an address is: RDAP, whois; nothing of other facts."""
    said = SOURCES.get(_source(fact), "") if fact.relation == "registered-to" else ""
    return said.removesuffix(", ")


def _source(fact: Fact) -> str:
    return fact.evidence[0].source.partition(" ")[0]


def _resembling(fact: Fact, known: Known, chain: Collection[object]) -> str:
    """Say whose maker an organisation resembles, first of all that of a package of the chain."""
    if not isinstance(fact.value, Organisation):
        return ""
    alike = known.about(fact.value, "resembles-maker-of")
    if not alike:
        return ""
    alike.sort(key=lambda one: one.value not in chain)
    others = f" and of {len(alike) - 1} more" if len(alike) > 1 else ""
    return f", which resembles the maker of {_made(alike[0])}{others} ({alike[0].confidence})"


def _made(fact: Fact) -> str:
    match fact.value:
        case Package(name=name):
            return f"package {name}"
        case Service(name=name):
            return f"the service {name}"
        case made:
            return str(made)


def _lineage(known: Known, remote: Remote) -> Iterator[Fact]:
    for relation in (*RELATIONS, *ALSO):
        for fact in known.about(remote, relation):
            yield fact
            if isinstance(fact.value, Organisation):
                yield from known.about(fact.value)


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
