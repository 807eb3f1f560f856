"""From traffic to the files of other tools that tell of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Confidence, Fact, Flow, probe
from whence.model.reported import Report
from whence.probes._makers import Account, accounts
from whence.world import Witness

MOST = 20  # sentences about one flow
WORDS = {ATTEMPTED: "calls", ACCEPTED: "is called", LISTENING: "listens"}


@probe(answers="reported-in", near=0)
def reported(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """What do files of other tools, that were imported, tell of this traffic?"""
    groups: dict[Hashable, list[Account]] = {}
    for account in accounts(flow, witness):
        if account.seen.report:
            groups.setdefault(_group(account), []).append(account)
    for told in [*groups.values()][:MOST]:
        cited = dict.fromkeys((told[0].evidence, told[-1].evidence))
        yield flow.fact("reported-in", _text(told), *cited, confidence=Confidence.REPORTED)


def _group(account: Account) -> Hashable:
    seen = account.seen
    assert seen.report
    maker = seen.maker.process if seen.maker else None
    return seen.report.import_, seen.observer, maker, seen.action, seen.flow.destination_port


def _text(told: Sequence[Account]) -> str:
    """Say where it stands, who did it, how often it was there, and whether it was answered."""
    seen = told[0].seen
    reports = [account.seen.report for account in told if account.seen.report]
    first = min(reports, key=lambda report: report.line)
    who = f"{seen.flow.source or 'a process that it does not name'}"
    if maker := seen.maker:
        pid = f", pid {maker.process.pid}," if maker.process.pid else ""
        who = f"{maker.name or 'a process without a name'}{pid}"
    parts = [f"{first.file} line {first.line}: {seen.observer}: {who} {WORDS[seen.action]}"]
    looks = _looks(reports)
    begun = min(account.seen.first for account in told)
    ended = max(account.seen.last for account in told)
    if first.of > 1:
        parts.append(f"seen in {looks} of {first.of} looks")
    elif (count := sum(account.seen.count for account in told)) > 1:
        parts.append(f"{count} times")
    parts.append(f"first {begun:%Y-%m-%d %H:%M:%S}, last {ended:%Y-%m-%d %H:%M:%S} UTC")
    return ", ".join(parts) + _answer(reports)


def _looks(reports: Sequence[Report]) -> int:
    """Count the looks in which any of several connections was there."""
    met: set[int] = set()
    for report in reports:
        for first, last in report.looks:
            met.update(range(first, min(last, report.of) + 1))
    return len(met)


def _answer(reports: Sequence[Report]) -> str:
    states = dict.fromkeys(word for one in reports for word in one.state.split(", ") if word)
    text = f"; {', '.join([*states][:4])}" if states else ""
    answers = {report.answered for report in reports}
    if answers == {False}:
        return f"{text}: never answered" if text else "; never answered"
    if False in answers and True in answers:
        return f"{text}: answered at times" if text else "; answered at times"
    return text
