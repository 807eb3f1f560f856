"""From connections that two machines saw to how far their clocks are apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from datetime import timedelta

from whence.model import Confidence, Fact, Flow, probe
from whence.probes._makers import Account, accounts
from whence.world import Witness

RIGHT = timedelta(seconds=30)  # what is nearer is no wrong clock
EVEN = timedelta(seconds=5)  # that the differences may differ by among themselves
FEWEST = 2  # connections: the same ports may come again by chance
MOST = 500  # connections of a file that are compared

Pair = tuple[timedelta, Account, Account]  # how far the file's time is ahead, and both accounts


@probe(answers="clock-differs", near=0)
def clock_differs(flow: Flow, witness: Witness) -> Iterator[Fact]:
    """By the connections that both saw, does a file that was imported have another clock?

    A connection is the same where all of its addresses and ports are.
    """
    ours: defaultdict[Hashable, list[Account]] = defaultdict(list)
    files: defaultdict[tuple[str, str, str], list[Account]] = defaultdict(list)
    for account in accounts(flow, witness):
        report = account.seen.report
        if report:
            files[report.import_, report.file, account.seen.observer].append(account)
        elif account.seen.flow.source_port:
            ours[_ends(account)].append(account)
    for (_, file, _), told in files.items():
        pairs = [
            (theirs.seen.first - own.seen.first, theirs, own)
            for theirs in told[-MOST:]
            for own in ours.get(_ends(theirs), ())
        ]
        agreed = _agreed(pairs)
        many = _lines(agreed)
        if many >= FEWEST and abs(ahead := agreed[len(agreed) // 2][0]) >= RIGHT:
            way = "ahead of" if ahead > timedelta() else "behind"
            text = f"the clock of {file} is {_words(abs(ahead))} {way} this machine's"
            text += f", by {many} connections that both saw"
            _, theirs, own = agreed[0]
            yield flow.fact("clock-differs", text, theirs.evidence, own.evidence,
                            confidence=Confidence.LIKELY)  # fmt: skip


def _ends(account: Account) -> Hashable:
    flow = account.seen.flow
    return flow.source, flow.source_port, flow.destination, flow.destination_port


def _agreed(pairs: Sequence[Pair]) -> list[Pair]:
    """Give the most pairs that say the same; none, where as many lines say something else."""
    ordered = sorted(pairs, key=lambda pair: pair[0])
    best: list[Pair] = []
    begin = 0
    for end, pair in enumerate(ordered):
        while pair[0] - ordered[begin][0] > EVEN:
            begin += 1
        if end - begin >= len(best):
            best = ordered[begin : end + 1]
    return best if 2 * _lines(best) > _lines(pairs) else []


def _lines(pairs: Sequence[Pair]) -> int:
    """Count connections of the file: both ends of one may have been seen here."""
    return len({id(theirs) for _, theirs, _ in pairs})


def _words(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
