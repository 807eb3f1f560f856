"""What is called and never answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._refusals import LATE, Told, refusals_by_ends
from whence.analysis._tables import FOR_MANY
from whence.analysis._words import TUNNELS, end, listed, number, span, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many
from whence.model.refusals import BY_THE_HOST, said

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REPEATED = 3  # tries; fewer are an accident
TOGETHER = 4  # destinations of one network and port that are told as one finding
EVERYWHERE = 4  # networks that one source calls in vain on one port, told as one finding

# Ports to which one sends without wanting an answer: traps, syslog, flow exports, statistics.
ONE_WAY = (162, 514, 2055, 4739, 6343, 8125, 9995, 9996, *TUNNELS)

NETWORK, HOST, PORT = "network", "host", "port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost(Finding):
    """Somebody calls, and nobody answers."""

    kind: ClassVar[str] = "ghost"
    silent: str  # what never says anything: the NETWORK, the HOST, or only this PORT
    tries: int  # SYNs, datagrams, echo requests
    destinations: tuple[str, ...]
    refused: tuple[str, ...] = ()  # "192.0.2.1 says host unreachable"


@analysis
def ghosts(tables: DuckDBPyConnection, context: Context) -> Iterator[Ghost]:
    """What is called again and again, and never answers?

    Multicast and broadcast want no answer and are left out. So is what is one-way by design
    (syslog, traps, flow exports) as long as anything at all comes from its destination. An ICMP
    error explains the call whose packet it quotes, also if NAT has changed one of its ends. Flow
    exporters do not tell what is quoted: where an error may be about several calls, that is said.
    """
    found = _gathered(called_in_vain(tables, context))
    yield from sorted(found, key=lambda ghost: (-ghost.tries, ghost.sentence))


def called_in_vain(tables: DuckDBPyConnection, context: Context) -> list[Ghost]:
    """Give each caller, destination and port apart, with what explains the silence."""
    told: defaultdict[str | None, list[Told]] = defaultdict(list)
    for reason in _unquoted(tables):
        told[reason.told].append(reason)
    quoting = refusals_by_ends(tables, "counted")
    found = [
        (ghost, [reason for reason in told[ghost.source] if _may_explain(reason, ghost)])
        for ghost in _unanswered(tables)
    ]
    meant: defaultdict[Told, set[str | None]] = defaultdict(set)
    for ghost, reasons in found:
        for reason in reasons:
            meant[reason].add(ghost.destination)
    one_sided = _one_sided(tables)
    return [
        _explained(
            ghost,
            [
                one
                for one in quoting.get(
                    (ghost.source, ghost.destination, ghost.destination_port, ghost.transport), ()
                )
                if one.told != ghost.destination
            ],
            {one: len(meant[one]) for one in reasons},
            one_sided,
            context,
        )
        for ghost, reasons in found
    ]


def _unanswered(tables: DuckDBPyConnection) -> Iterator[Ghost]:
    rows = tables.execute(
        rf"""WITH speakers AS (
            SELECT source_ip AS ip FROM counted
            UNION SELECT destination_ip FROM counted WHERE destination_packets > 0
            UNION SELECT sender_ip FROM arp
        ), networks AS (
            SELECT DISTINCT regexp_extract(ip, '^\d+\.\d+\.\d+\.') AS network FROM speakers
        ), called AS (
            SELECT source_ip, destination_ip,
                CASE WHEN transport LIKE '%icmp' THEN NULL ELSE destination_port END AS port,
                transport, count(*) AS flows,
                sum(CASE WHEN transport = 'tcp' THEN syns ELSE source_packets END)::BIGINT
                    AS tries,
                sum(destination_packets) AS answered, min("first") AS "first",
                max("last") AS "last"
            FROM counted
            WHERE (transport IN ('udp', 'sctp') OR (transport = 'tcp' AND syns > 0)
                OR (transport = 'icmp' AND source_port = 8)
                OR (transport = 'ipv6-icmp' AND source_port = 128))
                AND NOT {FOR_MANY}
                AND source_ip NOT IN ('0.0.0.0', '::')
            GROUP BY ALL HAVING answered = 0 AND tries >= $repeated
        )
        SELECT source_ip, destination_ip, port, transport, flows, tries, "first", "last",
            CASE WHEN destination_ip IN (FROM speakers) THEN 'port'
                WHEN regexp_extract(destination_ip, '^\d+\.\d+\.\d+\.') IN (FROM networks)
                    OR destination_ip LIKE '%:%' THEN 'host'
                ELSE 'network' END AS silent
        FROM called WHERE NOT (silent = 'port' AND transport = 'udp' AND list_contains(
            $one_way::USMALLINT[], port))""",
        {"repeated": REPEATED, "one_way": [*ONE_WAY]},
    ).fetchall()
    for source, destination, port, transport, flows, tries, first, last, silent in rows:
        yield Ghost(
            sentence="",
            confidence=Confidence.POSSIBLE if silent == PORT else Confidence.LIKELY,
            first=utc(first),
            last=utc(last),
            count=flows,
            source=source,
            destination=destination,
            destination_port=port,
            transport=transport,
            silent=silent,
            tries=tries,
            destinations=(destination,),
        )


def _unquoted(tables: DuckDBPyConnection) -> list[Told]:
    """Give the errors of which nobody knows what they quote."""
    rows = tables.execute(
        """SELECT source_ip, destination_ip, transport, source_port, destination_port,
            sum(source_packets)::BIGINT, min("first"), max("last")
        FROM counted ANTI JOIN (
            SELECT sender_ip AS source_ip, receiver_ip AS destination_ip, icmp AS transport,
                type AS source_port, code AS destination_port FROM refusals)
            USING (source_ip, destination_ip, transport, source_port, destination_port)
        WHERE (transport = 'icmp' AND source_port = 3)
            OR (transport = 'ipv6-icmp' AND source_port = 1) GROUP BY ALL ORDER BY 6 DESC"""
    ).fetchall()
    return [
        Told(by, told, said(icmp, type_, code), count, utc(first), utc(last))
        for by, told, icmp, type_, code, count, first, last in rows
    ]


def _one_sided(tables: DuckDBPyConnection) -> str:
    """Say so if even connections in which data flows show one direction only."""
    found = tables.execute(
        """SELECT count(*) FILTER (source_packets = 0 OR destination_packets = 0), count(*)
        FROM counted WHERE transport = 'tcp'
            AND (source_payload > 0 OR destination_payload > 0)"""
    ).fetchone()
    half, whole = found or (0, 0)
    if half < 5 or half * 2 < whole:
        return ""
    return (
        f"{half:,} of {many(whole, 'connection')} with data show one direction only: "
        "answers may have gone another way"
    )


def _may_explain(reason: Told, ghost: Ghost) -> bool:
    overlaps = reason.first <= ghost.last + LATE and reason.last >= ghost.first
    of_itself = reason.words in BY_THE_HOST
    about_it = reason.by == ghost.destination or not of_itself
    return overlaps and about_it


def _explained(
    ghost: Ghost,
    quoting: Sequence[Told],
    reasons: Mapping[Told, int],
    one_sided: str,
    context: Context,
) -> Ghost:
    address = ghost.destination or ""
    evidence = [_silence(ghost), *map(str, quoting)]
    sure = ghost.confidence
    if quoting and sure is Confidence.POSSIBLE:
        sure = Confidence.LIKELY
    evidence += [
        str(reason) + (f" (which of {meant} addresses is not known)" if meant > 1 else "")
        for reason, meant in reasons.items()
    ]
    if one_sided and not quoting:
        evidence.append(one_sided)
        sure = Confidence.POSSIBLE
    if reason_here := context.unreachable.get(address):
        evidence.append(f"this machine has {reason_here} for {address}")
        sure = Confidence.CERTAIN
    refused = tuple(dict.fromkeys(f"{one.by} says {one.words}" for one in quoting))
    explained = replace(ghost, evidence=tuple(evidence), confidence=sure, refused=refused)
    return replace(explained, sentence=_sentence(explained))


def _silence(ghost: Ghost) -> str:
    if ghost.silent == NETWORK:
        return f"nothing at all ever comes from {_network(ghost.destination or '')}"
    if ghost.silent == HOST:
        return f"nothing at all ever comes from {ghost.destination}"
    return f"{ghost.destination} says other things, but never answers here"


def _network(address: str) -> str:
    return f"{address.rpartition('.')[0]}.0/24" if "." in address else address


def _sentence(ghost: Ghost) -> str:
    called = (
        end(ghost.destination, ghost.destination_port, ghost.transport)
        if len(ghost.destinations) == 1
        else f"{_where(ghost)} on {_port(ghost)}"
    )
    length = (ghost.last - ghost.first).total_seconds()
    during = f" in {span(length)}" if length >= 1 else ""
    return (
        f"{ghost.source} calls {called} and never gets an answer: "
        f"{number(ghost.tries)} tries in {many(ghost.count, 'flow')}{during}"
        f"{f'; {listed([*ghost.refused])}' if ghost.refused else ''}."
    )


def _where(ghost: Ghost) -> str:
    networks = sorted({_network(address) for address in ghost.destinations})
    return f"{many(len(ghost.destinations), 'address', 'addresses')} in {listed(networks)}"


def _port(ghost: Ghost) -> str:
    if ghost.destination_port is None:
        return str(ghost.transport)
    return f"port {ghost.destination_port}/{ghost.transport}"


def _gathered(found: Iterable[Ghost]) -> Iterator[Ghost]:
    """Tell many silent destinations of one network, or of many networks, as one finding."""
    alike: defaultdict[tuple[object, ...], list[Ghost]] = defaultdict(list)
    for ghost in found:
        key = ghost.source, ghost.destination_port, ghost.transport
        alike[key].append(ghost)
    for family in alike.values():
        networks: defaultdict[str, list[Ghost]] = defaultdict(list)
        for ghost in family:
            networks[_network(ghost.destination or "")].append(ghost)
        if len(networks) >= EVERYWHERE:
            yield _one(family)
            continue
        for members in networks.values():
            yield from [_one(members)] if len(members) >= TOGETHER else members


def _one(ghosts: Sequence[Ghost]) -> Ghost:
    first = ghosts[0]
    order = [*Confidence]
    together = replace(
        first,
        destination=first.destination if len(ghosts) == 1 else None,
        destinations=tuple(sorted(ghost.destination or "" for ghost in ghosts)),
        count=sum(ghost.count for ghost in ghosts),
        tries=sum(ghost.tries for ghost in ghosts),
        first=min(ghost.first for ghost in ghosts),
        last=max(ghost.last for ghost in ghosts),
        confidence=max((ghost.confidence for ghost in ghosts), key=order.index),
        refused=tuple(dict.fromkeys(said for ghost in ghosts for said in ghost.refused)),
        silent=HOST if any(ghost.silent != NETWORK for ghost in ghosts) else NETWORK,
        evidence=tuple(dict.fromkeys(line for ghost in ghosts[:20] for line in ghost.evidence))[
            :10
        ],
    )
    return replace(together, sentence=_sentence(together))
