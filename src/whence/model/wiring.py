"""What the tables of several switches, laid side by side, say of who is plugged in where. Pure.

An address is learned by every switch on its way. The port where it is plugged in is the one
behind which no other switch that learned it stands. What stands behind a port is told by LLDP and
CDP, by the addresses of the switches themselves, and, where both are silent, by comparing whom
two switches hear at which port.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from whence.model.evidence import Evidence
from whence.model.facts import Confidence
from whence.model.mac_addresses import mac_kind
from whence.model.observables import SwitchPort
from whence.model.port_names import told_apart
from whence.model.switching import Identity, Learned, Neighbour, Port, PortKind, Resolved

ENOUGH = 4  # addresses that two switches hear in common, to say by them what faces what
ALONE = "no other address is learned there"
CROWD = 8  # stations at one port; more than an unmanaged switch under a desk serves
# Ports to switches elsewhere: of Nexus, Arista, Linux, VMware, MikroTik.
_TUNNEL = re.compile(r"(?i)(nve|vxlan|vtep|gretap|geneve|l2tp|eoip)([^a-z]|tunnel)*")
_UPLINK = re.compile(r"(?i)\b(up-?link|down-?link|peer-?link|inter-?switch|backbone)s?\b")


@dataclass(frozen=True, slots=True)
class SwitchView:
    """What one switch told."""

    name: str
    identity: Identity
    ports: tuple[Port, ...] = ()
    learned: tuple[Learned, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    missing: tuple[str, ...] = ()  # sentences: what it has learned besides, and did not tell


@dataclass(frozen=True, slots=True)
class Place:
    """A port at which an address is learned, and what that means."""

    at: SwitchPort
    rows: tuple[Learned, ...]
    confidence: Confidence
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Where an address is."""

    plugged: tuple[Place, ...] = ()  # several: it moves, or the switches cannot be brought in order
    through: tuple[Place, ...] = ()  # where only the port is known by which it is reached
    own: str = ""  # the switch whose own address it is


@dataclass(frozen=True, slots=True)
class Facing:
    """The ports by which two switches reach each other, as far as whom they hear tells."""

    here: SwitchPort
    there: SwitchPort
    is_sure: bool
    has_both_sides: bool  # some who are heard there are elsewhere for the other, both ways

    @classmethod
    def best(cls, both: Counter[tuple[SwitchPort, SwitchPort]]) -> Facing:
        """Take the pair that fits most addresses; sure where nearly all fit, and no other port.

        ``both`` counts the addresses that both switches hear, by the ports where they do.
        """
        here, there = Counter[SwitchPort](), Counter[SwitchPort]()
        for (mine, theirs), count in both.items():
            here[mine] += count
            there[theirs] += count
        fits = {
            (mine, theirs): here[mine] + there[theirs] - both[mine, theirs]
            for mine in here
            for theirs in there
        }
        pair = max(fits, key=lambda one: fits[one])
        second = max((fit for one, fit in fits.items() if one[0] != pair[0]), default=0)
        common = both.total()
        is_sure = common >= ENOUGH and fits[pair] >= 0.9 * common and fits[pair] - second >= ENOUGH
        sides = min(here[pair[0]], there[pair[1]]) > both[pair]
        return cls(*pair, is_sure, sides and fits[pair] > second)


@dataclass(slots=True)
class Wiring:
    """Who is learned where, and what leads to what."""

    views: Mapping[str, SwitchView]
    silent: tuple[str, ...] = ()  # switches that were asked, and did not answer
    _at: defaultdict[str, defaultdict[SwitchPort, list[Learned]]] = field(init=False)
    _heard: defaultdict[SwitchPort, set[str]] = field(init=False)
    _whole: dict[SwitchPort, SwitchPort] = field(init=False)
    _owner: dict[str, str] = field(init=False)
    _said: defaultdict[SwitchPort, list[Neighbour]] = field(init=False)
    _leads: dict[SwitchPort, frozenset[str]] = field(init=False)
    _sides: defaultdict[tuple[str, str], set[SwitchPort]] = field(init=False)
    _ports: defaultdict[str, list[SwitchPort]] = field(init=False)
    _faces: dict[tuple[str, str], Facing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._at = defaultdict(lambda: defaultdict(list))
        self._heard, self._said = defaultdict(set), defaultdict(list)
        self._whole, self._owner = {}, {}
        for view in self.views.values():
            self._take(view)
        self._leads, self._sides, self._ports = {}, defaultdict(set), defaultdict(list)
        for port in {**self._heard, **self._said}:
            self._leads[port] = self._stand_behind(port)
            self._ports[port.switch].append(port)
            for other in self._leads[port]:
                self._sides[port.switch, other].add(port)
        for (here, other), towards in [*self._sides.items()]:
            if (other, here) not in self._sides and (back := self._way_back(other, here, towards)):
                self._leads[back] |= {here}
                self._sides[other, here].add(back)

    def _take(self, view: SwitchView) -> None:
        for port, whole in _wholes(view.ports):
            self._whole[SwitchPort(view.name, port)] = SwitchPort(view.name, whole)
        for mac in view.identity.macs:
            self._owner.setdefault(mac, view.name)
        inner = {port.name for port in view.ports if port.kind is PortKind.CPU}
        for row in view.learned:
            at = self.whole(SwitchPort(view.name, row.port))
            self._at[row.mac][at].append(row)
            self._heard[at].add(row.mac)
            if row.port in inner:
                self._owner.setdefault(row.mac, view.name)
        for said in view.neighbours:
            self._said[self.whole(SwitchPort(view.name, said.port))].append(said)

    def whole(self, port: SwitchPort) -> SwitchPort:
        """Give the aggregate that a port is a member of, or the port that a unit is of."""
        return self._whole.get(port, port)

    def resolve(self, ip: str) -> list[tuple[str, Resolved]]:
        """Give what the switches know of an IP address, each with the name of the switch."""
        return [
            (view.name, row)
            for view in self.views.values()
            for row in view.resolved
            if row.ip == ip
        ]

    def heard_at(self, port: SwitchPort) -> frozenset[str]:
        """Give the addresses that are learned at a port."""
        return frozenset(self._heard.get(self.whole(port), ()))

    def neighbours_at(self, port: SwitchPort) -> tuple[Neighbour, ...]:
        """Give who says at a port who he is."""
        return tuple(self._said.get(self.whole(port), ()))

    def port(self, at: SwitchPort) -> Port | None:
        """Give what a switch says of a port."""
        ports = self.views[at.switch].ports if at.switch in self.views else ()
        return next((port for port in ports if port.name == at.port), None)

    def leads_to(self, port: SwitchPort) -> frozenset[str]:
        """Name the known switches that stand behind a port: by what they say, or their address."""
        return self._leads.get(port, frozenset())

    def _stand_behind(self, port: SwitchPort) -> frozenset[str]:
        told = {self.known(said, port.switch) for said in self._said.get(port, ())}
        heard = {self._owner[mac] for mac in self._heard.get(port, ()) if mac in self._owner}
        return frozenset((told | heard) - {"", port.switch})

    def known(self, said: Neighbour, here: str) -> str:
        """Give the name of the switch that a neighbour of ``here`` is, if it is one that was asked.

        A name, or an address, that several of them have is that of none: a maker gave it to all.
        """
        if said.chassis in self._owner:
            return self._owner[said.chassis]
        others = [view for view in self.views.values() if view.name != here]
        by_address = [v for v in others if set(said.addresses) & set(v.identity.addresses)]
        by_name = [
            v for v in others if said.system_name and _same(said.system_name, v.identity.name)
        ]
        return next((found[0].name for found in (by_address, by_name) if len(found) == 1), "")

    def _way_back(self, switch: str, to: str, towards: set[SwitchPort]) -> SwitchPort | None:
        """Say by which port a switch reaches another, where the other alone knows of the first.

        Whom the other hears elsewhere than towards the first is not behind the first: it hears
        them by the port that is looked for.
        """
        near, far = set[str](), set[str]()
        for port in self._ports[to]:
            (far if port in towards else near).update(self._heard.get(port, ()))
        near -= far
        count = Counter(
            {port: len(near & self._heard.get(port, set())) for port in self._ports[switch]}
        )
        first, second = [*count.most_common(2), (None, 0), (None, 0)][:2]
        return first[0] if first[1] > second[1] else None

    def find(self, mac: str) -> Found:
        """Say where an address is plugged in, or at least through which port it is reached."""
        if mac in self._owner:
            return Found(own=self._owner[mac])
        stands: Mapping[SwitchPort, list[Learned]] = self._at.get(mac, {})
        if not stands:
            return Found(tuple(self._said_places(mac)))
        ends = [
            port
            for port in stands
            if not any(self._is_behind(other, port) for other in stands if other != port)
        ]
        plugged = {
            port: stands[port]
            for port in ends
            if not self._is_link(port, mac) and not self._ends_facing(port, ends)
        }
        if len(plugged) > 1:
            return Found(tuple(_several(mac, plugged, self._said)))
        if plugged:
            return Found(tuple(self._plugged(port, rows, mac) for port, rows in plugged.items()))
        return Found((), tuple(self._through(port, stands, ends) for port in ends))

    def _said_places(self, mac: str) -> Iterator[Place]:
        """Give where a device says who it is, that sends nothing else."""
        saying: dict[SwitchPort, list[Learned]] = {
            at: [] for at, said in self._said.items() if any(one.chassis == mac for one in said)
        }
        if len(saying) > 1:
            yield from _several(mac, saying, self._said)
        else:
            yield from (self._plugged(at, rows, mac) for at, rows in saying.items())

    def _ends_facing(self, port: SwitchPort, ends: Iterable[SwitchPort]) -> frozenset[SwitchPort]:
        """Give the ports of other switches that hear an address, too, and lead back to this one.

        Then it is on the way between them.
        """
        found = set()
        for other in ends:
            if other.switch == port.switch:
                continue
            is_told = other.switch in self.leads_to(port) and port.switch in self.leads_to(other)
            if is_told or self._face(port, other):
                found.add(other)
        return frozenset(found)

    def _face(self, port: SwitchPort, other: SwitchPort) -> bool:
        """Guess whether two ports face each other, where no others are known to."""
        faces = self._facing(port.switch, other.switch)
        if (faces.here, faces.there) != (port, other) or not faces.has_both_sides:
            return False
        elsewhere = self._leads_elsewhere(port, other.switch)
        return not elsewhere and not self._leads_elsewhere(other, port.switch)

    def _is_behind(self, farther: SwitchPort, nearer: SwitchPort) -> bool:
        """Say whether the switch of one port stands behind the other port.

        An address is learned at both.
        """
        if farther.switch == nearer.switch:
            return False
        if farther.switch in self.leads_to(nearer):
            return nearer.switch not in self.leads_to(farther)
        if nearer.switch in self.leads_to(farther):
            return False
        if self._leads_elsewhere(nearer, farther.switch):
            return False
        if self._leads_elsewhere(farther, nearer.switch):
            return True
        faces = self._facing(nearer.switch, farther.switch)
        return faces.here == nearer and faces.there != farther

    def _leads_elsewhere(self, port: SwitchPort, switch: str) -> bool:
        """Say whether another port of the same switch leads to a switch."""
        return bool(self._sides.get((port.switch, switch), set()) - {port})

    def _facing(self, one: str, other: str) -> Facing:
        """Guess by which ports two switches that say nothing reach each other.

        Whom one hears elsewhere than at that port, the other hears at its own: they are on the
        side of the first. Of all pairs of ports it is the one with the fewest addresses for which
        this is not so. After Breitbart and others, Topology Discovery in Heterogeneous IP
        Networks, 2000.
        """
        if (one, other) not in self._faces:
            where = {mac: port for port in self._ports[other] for mac in self._heard.get(port, ())}
            both = Counter(
                (port, where[mac])
                for port in self._ports[one]
                for mac in self._heard.get(port, ())
                if mac in where
            )
            self._faces[one, other] = Facing.best(both)
        return self._faces[one, other]

    def _leads_by_hearing(self, port: SwitchPort) -> frozenset[str]:
        """Name the switches that surely stand behind a port, by whom they hear."""
        stations = self._heard.get(port, set())
        others = {at.switch for mac in stations for at in self._at[mac]} - {port.switch}
        facing = {other: self._facing(port.switch, other) for other in others}
        return frozenset(
            other for other, faces in facing.items() if faces.is_sure and faces.here == port
        )

    def _is_link(self, port: SwitchPort, mac: str) -> bool:
        """Say whether a port leads to another switch, rather than to the machine."""
        said = self._said.get(port, ())
        if any(neighbour.chassis == mac for neighbour in said):
            return False
        if _TUNNEL.fullmatch(port.port) or (self._called(port) and len(self._heard[port]) > 1):
            return True
        if self.leads_to(port) or any(map(is_switch, said)) or self._leads_by_hearing(port):
            return True
        serves_many = any(one.capabilities & {"access-point", "station"} for one in said)
        return not serves_many and self._is_crowded(port)

    def _called(self, at: SwitchPort) -> str:
        """Give what a person wrote beside a port, if that is that another switch is there."""
        port = self.port(at)
        return port.alias if port and _UPLINK.search(port.alias) else ""

    def _is_crowded(self, port: SwitchPort) -> bool:
        """Say whether more stations are behind a port than one socket serves.

        Where most addresses are made up, they are those of guests, or of telephones on Wi-Fi.
        """
        heard = self._heard.get(port, set())
        made_up = sum(is_made_up(mac) or bool(mac_kind(mac).virtual) for mac in heard)
        return len(heard) > CROWD and 2 * made_up < len(heard)

    def _plugged(self, at: SwitchPort, rows: list[Learned], mac: str) -> Place:
        others = self._heard[at] - {mac}
        said = self._said.get(at, ())
        evidence = _evidence(rows, said)
        if any(neighbour.chassis == mac for neighbour in said):
            reason = "it says so itself"
            return Place(at, tuple(rows), Confidence.CERTAIN, reason, evidence)
        if called := self._called(at):
            reason = f"{ALONE}, but that port is called “{called}”"
            return Place(at, tuple(rows), Confidence.POSSIBLE, reason, evidence)
        # A switch that did not answer may stand there, unless another device says that it does.
        doubt = f", but {' and '.join(self.silent)} did not answer" if self.silent else ""
        doubt = "" if said else doubt
        port = self.port(at)
        if not others and not said and not doubt and port and port.kind is PortKind.AGGREGATE:
            doubt = ", but what has a bundle of links is often a switch"
        if not others:
            reason = f"{ALONE}{doubt}"
            sure = Confidence.LIKELY if doubt else Confidence.CERTAIN
            return Place(at, tuple(rows), sure, reason, evidence)
        reason = "no switch that was asked, and none that says so, stands behind this port"
        if doubt:
            reason = f"{len(others) + 1} addresses are learned there{doubt} and may stand there"
        sure = Confidence.POSSIBLE if doubt else Confidence.LIKELY
        return Place(at, tuple(rows), sure, reason, evidence)

    def _through(
        self,
        at: SwitchPort,
        stands: Mapping[SwitchPort, Sequence[Learned]],
        ends: Iterable[SwitchPort],
    ) -> Place:
        said = self._said.get(at, ())
        told = [neighbour for neighbour in said if is_switch(neighbour)]
        facing = self._ends_facing(at, ends)
        behind = [self.leads_to(port) or self._leads_by_hearing(port) for port in (at, *facing)]
        deaf = frozenset.intersection(*behind) - {port.switch for port in stands}
        if deaf:
            names = " and ".join(sorted(deaf))
            reason = f"that port leads to {names}, which has not heard it lately"
        elif facing:
            where = " and ".join(sorted({port.switch for port in (at, *facing)}))
            reason = f"it is between {where}, behind something on their link that was not asked"
        elif behind[0]:
            reason = f"that port leads to {' and '.join(sorted(behind[0]))}"
        elif told:
            asked = "is none of those that answered" if self.silent else "was not asked"
            reason = f"that port leads to {_listed(told)}, which {asked}"
        elif _TUNNEL.fullmatch(at.port):
            reason = "that port is a tunnel to switches elsewhere"
        elif called := self._called(at):
            reason = f"that port is called “{called}”, and what stands there was not asked"
        else:
            reason = f"{len(self._heard[at])} addresses are learned at that port"
            reason += f", where {_listed(said)} is" if said else ""
            reason += ": another switch, which was not asked, or an access point stands behind it"
        evidence = _evidence(stands[at], told or said)
        return Place(at, tuple(stands[at]), Confidence.CERTAIN, reason, evidence)


def _wholes(ports: Sequence[Port]) -> Iterator[tuple[str, str]]:
    """Say which ports are one: those of an aggregate, and the units of a port.

    Junos learns at ge-0/0/1.0 and hears LLDP at ge-0/0/1; Linux bridges eth0.20.
    """
    plugs = {p.name for p in ports if p.kind in (PortKind.PHYSICAL, PortKind.AGGREGATE)}
    wholes = {port.name: port.aggregate for port in ports if port.aggregate}
    for port in ports:
        bearer, _, unit = port.name.rpartition(".")
        if bearer in plugs and unit.isdecimal() and port.kind is not PortKind.CPU:
            wholes.setdefault(port.name, bearer)
    for name, whole in wholes.items():
        yield name, wholes.get(whole, whole)


def _several(
    mac: str,
    places: Mapping[SwitchPort, Sequence[Learned]],
    said: Mapping[SwitchPort, Sequence[Neighbour]],
) -> Iterator[Place]:
    """Give the places of an address that is learned at several, and say what that can be."""
    vlans = [{vlan for row in rows for vlan in row.vlans} for rows in places.values()]
    reason = "it moves, or two machines have one address"
    kind = mac_kind(mac)
    if kind.moves:
        reason = f"it is {kind.words}"
    elif all(vlans) and len(set[int]().union(*vlans)) == sum(map(len, vlans)):
        reason = "two cards have one address, or something joins these VLANs"
    elif len({port.switch for port in places}) == len(places):
        reason = "it moves, two machines have one address, or it is plugged in at each of them"
    for at, rows in places.items():
        evidence = _evidence(rows, said.get(at, ()))
        yield Place(at, tuple(rows), Confidence.POSSIBLE, reason, evidence)


def wiring_of(views: Iterable[SwitchView], silent: Iterable[str] = ()) -> Wiring:
    """Lay the tables of switches side by side; two of one name are told apart by a number."""
    named: dict[str, SwitchView] = {}
    count: Counter[str] = Counter()
    for view in views:
        count[view.name] += 1
        name = view.name if count[view.name] == 1 else f"{view.name} ({count[view.name]})"
        named[name] = _ports_told_apart(replace(view, name=name))
    return Wiring(named, tuple(silent))


def _ports_told_apart(view: SwitchView) -> SwitchView:
    """Put the ifIndex behind a name that several ports have: it may be what a person wrote."""
    plugs = [port for port in view.ports if port.kind in (PortKind.PHYSICAL, PortKind.AGGREGATE)]
    count = Counter(port.name for port in plugs)
    names: dict[int | None, str] = {
        port.index: told_apart(port.name, port.index)
        for port in plugs
        if count[port.name] > 1 and port.index is not None
    }
    if not names:
        return view
    ports = tuple(replace(port, name=names.get(port.index, port.name)) for port in view.ports)
    learned = tuple(replace(row, port=names.get(row.index, row.port)) for row in view.learned)
    said = tuple(replace(one, port=names.get(one.index, one.port)) for one in view.neighbours)
    return replace(view, ports=ports, learned=learned, neighbours=said)


def is_switch(said: Neighbour) -> bool:
    """Say whether a neighbour calls itself a bridge, and nothing that stands at the edge."""
    edge = said.capabilities & {"telephone", "access-point", "station"}
    return "bridge" in said.capabilities and not edge


def is_made_up(mac: str) -> bool:
    """Say whether no maker gave an address: it is locally administered, IEEE 802."""
    return len(mac) == 17 and bool(int(mac[1], 16) & 2)


def _listed(said: Iterable[Neighbour]) -> str:
    return " and ".join(sorted({describe(neighbour) for neighbour in said}))


def describe(said: Neighbour) -> str:
    """Name a neighbour by the best name that it has."""
    addresses = f" ({', '.join(said.addresses)})" if said.addresses else ""
    return (said.system_name or said.chassis or said.remote_port or "a device") + addresses


def _same(one: str, other: str) -> bool:
    """Compare names of systems, with or without their domain.

    NX-OS and CatOS put a serial number behind theirs, in brackets.
    """
    plain = (name.partition("(")[0].rstrip(" .").lower() for name in (one, other))
    short, full = sorted(plain, key=len)
    return bool(short) and (short == full or full.startswith(f"{short}."))


def _evidence(rows: Iterable[Learned], said: Iterable[Neighbour]) -> tuple[Evidence, ...]:
    found = [piece for row in rows for piece in row.evidence]
    found += [piece for neighbour in said for piece in neighbour.evidence]
    return tuple(dict.fromkeys(found))
