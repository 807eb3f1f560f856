"""Which way does it go: does it start here, pass through, or end here?

“Here” is the machine whose interfaces were captured. What a view of a flow can say: the
direction in which the kernel handed over the packet (cooked captures and pcapng flags), how often
a router has counted down its TTL, the MAC addresses, and which interface had it first.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from whence.analysis._places import CONVERSATION, LOW_BEGAN
from whence.analysis._refusals import Ends, Told, refusals_by_ends
from whence.analysis._words import end, listed, utc
from whence.model.facts import Confidence
from whence.model.observables import Flow
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OPPOSITE = {"incoming": "outgoing", "outgoing": "incoming"}
FULL_TTLS = frozenset({64, 128, 255})  # what systems send with; one less is one router away
NO_MAC = "00:00:00:00:00:00"  # of frames on the loopback interface
TRANSLATION = timedelta(milliseconds=100)  # the two sides of a NAT show a flow within this time


class Way(enum.StrEnum):
    """Where traffic is at home, as seen from where it was captured."""

    STARTS = "starts here"
    PASSES = "passes through"
    ENDS = "ends here"
    TURNS = "turns around here"  # in and out by the same interface: hairpin, one-armed router
    STAYS = "stays here"  # loopback
    BYE = "is others' traffic"  # heard on a shared wire or a mirror port
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class View:
    """What one interface saw of a flow."""

    interface: str
    vlan: str
    tunnel: str
    direction: str  # of what the source sent: "incoming", "outgoing", "forwarded?" or not known
    ttl: int | None  # TTL or hop limit of what the source sent
    source_mac: str | None
    destination_mac: str | None
    back_only: bool = False  # it had answers, and nothing that they answer
    is_part: bool = False  # others have other packets of the same direction

    @property
    def place(self) -> str:
        """The interface, with its VLAN."""
        name = self.interface or "the capture"
        name += f" VLAN {self.vlan}" if self.vlan else ""
        return f"{name} in {self.tunnel}" if self.tunnel else name


@dataclass(frozen=True, slots=True)
class Route:
    """Flows that go the same way."""

    way: Way
    confidence: Confidence
    sentence: str
    evidence: tuple[str, ...]
    source: str
    destination: str
    destination_port: int | None
    transport: str
    enters: str | None  # interface
    leaves: str | None
    translated: str  # "source 192.0.2.9 becomes 203.0.113.1", or empty
    views: tuple[View, ...]  # in the order in which they had it
    flows: int
    packets: int
    first: datetime
    last: datetime
    examples: tuple[int, ...]  # numbers of flow rows


def paths(tables: DuckDBPyConnection, target: Flow, most: int = 50) -> list[Route]:
    """Say which way the flows go that a target names, by whichever end; the most packets first."""
    _note_chosen(tables, target)
    tables.execute(_SIDES)
    surroundings = _surroundings(tables)
    refused = refusals_by_ends(tables, "chosen")
    routes = [_route(surroundings, *row) for row in _signatures(tables, most)]
    return [_with_refusals(route, refused) for route in routes]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the whole capture says of the machine it was made on."""

    interfaces: tuple[str, ...]
    own_macs: frozenset[str]

    def elsewhere(self, views: Sequence[View]) -> str:
        """Name the interfaces that had none of it."""
        had = {view.interface for view in views}
        return listed([name for name in self.interfaces if name not in had])


def _with_refusals(route: Route, refused: Mapping[Ends, Sequence[Told]]) -> Route:
    """Add who told the source, or the destination, that packets did not arrive."""
    port = None if "icmp" in route.transport else route.destination_port
    said = refused.get((route.source, route.destination, port, route.transport), ())
    return replace(route, evidence=(*route.evidence, *map(str, said)))


def _note_chosen(tables: DuckDBPyConnection, target: Flow) -> None:
    wanted = {
        "ip": target.destination,
        "port": target.destination_port,
        "other_ip": target.source,
        "other_port": target.source_port,
        "transport": target.transport,
    }
    tables.execute(
        f"""CREATE OR REPLACE TEMP TABLE chosen AS
        SELECT flow, "first", "last", interface, vlan, tunnel, direction_in, protocol, transport,
            source_ip, destination_ip, source_port, destination_port, source_mac,
            destination_mac, source_packets, destination_packets, source_payload,
            destination_payload, source_ttl_max, {CONVERSATION} AS conversation,
            flow IN (FROM spread) AS is_part
        FROM flows
        WHERE ($transport::VARCHAR IS NULL OR transport = $transport) AND (
            {_ends("destination", "source")} OR {_ends("source", "destination")})""",
        wanted,
    )
    tables.execute(_TWINS, {"within": int(TRANSLATION / timedelta(microseconds=1))})


def _ends(called: str, calls: str) -> str:
    return f"""(
        ($ip::VARCHAR IS NULL OR {called}_ip = $ip)
        AND ($port::INTEGER IS NULL OR {called}_port = $port)
        AND ($other_ip::VARCHAR IS NULL OR {calls}_ip = $other_ip)
        AND ($other_port::INTEGER IS NULL OR {calls}_port = $other_port))"""


# The other side of a NAT: one end the same, the other not, at another place, as many packets and
# as much payload each way, at the same time. One came in where the other went out; where
# directions are not known, fewer than three packets could be chance. Buckets of time keep the
# join small.
_SAME = """
    mine.protocol = other.protocol
    AND mine.source_packets = other.source_packets
    AND mine.destination_packets = other.destination_packets
    AND mine.source_payload IS NOT DISTINCT FROM other.source_payload
    AND mine.destination_payload IS NOT DISTINCT FROM other.destination_payload
    AND mine.moment = epoch_us(other."first") // $within
    AND abs(epoch_us(other."first") - epoch_us(mine."first")) <= $within
    AND abs(epoch_us(other."last") - epoch_us(mine."last")) <= $within
    AND (mine.interface, mine.vlan) <> (other.interface, other.vlan)
    AND CASE WHEN mine.direction_in <> '' AND other.direction_in <> ''
        THEN mine.direction_in <> other.direction_in
        ELSE mine.source_packets + mine.destination_packets >= 3 END"""
_TWINS = f"""
CREATE OR REPLACE TEMP TABLE twins AS
WITH mine AS (
    SELECT *, epoch_us("first") // $within + unnest([-1, 0, 1]) AS moment FROM chosen
    WHERE protocol IN (1, 6, 17, 58, 132)
), found AS (
    SELECT mine.conversation, mine."first" AS mine_first, other.flow,
        abs(epoch_us(other."first") - epoch_us(mine."first")) AS apart
    FROM mine JOIN flows AS other ON {_SAME}
        AND mine.destination_ip = other.destination_ip
        AND mine.destination_port = other.destination_port
        AND mine.source_ip <> other.source_ip
    UNION ALL
    SELECT mine.conversation, mine."first", other.flow,
        abs(epoch_us(other."first") - epoch_us(mine."first"))
    FROM mine JOIN flows AS other ON {_SAME}
        AND mine.source_ip = other.source_ip AND mine.source_port = other.source_port
        AND mine.destination_ip <> other.destination_ip
), nearest AS (
    SELECT conversation, arg_min(flow, apart) AS flow, arg_min(mine_first, apart) AS mine_first
    FROM found GROUP BY conversation
)
SELECT conversation, {{
    'interface': interface, 'vlan': vlan, 'tunnel': tunnel, 'direction': direction_in,
    'ttl': source_ttl_max, 'source_mac': source_mac, 'destination_mac': destination_mac,
    'back_only': FALSE, 'is_part': FALSE,
    'source': source_ip, 'destination': destination_ip, 'after': "first" >= mine_first}} AS twin
FROM nearest JOIN flows USING (flow)
"""


# What each interface saw. A capture says it itself; an exporter names both interfaces of each flow,
# and of those that report the same conversation, the one that saw most speaks for all of it.
_SIDES = """
CREATE OR REPLACE TEMP TABLE sides AS
WITH told AS (
    SELECT *, input_interface > 0 AND output_interface > 0 AS by_both
    FROM chosen LEFT JOIN exported USING (flow)
), reporting AS (
    SELECT conversation, exporter, interface FROM told WHERE by_both
    GROUP BY conversation, exporter, interface
    QUALIFY row_number() OVER (PARTITION BY conversation, exporter
        ORDER BY sum(source_packets + destination_packets) DESC, interface) = 1
), doubled AS (
    SELECT told.* FROM told SEMI JOIN reporting USING (conversation, exporter, interface)
    WHERE by_both
)
SELECT * EXCLUDE (exporter, input_interface, output_interface, by_both), 0 AS side,
    FALSE AS reported
FROM told WHERE by_both IS NOT TRUE
UNION ALL BY NAME
SELECT * EXCLUDE (exporter, input_interface, output_interface, by_both)
    REPLACE (exporter || ':' || input_interface AS interface, 'incoming' AS direction_in),
    0 AS side, TRUE AS reported
FROM doubled
UNION ALL BY NAME
SELECT * EXCLUDE (exporter, input_interface, output_interface, by_both)
    REPLACE (exporter || ':' || output_interface AS interface, 'outgoing' AS direction_in,
        NULL AS source_mac, NULL AS destination_mac, NULL AS source_ttl_max),
    1 AS side, TRUE AS reported
FROM doubled
"""


def _signatures(tables: DuckDBPyConnection, most: int) -> list[tuple[Any, ...]]:
    """Gather the conversations that look the same at every place."""
    return tables.execute(
        f"""WITH views AS (
            SELECT conversation, min("first") AS "first", max("last") AS "last",
                sum(source_packets + destination_packets) AS packets,
                sum(destination_packets) AS answered, min(flow) AS flow, side,
                sum(CASE WHEN {LOW_BEGAN} THEN source_packets ELSE destination_packets END)
                    AS by_low,
                arg_min({LOW_BEGAN}, "first") AS low_began,
                arg_min(coalesce(direction_in, ''), "first") AS direction,
                bool_or(reported) AS reported,
                arg_min({{'ip': source_ip, 'other': destination_ip, 'port': destination_port,
                    'transport': transport}}, "first") AS ends,
                {{'interface': interface, 'vlan': vlan, 'tunnel': tunnel,
                    'ttl': max(source_ttl_max), 'is_part': bool_or(is_part),
                    'source_mac': arg_min(source_mac, "first"),
                    'destination_mac': arg_min(destination_mac, "first")}} AS view
            FROM sides GROUP BY conversation, interface, vlan, tunnel, side
        ), turned AS (
            SELECT * REPLACE (CASE WHEN low_began = low_is_source THEN direction
                    WHEN direction = 'incoming' THEN 'outgoing'
                    WHEN direction = 'outgoing' THEN 'incoming' ELSE direction END AS direction),
                CASE WHEN low_is_source THEN by_low ELSE packets - by_low END = 0 AS back_only
            FROM (SELECT *, first_value(low_began) OVER (
                PARTITION BY conversation ORDER BY "first", flow, side) AS low_is_source FROM views)
        ), conversations AS (
            SELECT conversation, arg_min(ends, "first") AS ends,
                list(struct_insert(view, back_only := back_only, direction := direction)
                    ORDER BY "first", flow, side) AS views,
                greatest(max(packets), sum(packets) FILTER (view.is_part))::BIGINT AS packets,
                max(answered) > 0 AS answered, bool_or(reported) AS reported,
                min("first") AS "first", max("last") AS "last", min(flow) AS flow
            FROM turned GROUP BY conversation
        )
        SELECT ends, views, twin, answered, reported, count(*), sum(packets)::BIGINT, min("first"),
            max("last"), list(flow ORDER BY flow)[1:3]
        FROM conversations LEFT JOIN twins USING (conversation)
        GROUP BY ends, views, twin, answered, reported ORDER BY 7 DESC, 8 LIMIT $most""",
        {"most": most},
    ).fetchall()


def _surroundings(tables: DuckDBPyConnection) -> _Surroundings:
    names = tables.execute("SELECT DISTINCT interface FROM flows ORDER BY 1").fetchall()
    if len(names) == 1:
        return _Surroundings((names[0][0],), frozenset())
    # Whoever sent a packet on with its TTL counted down is the machine in the middle.
    macs = tables.execute(
        f"""WITH passing AS (
            SELECT {CONVERSATION} AS conversation, interface, source_mac, destination_mac,
                source_ttl_max AS ttl FROM flows
        ), several AS (
            SELECT conversation, max(ttl) AS before, min(ttl) AS after FROM passing
            GROUP BY conversation HAVING count(DISTINCT interface) > 1
        )
        SELECT DISTINCT CASE WHEN ttl = after THEN source_mac ELSE destination_mac END
        FROM passing JOIN several USING (conversation)
        WHERE before = after + 1 AND ttl IN (before, after)
        UNION SELECT source_mac FROM flows WHERE direction_in = 'outgoing'"""
    ).fetchall()
    own = frozenset(mac for (mac,) in macs if mac)
    return _Surroundings(tuple(name for (name,) in names), own)


@dataclass(frozen=True, slots=True)
class _Decision:
    way: Way
    confidence: Confidence
    because: str  # continues the sentence
    enters: View | None = None
    leaves: View | None = None
    evidence: tuple[str, ...] = ()


def _route(
    surroundings: _Surroundings,
    ends: dict[str, Any],
    rows: list[dict[str, Any]],
    twin: dict[str, Any] | None,
    answered: bool,
    reported: bool,
    flows: int,
    packets: int,
    first: datetime,
    last: datetime,
    examples: list[int],
) -> Route:
    views = [View(**row) for row in rows]
    translated = ""
    if twin:
        other = View(**{name: twin[name] for name in rows[0]})
        # Where it goes out it is translated already, whichever side's packet was captured first.
        after = other.direction == "outgoing" if other.direction in _OPPOSITE else twin["after"]
        views = [*views, other] if after else [other, *views]
        translated = _translation(ends, twin, after)
    # Where only answers were seen, it may have gone another way; they went against it.
    there = [view for view in views if not view.back_only] or views[::-1]
    decision = _stays(ends, views, reported) or _decide(there, answered, surroundings)
    if reported and decision.confidence is Confidence.CERTAIN:
        sign = "an exporter says by which of its interfaces it came and went (ifIndex)"
        decision = replace(
            decision, confidence=Confidence.REPORTED, evidence=(sign, *decision.evidence)
        )
    what = f"{ends['ip']} → {end(ends['other'], ends['port'], ends['transport'])}"
    evidence = (*decision.evidence, *_spread(views), *([translated] if translated else ()))
    return Route(
        decision.way,
        decision.confidence,
        f"{what} {decision.way}: {decision.because}"
        f" ({many(flows, 'flow')}, {many(packets, 'packet')}).",
        (*(_seen(view) for view in views), *evidence),
        ends["ip"],
        ends["other"],
        ends["port"],
        ends["transport"],
        decision.enters.interface if decision.enters else None,
        decision.leaves.interface if decision.leaves else None,
        translated,
        tuple(views),
        flows,
        packets,
        utc(first),
        utc(last),
        tuple(examples),
    )


def _translation(ends: dict[str, Any], twin: dict[str, Any], after: bool) -> str:
    role, here, there = (
        ("source", ends["ip"], twin["source"])
        if ends["ip"] != twin["source"]
        else ("destination", ends["other"], twin["destination"])
    )
    old, new = (here, there) if after else (there, here)
    return f"the {role} {old} becomes {new}: NAT, by equal packets, payload and times"


def _spread(views: Sequence[View]) -> tuple[str, ...]:
    parts = [view.place for view in views if view.is_part]
    if not parts:
        return ()
    return (f"{listed(parts)} have different packets of it: it is spread, as over a bond",)


def _seen(view: View) -> str:
    direction = _OPPOSITE.get(view.direction) if view.back_only else None
    words = [f"{view.place}: {direction or view.direction or 'direction not recorded'}"]
    if view.ttl is not None:
        words.append(f"TTL {view.ttl}")
    if view.source_mac:
        words.append(f"from {view.source_mac}")
    if view.destination_mac:
        words.append(f"to {view.destination_mac}")
    if view.back_only:
        words.append("only what comes back")
    return ", ".join(words)


def _decide(views: list[View], answered: bool, surroundings: _Surroundings) -> _Decision:
    incoming = [view for view in views if view.direction == "incoming"]
    outgoing = [view for view in views if view.direction == "outgoing"]
    if incoming and outgoing:
        return _through(views, incoming[0], outgoing[-1])
    if outgoing:
        return _only_out(outgoing, surroundings)
    if incoming:
        return _only_in(incoming, answered, surroundings)
    if any(view.direction for view in views):
        return _Decision(
            Way.BYE,
            Confidence.LIKELY,
            f"{views[0].place} heard it, addressed to another machine",
        )
    return _undirected(views, surroundings)


def _stays(ends: dict[str, Any], views: list[View], reported: bool) -> _Decision | None:
    """Say whether it never leaves a machine; a capture does not always name the interface lo."""
    because = "it never leaves this machine"
    if all(view.interface == "lo" for view in views):
        because = "it is on the loopback interface only"
        return _Decision(Way.STAYS, Confidence.CERTAIN, because)
    addresses = [text for text in (ends["ip"], ends["other"]) if text]
    if len(addresses) == 2 and all(ipaddress.ip_address(text).is_loopback for text in addresses):
        signs = (f"{' and '.join(dict.fromkeys(addresses))}: loopback, which no wire carries",)
        return _Decision(Way.STAYS, Confidence.CERTAIN, because, evidence=signs)
    if not reported and all(view.source_mac == NO_MAC for view in views):  # or not exported
        signs = (f"its frames come from {NO_MAC}, as those of the loopback interface do",)
        return _Decision(Way.STAYS, Confidence.LIKELY, because, evidence=signs)
    return None


def _through(views: list[View], enters: View, leaves: View) -> _Decision:
    # The first packet that was captured may be an answer: then what follows is no order, but a TTL
    # is never counted up.
    routed = enters.ttl is not None and leaves.ttl is not None and enters.ttl > leaves.ttl
    if views.index(leaves) < views.index(enters) and not routed:
        return _Decision(
            Way.STARTS,
            Confidence.LIKELY,
            f"it goes out by {leaves.place} first, and comes back by {enters.place}",
            enters,
            leaves,
        )
    way = Way.TURNS if enters.interface == leaves.interface else Way.PASSES
    because = f"in by {enters.place}, out by {leaves.place}"
    return _Decision(way, Confidence.CERTAIN, because, enters, leaves, _counted(enters, leaves))


def _counted(enters: View, leaves: View) -> tuple[str, ...]:
    if enters.ttl is None or leaves.ttl is None:
        return ()
    if enters.ttl == leaves.ttl:
        return (f"the TTL stays {enters.ttl}: it is bridged, not routed",)
    if enters.ttl > leaves.ttl:
        return (f"the TTL goes from {enters.ttl} to {leaves.ttl}: it is routed",)
    return (f"the TTL goes up from {enters.ttl} to {leaves.ttl}: a proxy or a rule sets it anew",)


def _only_out(outgoing: list[View], surroundings: _Surroundings) -> _Decision:
    leaves = outgoing[-1]
    full = leaves.ttl in FULL_TTLS
    elsewhere = surroundings.elsewhere(outgoing)
    by = listed([*dict.fromkeys(view.place for view in outgoing if view.is_part)]) or leaves.place
    signs = [f"its TTL {leaves.ttl} was not counted down by any router"] if full else []
    if elsewhere:
        signs.append(f"it came in by none of the others ({elsewhere})")
        confidence = Confidence.CERTAIN if full else Confidence.LIKELY
        because = f"it goes out by {by} and comes in nowhere"
        return _Decision(Way.STARTS, confidence, because, None, leaves, tuple(signs))
    signs.append(f"nothing but {by} was captured")
    if full:
        because = f"it goes out by {by} with a full TTL"
        return _Decision(Way.STARTS, Confidence.LIKELY, because, None, leaves, tuple(signs))
    because = f"it goes out by {by}"
    if leaves.ttl is None:
        return _Decision(Way.UNKNOWN, Confidence.UNKNOWN, because, None, leaves, tuple(signs))
    signs.append(f"a TTL of {leaves.ttl} is one that routers have counted down")
    because += f" with a TTL of {leaves.ttl}, and came in where nobody listened"
    return _Decision(Way.PASSES, Confidence.POSSIBLE, because, None, leaves, tuple(signs))


def _only_in(incoming: list[View], answered: bool, surroundings: _Surroundings) -> _Decision:
    enters = incoming[0]
    elsewhere = surroundings.elsewhere(incoming)
    if not elsewhere:
        because = f"it comes in by {enters.place}; nothing else was captured"
        signs = ("it may have gone on by an interface that was not captured",)
        return _Decision(Way.ENDS, Confidence.POSSIBLE, because, enters, None, signs)
    sign = f"it went out by none of the others ({elsewhere})"
    if answered:
        because = f"it comes in by {enters.place} and is answered from here"
        return _Decision(Way.ENDS, Confidence.CERTAIN, because, enters, None, (sign,))
    because = f"it comes in by {enters.place} and goes out nowhere: for this machine, or dropped"
    return _Decision(Way.ENDS, Confidence.LIKELY, because, enters, None, (sign,))


def _undirected(views: list[View], surroundings: _Surroundings) -> _Decision:
    """Judge by TTL, MAC addresses and order, where directions were not recorded."""
    known = [view for view in views if view.ttl is not None]
    before = max(known, key=lambda view: view.ttl or 0, default=views[0])
    after = min(known, key=lambda view: view.ttl or 0, default=views[-1])
    if before.ttl != after.ttl:
        because = f"in by {before.place}, out by {after.place}"
        way = Way.TURNS if before.interface == after.interface else Way.PASSES
        signs = _counted(before, after)
        return _Decision(way, Confidence.LIKELY, because, before, after, signs)
    parts = [view for view in views if view.is_part]
    places = [view for view in views if view not in parts[1:]]
    if len({view.interface for view in places}) > 1:
        because = f"{places[0].place} had it before {places[-1].place}"
        signs = _counted(places[0], places[-1])
        return _Decision(Way.PASSES, Confidence.POSSIBLE, because, places[0], places[-1], signs)
    return _one_view(places[0], parts or places, surroundings)


def _one_view(view: View, alike: Sequence[View], surroundings: _Surroundings) -> _Decision:
    elsewhere = surroundings.elsewhere(alike)
    names = listed([*dict.fromkeys(one.place for one in alike)])
    where = f"only {names} had it" + (f", not {elsewhere}" if elsewhere else "")
    if view.source_mac in surroundings.own_macs:
        signs = (f"{view.source_mac} is the MAC address of the machine that captured it",)
        return _Decision(Way.STARTS, Confidence.LIKELY, where, None, view, signs)
    if view.destination_mac in surroundings.own_macs:
        signs = (f"{view.destination_mac} is the MAC address of the machine that captured it",)
        return _Decision(Way.ENDS, Confidence.LIKELY, where, view, None, signs)
    distance = () if view.ttl is None else (_distance(view.ttl),)
    return _Decision(Way.UNKNOWN, Confidence.UNKNOWN, where, None, None, distance)


def _distance(ttl: int) -> str:
    """Say how many routers are before this place, by the next full TTL above."""
    hops = min(full for full in FULL_TTLS if full >= ttl) - ttl
    if not hops:
        return f"a TTL of {ttl} is full: there is no router between the source and this place"
    return f"a TTL of {ttl} says {many(hops, 'router')} between the source and this place"
