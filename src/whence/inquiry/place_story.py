"""What facts say of where a machine is plugged in, in one sentence. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from whence.inquiry.stations import of_nobody
from whence.model import Confidence, Fact, Ip, Mac, Observable, SwitchPort
from whence.model.mac_addresses import mac_kind

PLUGGED, THROUGH, HEARD, BEHIND = "plugged-in-at", "reached-through", "was-heard", "has-behind"
WIRED, OWN = "wired-to", "is-address-of"
COMES_IN, TESTED = "comes-in-at", "was-tested-by"
HELD, ANSWERS = "is-held-by", "answers-at"
PLACED = frozenset({PLUGGED, THROUGH, OWN, COMES_IN})
QUESTIONS = frozenset({"plugged_in", "reached_through", "resolved_by_switch"})  # probes


def tell_place(
    subject: Observable, facts: Sequence[Fact], *, is_told: bool = True
) -> tuple[str, bool, tuple[Fact, ...]]:
    """Give the sentence, whether it names a place, and the facts that lead there.

    ``is_told``: a switch was asked, and answered.
    """
    chain = _chain(subject, facts)
    plugged = [fact for fact in chain if fact.relation == PLUGGED]
    if plugged:
        return _plugged(subject, plugged, chain), True, chain
    comes_in = [fact for fact in chain if fact.relation == COMES_IN]
    if comes_in:
        return _comes_in(subject, comes_in[0], chain), True, chain
    own = [fact for fact in chain if fact.relation == OWN]
    if own:
        return _own(subject, own[0]), True, chain
    through = [fact for fact in chain if fact.relation == THROUGH]
    if through:
        where = " and ".join(str(fact.value) for fact in through)
        why = "; ".join(_reasons(chain, through[0].subject))
        return f"{subject} is reached through {where}; {why}.", False, chain
    return f"{subject}{_nowhere(subject, chain, is_told=is_told)}.", False, chain


def _own(subject: Observable, own: Fact) -> str:
    """Say whose address it is; who answers for an IP address need not have it: proxy ARP."""
    if own.subject == subject:
        return f"{subject} is an address of {own.value} itself."
    return f"{subject} answers at {own.subject}, which is an address of {own.value} itself."


def _nowhere(subject: Observable, chain: Sequence[Fact], *, is_told: bool) -> str:
    """Say why no place is known: who could have told it did not, or was not asked."""
    if nobody := _of_nobody(subject):
        return f" is {nobody}"
    silent = "no switch says where that is" if is_told else "no switch could be asked where that is"
    if stations := [fact for fact in chain if fact.relation == ANSWERS]:
        return f" answers at {stations[0].value}, and {silent}"
    if isinstance(subject, Ip) and ipaddress.ip_address(subject.address).is_loopback:
        return " is loopback: each machine is that to itself, and no switch leads there"
    if held := _texts(chain, subject, HELD):
        return f" is {held}; {silent}"
    ping = "; if it is silent, make it send something (ping) and ask again" if is_told else ""
    return f": {silent}{ping}"


def _of_nobody(subject: Observable) -> str:
    """Say why no machine has an address: it is that of a group, or of everybody."""
    if isinstance(subject, Mac):
        kind = mac_kind(subject.address)
        return kind.words if kind.is_group else ""
    return of_nobody(subject) if isinstance(subject, Ip) else ""


def beside_station(sentence: str, subject: Observable, facts: Sequence[Fact]) -> str:
    """Go on from what says which machine it is to where that is; in one sentence, if it can be."""
    chain = _chain(subject, facts)
    plugged = [fact for fact in chain if fact.relation == PLUGGED]
    if len(plugged) != 1 or not sentence.endswith("."):
        return ""
    return f"{sentence[:-1]}; it is {_where(plugged[0], chain)}."


def _plugged(subject: Observable, plugged: Sequence[Fact], chain: Sequence[Fact]) -> str:
    first = plugged[0]
    station = "" if first.subject == subject else f" ({first.subject})"
    if len({fact.subject for fact in plugged}) > 1:  # two cards have one address
        each = " and ".join(f"{fact.subject} is {_where(fact, chain)}" for fact in plugged)
        return f"{subject} is at more than one place: {each}."
    if len(plugged) > 1:
        where = " and at ".join(str(fact.value) for fact in plugged)
        heard = " and ".join(text.partition(": ")[0] for text in _heard(chain, first.subject))
        why = "; ".join(_reasons(chain, first.subject))
        return f"{subject}{station} is learned at {where}, heard {heard}: {why}."
    others = [
        fact.value
        for fact in chain
        if fact.subject == subject and fact.relation == ANSWERS and fact.value != first.subject
    ]
    also = "".join(f"; {other} answers for it, too" for other in dict.fromkeys(others))
    return f"{subject}{station} is {_where(first, chain)}{also}."


def _where(plugged: Fact, chain: Sequence[Fact]) -> str:
    assert isinstance(plugged.value, SwitchPort)
    sure = "" if plugged.confidence is Confidence.CERTAIN else f" ({plugged.confidence})"
    heard, _, reason = "; ".join(_heard(chain, plugged.subject)).partition(": ")
    behind = _texts(chain, plugged.value, BEHIND)
    parts = [f"plugged in at {plugged.value}{sure}"]
    parts += [f"heard {heard}"] if heard else []
    parts += [reason] if plugged.confidence is Confidence.POSSIBLE and reason else []
    parts += [f"behind that port: {behind}"] if behind else []
    wired = [
        str(fact.value)
        for fact in chain
        if fact.relation == WIRED and fact.subject == plugged.value
    ]
    parts += [f"the cable plan leads to {' or '.join(wired)}"] if wired else []
    return "; ".join(parts)


def _comes_in(subject: Observable, fact: Fact, chain: Sequence[Fact]) -> str:
    """Say what a search by mirroring found: where traffic comes in, a machine is behind."""
    assert isinstance(fact.value, SwitchPort)
    test = _texts(chain, fact.value, TESTED)
    parts = [f"the traffic of {subject} comes in at {fact.value} ({fact.confidence}: {test})"]
    wired = [str(one.value) for one in chain if one.relation == WIRED]
    parts += [f"the cable plan leads to {' or '.join(wired)}"] if wired else []
    return "; ".join(parts) + "."


def _texts(facts: Iterable[Fact], about: Observable, relation: str) -> str:
    return "; ".join(_told(facts, about, relation))


def _told(facts: Iterable[Fact], about: Observable, relation: str) -> list[str]:
    """Give the texts of a relation, each once."""
    told = [fact for fact in facts if fact.subject == about and fact.relation == relation]
    return [*dict.fromkeys(str(fact.value) for fact in told)]


def _heard(facts: Iterable[Fact], about: Observable) -> list[str]:
    return _told(facts, about, HEARD)


def _reasons(facts: Iterable[Fact], about: Observable) -> list[str]:
    """Give why it is taken to be where it was heard, each reason once."""
    return [*dict.fromkeys(text.partition(": ")[2] for text in _heard(facts, about))]


def _chain(subject: Observable, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Give the facts about the subject, and about all that they lead to, nearest first."""
    met: list[Observable] = [subject]
    found: list[Fact] = []
    for thing in met:
        for fact in facts:
            if fact.subject == thing:
                found.append(fact)
                if isinstance(fact.value, Observable) and fact.value not in met:
                    met.append(fact.value)
    return tuple(dict.fromkeys(found))
