"""What stands behind a switch port besides the machine that was looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from whence.model import Confidence, Evidence, Fact, Reach, SwitchPort, probe
from whence.model.mac_addresses import mac_kind
from whence.model.switching import Duplex, Neighbour
from whence.model.wiring import ALONE, Wiring, describe, is_made_up, is_switch
from whence.probes._places import rows_at
from whence.world import Switches

EDGES = {"telephone": "a phone", "access-point": "an access point", "router": "a router"}


@probe(answers="has-behind", reach=Reach.DEVICE, near=3)
def has_behind(port: SwitchPort, switches: Switches) -> Iterator[Fact]:
    """What else is behind this switch port: a phone, a hub, an access point, a hypervisor?"""
    wiring = switches.wiring()
    for text, confidence, evidence in _signs(port, wiring):
        cited = evidence or _lines(port, wiring)
        if cited:
            yield port.fact("has-behind", text, *cited, confidence=confidence)


def _signs(
    port: SwitchPort, wiring: Wiring
) -> Iterator[tuple[str, Confidence, tuple[Evidence, ...]]]:
    macs = wiring.heard_at(port)
    count = f"{len(macs)} addresses are learned there"
    said = wiring.neighbours_at(port)
    extra = f", and {count}" if len(macs) > 1 else ""
    for neighbour in said:
        kind, sure = _kind(neighbour)
        text = f"{kind} {describe(neighbour)}, as {neighbour.protocol.upper()} says"
        yield text + extra, sure, neighbour.evidence
    known = sorted(wiring.leads_to(wiring.whole(port)))
    guests = Counter(who for mac in macs if (who := mac_kind(mac).virtual))
    shared = {mac: words for mac in sorted(macs) if (words := _shared(mac))}
    is_several = len(macs) - len(shared) > 1 and not (said or known or guests)
    is_half = _is_half_duplex(port, wiring)
    if is_half:
        several = f"a hub: the link is half duplex, and {count}"
        one = "a hub, or a failed negotiation: the link is half duplex"
        yield several if is_several else one, Confidence.LIKELY, ()
    if known:
        if not said:
            text = f"the switch {' and '.join(known)}, by addresses that are learned"
            yield text + extra, Confidence.LIKELY, ()
        return
    if any(map(is_switch, said)):
        return
    if guests:
        named = " and ".join(f"{number} of {maker}" for maker, number in guests.items())
        text = f"a hypervisor: addresses there are those of virtual machines ({named})"
        yield text, Confidence.LIKELY, ()
    if shared and not said:
        each = " and ".join(f"{mac} is {words}" for mac, words in shared.items())
        yield f"a router or a cluster: {each}", Confidence.LIKELY, ()
    if is_several and not is_half:
        kind = _phone(port, macs, wiring) + "an unmanaged switch or hub" + _random(macs)
        text = f"{kind}: {count}, and no device says who it is"
        yield text, Confidence.POSSIBLE, ()
    elif len(macs) == 1 and not (said or guests):
        yield ALONE, Confidence.CERTAIN, ()


def _is_half_duplex(port: SwitchPort, wiring: Wiring) -> bool:
    told = wiring.port(port)
    return told is not None and told.duplex is Duplex.HALF


def _shared(mac: str) -> str:
    """Say whose address it is, if several machines have it by right: of a virtual router."""
    kind = mac_kind(mac)
    return kind.words if kind.moves else ""


def _phone(port: SwitchPort, macs: frozenset[str], wiring: Wiring) -> str:
    """Say whether it looks like a telephone, which has a VLAN of its own, before a machine."""
    learned = rows_at(port, wiring)
    vlans = [{vlan for row in learned if row.mac == mac for vlan in row.vlans} for mac in macs]
    is_one = len(macs) == 2 and all(vlans) and not set.intersection(*vlans)
    return "a telephone with a machine behind it, or " if is_one else ""


def _kind(neighbour: Neighbour) -> tuple[str, Confidence]:
    for able, kind in EDGES.items():
        if able in neighbour.capabilities and not (able == "router" and is_switch(neighbour)):
            return kind, Confidence.REPORTED
    return ("the switch" if is_switch(neighbour) else "the device"), Confidence.REPORTED


def _random(macs: frozenset[str]) -> str:
    """Say where most addresses were made up: by telephones on Wi-Fi, or by guests."""
    made_up = sum(map(is_made_up, macs))
    return f", or an access point ({made_up} addresses are made up)" if made_up > 1 else ""


def _lines(port: SwitchPort, wiring: Wiring) -> tuple[Evidence, ...]:
    """Cite some of the rows of a port, and the port itself."""
    cited = [piece for row in rows_at(port, wiring) for piece in row.evidence[:1]]
    told = wiring.port(port)
    return (*(told.evidence if told else ()), *cited[:5])
