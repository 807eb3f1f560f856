"""Hold what a method said against the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.attribution.methods import Named, Seen
from bench.attribution.truth import Ends, Lived, Sent

PARTS = ("seen", "pid", "executable", "arguments", "chain")
COLUMNS = (*PARTS, "complete", "wrong")


@dataclass(slots=True)
class Score:
    """How many of one kind of traffic a method got right."""

    of: int = 0
    right: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)
    wrong_confidence: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)  # ids, to look into

    def add(self, one: Sent, verdicts: Sequence[tuple[Seen, frozenset[str]]]) -> None:
        """Count one connection by the best that was said of it, and by any wrong that was."""
        best = max((verdict for _, verdict in verdicts), key=len, default=frozenset())
        wrong = [row for row, verdict in verdicts if "wrong" in verdict]
        self.of += 1
        self.right.update(best & set(PARTS))
        self.right["complete"] += best >= set(PARTS)
        self.right["wrong"] += bool(wrong)
        self.confidence.update({row.confidence for row, _ in verdicts if row.confidence})
        self.wrong_confidence.update({row.confidence for row in wrong if row.confidence})
        if not best >= set(PARTS):
            self.missed.append(f"{one.id} {sorted(best)}")

    def as_json(self) -> dict[str, object]:
        return {
            "of": self.of,
            **{column: self.right[column] for column in COLUMNS},
            "confidence": dict(sorted(self.confidence.items())),
            "wrong_confidence": dict(sorted(self.wrong_confidence.items())),
        }


def score(sent: Sequence[Sent], said: Iterable[Seen]) -> dict[str, Score]:
    """Count per kind of traffic what is right; ``wrong`` counts those named a wrong process."""
    rows = _Rows(sent, said)
    scores: dict[str, Score] = defaultdict(Score)
    for one in sent:
        kind = scores[one.kind]
        kind.add(one, [(row, _verdict(one, row)) for row in rows.about(one)])
    return dict(scores)


class _Rows:
    """What was said, found by the connection, by the local port, or by the process."""

    def __init__(self, sent: Iterable[Sent], said: Iterable[Seen]) -> None:
        self._rows: dict[object, list[Seen]] = defaultdict(list)
        self._senders: dict[object, set[int]] = defaultdict(set)
        for one in sent:
            for key in (one.ends, _local(one.ends)):
                self._senders[key].add(one.lineage[0].key[0])
        for row in said:
            self._rows[_key(row)].append(row)

    def about(self, one: Sent) -> Iterator[Seen]:
        """Give the rows that can mean this connection.

        Ports are used again: a row with the pid of another sender from the same port meant that.
        """
        pid = one.lineage[0].key[0]
        for key in (one.ends, _local(one.ends), pid):
            others = self._senders[key] - {pid}
            yield from (
                row
                for row in self._rows[key]
                if not row.lineage or row.lineage[0].pid not in others
            )


def _key(row: Seen) -> object:
    if row.ends is None:
        return row.lineage[0].pid
    return _local(row.ends) if row.local_only else row.ends


def _local(ends: Ends) -> tuple[str, int]:
    return ends[0], ends[2]


def _verdict(one: Sent, row: Seen) -> frozenset[str]:
    seen = {"seen"} if row.ends == one.ends else set()
    if not row.lineage:
        return frozenset(seen)
    named, lived = row.lineage[0], one.lineage[0]
    if not _same(named, lived):
        return frozenset(seen | {"wrong"})
    seen |= {"pid"} | _program(one, named, lived)
    if _chain(row.lineage, one.lineage):
        seen.add("chain")
    return frozenset(seen)


def _same(named: Named, lived: Lived) -> bool:
    return named.pid == lived.key[0] and named.start in (None, lived.key[1])


def _program(one: Sent, named: Named, lived: Lived) -> set[str]:
    found = set()
    if named.executable == lived.executable and (not one.script or _knows_script(one, named)):
        found.add("executable")
    elif named.executable is not None and named.executable != lived.executable:
        found.add("wrong")
    if named.args == lived.args:
        found.add("arguments")
    return found


def _knows_script(one: Sent, named: Named) -> bool:
    """A script is known by the file that was executed or by what its interpreter was given."""
    return one.script in named.files or one.script in (named.args or ())


def _chain(named: tuple[Named, ...], lived: tuple[Lived, ...]) -> bool:
    """Whether every parent up to the generator is right: pid, executable, arguments."""
    return len(named) >= len(lived) and all(
        _same(told, true) and told.executable == true.executable and told.args == true.args
        for told, true in zip(named[1:], lived[1:], strict=False)
    )
