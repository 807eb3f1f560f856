"""ARP questions that nobody answers: the neighbour that is called is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._declare import Context, analysis
from whence.analysis._words import listed, number, span, utc
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REPEATED = 3  # questions
SWEEP = 25  # neighbours that one asker looks for in vain: told as one
INSISTENT = 5.0  # seconds between two questions; whoever got an answer does not ask again so soon


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredArp(Finding):
    """Somebody looks for a neighbour that does not answer."""

    kind: ClassVar[str] = "unanswered-arp"
    askers: tuple[str, ...]  # addresses
    targets: int = 1  # neighbours that are looked for


# Each question that stayed without answer, by whom it was asked.
_QUESTIONS = """
    WITH alive AS (
        SELECT sender_ip AS ip FROM arp UNION SELECT source_ip FROM flows
        UNION SELECT destination_ip FROM flows WHERE destination_packets > 0
    ), answered AS (
        SELECT DISTINCT target_mac AS mac FROM arp WHERE operation = 'reply'
    )
    SELECT target_ip, sender_ip, sum("count")::BIGINT AS asked, min("first") AS "first",
        max("last") AS "last", bool_or(sender_mac IN (FROM answered)) AS others_answer
    FROM arp WHERE operation = 'request' AND sender_ip <> '0.0.0.0'
        AND sender_ip <> target_ip AND target_ip NOT IN (FROM alive)
    GROUP BY target_ip, sender_ip"""


@analysis
def unanswered_arp(tables: DuckDBPyConnection, context: Context) -> Iterator[UnansweredArp]:
    """Which neighbour is looked for by ARP, and never answers?

    What is sent to a neighbour that is not there never reaches the wire: only these questions
    do. Answers go to the asker alone, so a third machine may see questions without answers;
    then it is only possible. Who looks for many in vain is told once, however seldom each is
    looked for. IPv6 neighbour discovery is not judged: flows do not keep whom it
    asks for.
    """
    sweeps = [*_sweeps(tables)]
    yield from sweeps
    yield from _single(tables, context, [sweep.source or "" for sweep in sweeps])


def _sweeps(tables: DuckDBPyConnection) -> Iterator[UnansweredArp]:
    rows = tables.execute(
        f"""SELECT sender_ip, list(target_ip ORDER BY target_ip), sum(asked)::BIGINT AS asked,
            min("first"), max("last"), bool_or(others_answer)
        FROM ({_QUESTIONS}) GROUP BY sender_ip HAVING count(*) >= $sweep
        ORDER BY count(*) DESC, sender_ip""",
        {"sweep": SWEEP},
    ).fetchall()
    for asker, targets, asked, first, last, others_answer in rows:
        length = (last - first).total_seconds()
        evidence = [f"they say nothing at all: {listed(targets)}"]
        if others_answer:
            evidence.append("other answers to the same asker were seen, so these would be too")
        evidence.append("a scan of the network looks so, by the asker or, if it routes, through it")
        during = f" in {span(length)}" if length >= 1 else ""
        yield UnansweredArp(
            sentence=f"{asker} looks for {len(targets):,} neighbours by ARP "
            f"{many(asked, 'time')}{during}, and none of them answers.",
            confidence=Confidence.LIKELY if others_answer else Confidence.POSSIBLE,
            first=utc(first),
            last=utc(last),
            count=asked,
            source=asker,
            transport="arp",
            evidence=tuple(evidence),
            askers=(asker,),
            targets=len(targets),
        )


def _single(
    tables: DuckDBPyConnection, context: Context, sweeping: Sequence[str]
) -> Iterator[UnansweredArp]:
    rows = tables.execute(
        f"""SELECT target_ip, list(sender_ip ORDER BY sender_ip), sum(asked)::BIGINT AS asked,
            min("first"), max("last"), bool_or(others_answer)
        FROM ({_QUESTIONS}) WHERE NOT list_contains($sweeping::VARCHAR[], sender_ip)
        GROUP BY target_ip HAVING sum(asked) >= $repeated ORDER BY 3 DESC, target_ip""",
        {"repeated": REPEATED, "sweeping": [*sweeping]},
    ).fetchall()
    for target, askers, asked, first, last, others_answer in rows:
        length = (last - first).total_seconds()
        insistent = length / asked <= INSISTENT
        evidence = [f"{target} says nothing at all, neither by ARP nor in any flow"]
        if others_answer:
            evidence.append("other answers to the same asker were seen, so this one would be too")
        if insistent:
            evidence.append(f"it is asked again {_pace(asked, length)}")
        if reason := context.unreachable.get(target):
            evidence.append(f"this machine has {reason} for {target}")
        during = f" in {span(length)}" if length >= 1 else ""
        yield UnansweredArp(
            sentence=f"{listed(askers)} {'looks' if len(askers) == 1 else 'look'} for {target} "
            f"by ARP {many(asked, 'time')}{during}, and nobody answers.",
            confidence=Confidence.LIKELY if others_answer or insistent else Confidence.POSSIBLE,
            first=utc(first),
            last=utc(last),
            count=asked,
            source=askers[0],
            destination=target,
            transport="arp",
            evidence=tuple(evidence),
            askers=tuple(askers),
        )


def _pace(asked: int, length: float) -> str:
    if length >= asked:
        return f"every {span(length / asked)}"
    return f"{number(asked / length)} times a second" if length else "at once"
