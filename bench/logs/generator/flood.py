"""Make a log with a flood in it: ``python -m bench.logs.generator.flood FILE --lines 5000000``.

A week and half a day of an office's firewalls, routers and servers, as a syslog server writes them
to one file, in order of time; in the last night three things begin to log much more than usual.
The truth about it stands beside the file, in FILE.json. The same seed gives the same file.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.logs.generator.story import BEGIN, CAUSES, CHANGES, END, ONSET, WHOLE
from bench.logs.generator.usual import cumulated, hour_factor, usual

SEED = 3
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FORMS = ("traditional", "iso", "wire")


def flood(
    path: Path,
    lines: int = WHOLE,
    *,
    seed: int = SEED,
    form: str = "traditional",
    quiet: bool = False,
) -> dict[str, Any]:
    """Write the file, and give the truth about it; if ``quiet``, the night without the flood."""
    truth = _truth(lines, quiet)
    written: Counter[str] = Counter()
    size = 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for text, counts in _minutes(lines, seed, form, quiet):
            file.write(text)
            size += len(text)
            written.update(counts)
    truth["bytes"] = size
    truth["lines"] = written.total()
    for cause in truth["causes"]:
        cause["lines"] = written[cause["name"]]
    path.with_name(path.name + ".json").write_text(json.dumps(truth, indent=1) + "\n")
    return truth


def _truth(lines: int, quiet: bool) -> dict[str, Any]:
    return {
        "begin": BEGIN.isoformat(),
        "onset": ONSET.isoformat(),
        "end": END.isoformat(),
        "wanted": lines,
        "causes": [
            {"name": cause.name, "host": cause.host, "onset": cause.onset.isoformat()} | cause.truth
            for cause in CAUSES
            if not quiet
        ],
        "changes": [
            {"time": change.time.isoformat(), "host": change.host, "message": change.message}
            for change in CHANGES
        ],
    }


def _minutes(lines: int, seed: int, form: str, quiet: bool) -> Iterator[tuple[str, Counter[str]]]:
    """Yield the lines of each minute, and how many of them belong to each cause."""
    random = Random(seed)
    kinds = usual(random)
    flooded = sum(cause.lines for cause in CAUSES) / WHOLE * lines
    minutes = (END - BEGIN) // timedelta(minutes=1)
    office = [kind for kind in kinds if kind.office]
    always = [kind for kind in kinds if not kind.office]
    groups = [
        (members, cumulated([kind.share for kind in members]), busy)
        for members, busy in ((office, True), (always, False))
    ]
    expected = sum(
        sums[-1] * hour_factor(minute // 60, busy)
        for minute in range(minutes)
        for _, sums, busy in groups
    )
    scale = (lines - flooded) / expected
    makers = [(cause, cause.messages(random)) for cause in CAUSES if not quiet]
    for minute in range(minutes):
        begin = BEGIN + timedelta(minutes=minute)
        stamps = _Stamps(begin, form, random)
        found: list[tuple[float, str]] = []
        for members, sums, busy in groups:
            count = _poisson(random, sums[-1] * hour_factor(minute // 60, busy) * scale)
            found += [
                (random.random() * 60, f"{kind.host} {kind.message()}")
                for kind in random.choices(members, cum_weights=sums, k=count)
            ]
        counts: Counter[str] = Counter()
        for cause, message in makers:
            first = max(0.0, (cause.onset - begin).total_seconds())
            if first < 60:
                rate = cause.lines / WHOLE * lines / (END - cause.onset).total_seconds()
                count = _poisson(random, rate * (60 - first))
                counts[cause.name] = count
                found += [
                    (first + random.random() * (60 - first), f"{cause.host} {message()}")
                    for _ in range(count)
                ]
        found += [
            ((change.time - begin).total_seconds() + 0.5, f"{change.host} {change.message}")
            for change in CHANGES
            if begin <= change.time < begin + timedelta(minutes=1)
        ]
        found.sort()
        counts[""] = len(found) - counts.total()
        yield "".join([stamps.line(second, text) for second, text in found]), counts


class _Stamps:
    """How a syslog server writes the times of one minute, and what stands around them."""

    def __init__(self, begin: datetime, form: str, random: Random) -> None:
        self._form = form
        day = f"{begin:%Y-%m-%dT%H:%M}" if form == "iso" else (
            f"{MONTHS[begin.month - 1]} {begin.day:2} {begin:%H:%M}"
        )  # fmt: skip
        self._minute = day

    def line(self, second: float, text: str) -> str:
        """Write one line of a file (traditional, iso), or as it is sent (wire: RFC 3164)."""
        whole = int(second)
        time = f"{self._minute}:{whole:02}"
        if self._form == "iso":
            micro = int((second - whole) * 1_000_000)
            return f"{time}.{micro:06}+00:00 {text}\n"
        if self._form == "wire":
            return f"<{_priority(text)}>{time} {text}\n"
        return f"{time} {text}\n"


def _priority(text: str) -> int:
    """Give the number of RFC 5424, 6.2.1: firewalls as local4, machines as daemon."""
    found = text.find("%ASA-")
    return 160 + int(text[found + 5]) if found >= 0 else 30


def _poisson(random: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def main() -> None:
    """Write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=WHOLE)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--form", choices=FORMS, default=FORMS[0])
    parser.add_argument("--quiet", action="store_true", help="without the flood")
    asked = parser.parse_args()
    truth = flood(asked.file, asked.lines, seed=asked.seed, form=asked.form, quiet=asked.quiet)
    print(f"{asked.file}: {truth['lines']:,} lines, {truth['bytes'] / 1e6:,.0f} MB")
    for cause in truth["causes"]:
        print(f"  {cause['name']}: {cause['lines']:,} lines of {cause['host']}")


if __name__ == "__main__":
    main()
