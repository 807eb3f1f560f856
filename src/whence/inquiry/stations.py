"""Which machine it is: what the facts about an address add up to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from whence.inquiry.known import Known, Story, Verdict
from whence.model import Confidence, Container, Fact, Hostname, Ip, Mac, Observable
from whence.model.mac_addresses import mac_kind
from whence.model.systems import families

# From an address to a card: what is true now, what a server wrote, what packets had.
NOW = ("is-claimed-by", "answers-at")
REPORTED_AT = "was-reported-at"
THEN = ("leased-to", "was-captured-at", REPORTED_AT, "is-made-from")
ADDRESSES = ("answers-for", "was-leased", "was-captured-with", "was-reported-with")
CONTAINED = "was-reported-of"
NAMES = ("is-named", "is-named-in-hosts")
# What sources of names are worth: what the machine says of itself comes first.
SOURCES = ("netbios", "smb", "llmnr", "mdns", "snmp", "leases", "captures", "/etc/hosts", "names")
SYSTEM_SOURCES = ("smb", "leases", "captures")
EVERYBODY = "255.255.255.255"
LONGEST = 5  # names or addresses in a sentence
QUIET = "does-not-answer"
BY_LINK = "differs-by-link"  # RFC 4291 2.5.6: an address of a link means nothing on another
FORGED = (
    "If packets come from it nevertheless, their source is forged: "
    "whence bisect finds the switch port by which they come in."
)


@dataclass(frozen=True, slots=True)
class Station:
    """A machine, as far as it is known."""

    subject: Ip | Mac
    macs: tuple[str, ...] = ()  # the likeliest first
    addresses: tuple[str, ...] = ()  # its other ones
    names: tuple[str, ...] = ()  # the best first, each once
    maker: str = ""
    place: str = ""  # whose address it is, where that is this machine
    kind: str = ""  # what its MAC address says it is: a virtual machine's, a router's …
    workgroup: str = ""
    user: str = ""  # who is logged on
    system: str = ""
    against: tuple[str, ...] = ()  # signs of another system
    conflicts: tuple[str, ...] = ()  # sentences
    silent: str = ""  # who asked, where nobody answered
    by_link: str = ""  # who has the address on each link, where each has one of its own
    ended: str = ""  # until when it had the address, where that is all that is known
    container: str = ""  # or pod, or the node of pods, that was reported to have the address
    is_reported: bool = False  # files of other tools alone say which card it had

    @property
    def is_known(self) -> bool:
        """Whether anything is known that tells it from another machine."""
        return bool(self.macs or self.names or self.place or self.container or self.kind)


def tell_station(subject: Ip | Mac, known: Known) -> Story:
    """Tell which machine it is, conflicts first."""
    station = station_of(subject, known)
    facts = tuple(station_facts(subject, known))
    if station.conflicts:
        verdict = Verdict.SUSPICIOUS
    elif _tells_something(station):
        verdict = Verdict.EXPLAINED
    else:
        verdict = Verdict.INSUFFICIENT
    sentence = station_sentence(station)
    if station.silent and not station.is_known:
        return Story(sentence, verdict, facts, (FORGED,))
    if not station.conflicts:
        return Story(sentence, verdict, facts)
    first, *more = station.conflicts
    return Story(f"Conflict: {first}", verdict, facts, (*more, sentence))


def _tells_something(station: Station) -> bool:
    """Say whether more is known than what was asked."""
    if isinstance(station.subject, Ip):
        return station.is_known
    return bool(station.addresses or station.names or station.maker or station.kind)


def station_of(subject: Ip | Mac, known: Known) -> Station:
    """Gather what is known of a machine."""
    macs = [*_macs(subject, known)]
    conflicts = tuple(_conflicts(subject, known))
    addresses = [*_addresses(subject, macs[:1], known)]
    things: list[Observable] = [subject, *map(Mac, macs[:1])]
    if isinstance(subject, Mac):
        things += map(Ip, addresses)
    main = Mac(macs[0]) if macs else None
    return Station(
        subject,
        tuple(macs),
        tuple(addresses),
        tuple(_names(things, known)),
        _text(known, main, "has-maker") if main else "",
        _text(known, subject, "is-held-by") if isinstance(subject, Ip) else "",
        _text(known, main, "is-a") if main else of_nobody(subject),
        _first(things, "is-in-workgroup", known),
        _first(things, "has-user", known),
        *_system(things, known),
        conflicts,
        _text(known, subject, QUIET),
        _text(known, subject, BY_LINK),
        _ended(subject, macs, known),
        _listed([*_containers(subject, known)]),
        _is_reported(subject, main, known),
    )


def of_nobody(subject: Ip | Mac) -> str:
    """Say why no machine has an address, where its digits say so: RFC 1122 3.2.1.3, RFC 4291."""
    address = ip_address(subject.address) if isinstance(subject, Ip) else None
    if address is None:
        return ""
    if address.is_multicast:
        return "multicast: a group's and no machine's"
    if str(address) == EVERYBODY:
        return "broadcast: everybody on the link"
    return "no machine's: who has no address yet sends from it" if address.is_unspecified else ""


def station_facts(subject: Ip | Mac, known: Known) -> Iterator[Fact]:
    """Give the facts about it, then those about its cards and its other addresses."""
    given: set[Observable] = set()
    waiting: list[Observable] = [subject]
    while waiting:
        thing = waiting.pop(0)
        if thing in given:
            continue
        given.add(thing)
        facts = known.about(thing)
        alike = {(fact.relation, fact.value): fact for fact in reversed(facts)}
        yield from sorted(
            (fact for fact in facts if alike[fact.relation, fact.value] is fact),
            key=lambda fact: fact.relation not in (*NOW, QUIET),
        )
        waiting += [fact.value for fact in facts if isinstance(fact.value, Ip | Mac | Container)]


def station_sentence(station: Station) -> str:
    """Say in one sentence which machine it is, and no more than is known."""
    parts = [_who(station)]
    cards = () if station.conflicts or station.by_link else station.macs[1:]
    others = [*station.addresses, *cards, *station.names[1:]]
    if others:
        parts.append(f"also seen as {_listed(others)}")
    if station.workgroup:
        parts.append(f"in {station.workgroup}")
    if station.user:
        parts.append(f"with {station.user} logged on")
    if station.system:
        parts.append(f"possibly {station.system}")
    if station.against:
        parts.append(f"which does not fit with {_listed([*station.against])}")
    if station.by_link:
        parts.append(f"but each link has its own: {station.by_link}")
    if station.ended:
        parts.append(f"whose lease {station.ended}")
    if station.silent and station.is_known:
        parts.append(f"but it does not answer ({station.silent})")
    elif station.silent:
        parts.append(f"and no station answers for it ({station.silent})")
    return ", ".join(parts) + "."


def _who(station: Station) -> str:
    subject, card = station.subject, station.macs[0] if station.macs else ""
    made = f"{_article(station.maker)} {station.maker} card" if station.maker else ""
    where = f"at {card}" if card and card != str(subject) else ""
    where += " as reported" if where and station.is_reported else ""
    kind = f"({station.kind})" if station.kind and (made or where) else station.kind
    what = " ".join(filter(None, (made, where, kind)))
    told = [*filter(None, (*station.names[:1], station.container, station.place, what))]
    if not told:
        return f"{subject}: nothing says which machine it is"
    return f"{subject} is {', '.join(told)}"


def _containers(subject: Ip | Mac, known: Known) -> Iterator[str]:
    """Describe each container or pod that had the address, with its image and machine."""
    for thing in dict.fromkeys(fact.value for fact in known.about(subject, CONTAINED)):
        about = thing if isinstance(thing, Observable) else subject
        image = _text(known, about, "runs-image")
        if isinstance(thing, Container):
            where = f" on {thing.host}" if thing.host else ""
            yield f"{thing}{f' of {image}' if image else ''}{where}"
        else:
            yield f"{thing}{f' ({image})' if image else ''}"


def _macs(subject: Ip | Mac, known: Known) -> Iterator[str]:
    """Name the cards of a machine, what is true now first, each once."""
    if isinstance(subject, Mac):
        yield subject.address
        return
    order = [*Confidence]
    facts = known.about(subject, *NOW, *THEN)
    facts.sort(key=lambda fact: (fact.relation not in NOW, order.index(fact.confidence)))
    sure = [fact for fact in facts if fact.confidence is not Confidence.POSSIBLE]
    cards = [fact.value for fact in sure or facts if isinstance(fact.value, Mac)]
    yield from dict.fromkeys(card.address for card in cards)


def _ended(subject: Ip | Mac, macs: Sequence[str], known: Known) -> str:
    """Say when the lease of a machine ended, if nothing newer tells that it has the address."""
    if isinstance(subject, Mac) or not macs:
        return ""
    told = known.about(subject, *NOW, *THEN)
    leases = [fact for fact in told if fact.relation == "leased-to" and fact.value == Mac(macs[0])]
    if len(leases) != sum(fact.value == Mac(macs[0]) for fact in told):
        return ""
    texts = [
        str(fact.value).partition(",")[0]
        for lease in leases
        for fact in known.about(subject, "has-lease")
        if fact.evidence == lease.evidence and lease.confidence is Confidence.POSSIBLE
    ]
    return texts[0] if len(texts) == len(leases) else ""


def _is_reported(subject: Ip | Mac, card: Mac | None, known: Known) -> bool:
    """Say whether only files of other tools tell that the address was at the card."""
    told = [fact for fact in known.about(subject, *NOW, *THEN) if fact.value == card]
    return bool(told) and all(fact.relation == REPORTED_AT for fact in told)


def _addresses(subject: Ip | Mac, macs: Iterable[str], known: Known) -> Iterator[str]:
    """Name the addresses that the cards answer for now, and for none, those they had."""
    for relations in (ADDRESSES[:1], ADDRESSES[1:]):
        found = dict.fromkeys(
            str(fact.value)
            for mac in macs
            for fact in known.about(Mac(mac), *relations)
            if isinstance(fact.value, Ip)
            and fact.value != subject
            and fact.confidence is not Confidence.POSSIBLE
            and not mac_kind(mac).moves
        )
        if found:
            yield from found
            return


def _names(things: Iterable[Observable], known: Known) -> Iterator[str]:
    """Name a machine, the best first; names that begin alike are told once, the longest last."""
    facts = [fact for thing in things for fact in known.about(thing, *NAMES)]
    facts.sort(key=lambda fact: _rank(fact, SOURCES))
    met: set[str] = set()
    for fact in facts:
        if not isinstance(fact.value, Hostname):
            continue
        first = fact.value.name.partition(".")[0].lower()
        if first not in met:
            met.add(first)
            yield fact.value.name


def _rank(fact: Fact, sources: Sequence[str]) -> int:
    """Say how good the source of a fact is: 0 is the best."""
    source = fact.evidence[0].source
    return next((i for i, start in enumerate(sources) if source.startswith(start)), len(sources))


def _system(things: Iterable[Observable], known: Known) -> tuple[str, tuple[str, ...]]:
    """Say what it may run, and what speaks against that.

    What it says itself is worth more than what its packets look like.
    """
    facts = [fact for thing in things for fact in known.about(thing, "may-run")]
    facts.sort(key=lambda fact: _rank(fact, SYSTEM_SOURCES))
    told = [*dict.fromkeys(str(fact.value) for fact in facts)]
    if not told:
        return "", ()
    best = families(told[0])
    against = (text for text in told[1:] if best and families(text) and not best & families(text))
    return told[0], tuple(against)


def _conflicts(subject: Ip | Mac, known: Known) -> Iterator[str]:
    """Say who else has the address, or the address the machine, as far as that is odd."""
    if isinstance(subject, Mac):
        return
    now = _cards(subject, "is-claimed-by", known)
    if len(now) > 1 and not known.about(subject, BY_LINK):
        who = [_described(card, known) for card in now]
        yield f"{len(now)} stations answer for {subject}: {_listed(who)}."
    answering = now or _cards(subject, "answers-at", known)
    leased = _cards(subject, "leased-to", known, (Confidence.CERTAIN,))
    strangers = [card for card in answering if card not in leased]
    if leased and strangers:
        yield (
            f"{subject} is leased to {_listed(leased)}, but {_listed(strangers)} answers for it."
        )
    elif len(leased) > 1:
        yield f"{subject} is leased to {_listed(leased)} at once, by two servers or in two ranges."
    captured = _cards(subject, "was-captured-at", known, (Confidence.CERTAIN,))
    if len(captured) > 1:
        who = [_described(card, known) for card in captured]
        yield f"in captures {_listed(who)} claimed {subject}: it moved, or two machines have it."
    for fact in known.about(subject, "shares-its-name"):
        yield f"{subject} says that another machine, too, has its NetBIOS name {fact.value}."


def _cards(
    subject: Ip, relation: str, known: Known, sure: Sequence[Confidence] = tuple(Confidence)
) -> list[str]:
    """Name who has the address; a virtual router's card may stand beside its owner's."""
    macs = dict.fromkeys(
        fact.value.address
        for fact in known.about(subject, relation)
        if isinstance(fact.value, Mac) and fact.confidence in sure
    )
    return [mac for mac in macs if not mac_kind(mac).moves]


def _described(mac: str, known: Known) -> str:
    told = [_text(known, Mac(mac), "has-maker")]
    if any(isinstance(fact.value, str) for fact in known.about(Mac(mac), ADDRESSES[0])):
        told.append("perhaps a router that answers for others")  # RFC 1027, proxy ARP
    words = ", ".join(filter(None, told))
    return f"{mac} ({words})" if words else mac


def _text(known: Known, thing: Observable, relation: str) -> str:
    best = known.best(thing, relation)
    return str(best.value) if best else ""


def _first(things: Iterable[Observable], relation: str, known: Known) -> str:
    return next((text for thing in things if (text := _text(known, thing, relation))), "")


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def _listed(words: list[str]) -> str:
    shown = words[:LONGEST]
    if not shown:
        return ""
    if words[LONGEST:]:
        return f"{', '.join(shown)} and {len(words) - LONGEST} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
