"""Cases to make reports of: those of the lab's stories, and made-up ones that are hard to show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.lab import all_stories
from whence.lab.demo import play, signals_that_clean_up
from whence.lab.telling import Telling
from whence.model import (
    Confidence,
    Fact,
    Flow,
    Hostname,
    Ip,
    Job,
    Mac,
    Package,
    Process,
    Program,
    Reading,
    SwitchPort,
    User,
)
from whence.store.case_file import CaseFile
from whence.world.places import VARIABLE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG = "/opt/" + "a-very-long-name-without-any-blank" * 40
HARD = (
    LONG,
    "<script>alert(1)</script></style><img src=http://192.0.2.1/x onerror=alert(1)>",
    "\u202egnp.exe \u05d0\u05d1\u05d2 \u0627\u0644\u0633\u0644\u0627\u0645",
    "\u5e97\u8217\u306e\u30d7\u30ea\u30f3\u30bf\u30fc" * 30,
    "\x1b[31mred\x1b]8;;http://x\x07 \0",
)


@contextmanager
def state_in(folder: Path) -> Iterator[None]:
    """Let whence keep its cases in a folder."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def tell_stories(folder: Path, seed: int) -> None:
    """Tell each story of the lab once; what whence notes lies in a folder of its name."""
    with signals_that_clean_up():
        for name, story in all_stories().items():
            with state_in(folder / name):
                play(story, Telling(show=lambda _: None), seed)


def make_hard_ones(folder: Path) -> None:
    """Make a case with many facts, one with hard words, one of nothing, and a damaged one."""
    cases = folder / "made" / "cases"
    filled(cases, 10_000).close()
    hard(cases)
    CaseFile.create(cases, Flow("203.0.113.9", 9), lambda: NOON, "nothing").close()


def filled(folder: Path, number: int) -> CaseFile:
    """Make a case of so many facts, from readings of a hundred lines."""
    flow = Flow("203.0.113.7", 443)
    case = CaseFile.create(folder, flow, lambda: NOON, "many")
    maker = Process("fw", "boot", 1, 1)
    for start in range(0, number, 100):
        lines = [
            f"10.{n >> 8 & 255}.{n & 255}.7 host-of-{n} /home/kim/f{n}"
            for n in range(start, start + 100)
        ]
        reading = Reading(
            f"/etc/list.{start}", "\n".join(lines), NOON + timedelta(seconds=start), "fw"
        )
        case.keep_reading(reading.source, reading)
        facts: list[Fact] = []
        for line in reading.lines():
            address, _, path = line.split()
            facts.append(maker.fact("talks-to", Ip(address), line.evidence))
            if not start:
                facts.append(flow.fact("made-by", maker, line.evidence))
                facts.append(maker.fact("runs", Program("fw", path), line.evidence))
        case.note_step("made_by" if not start else "other_connections", flow, facts)
    return case


def hard(folder: Path) -> None:
    """Make a case in which each kind of place has words that are hard to show."""
    flow = Flow("2001:db8:1234:5678:9abc:def0:1234:5678", 65535, "203.0.113.250", 65535, "tcp")
    with closing(CaseFile.create(folder, flow, lambda: NOON, "hard")) as case:
        process, card = Process("fw." + "x" * 200, "boot", 4194303, 99), Mac("00:14:22:ab:cd:ef")
        for number, words in enumerate(HARD):
            reading = Reading(f"/etc/{words}", words * 3, NOON, process.host)
            case.keep_reading(reading.source, reading)
            line = reading.whole()
            program, inside = Program(process.host, words), Ip("203.0.113.250")
            doubt = [*Confidence][number % len(Confidence)]
            found = [
                flow.fact("made-by", process, line),
                process.fact("executes", program, line),
                process.fact("runs-as", User(process.host, 1000, words), line),
                process.fact(
                    "started-by",
                    Job(process.host, "cron", f"/etc/cron.d/{words}", 3, "* * * * *", words, words),
                    line, confidence=doubt,
                ),
                program.fact("belongs-to", Package("dpkg", words, "1"), line, confidence=doubt),
                program.fact("described-as", words * 2, line),
                flow.fact("ends-at", inside, line),
                inside.fact("answers-at", card, line),
                inside.fact("is-named", Hostname(words[:200]), line, confidence=doubt),
                card.fact("plugged-in-at", SwitchPort(words[:100], words), line),
            ]  # fmt: skip
            case.note_step(f"made_by_{number}", flow, found)
            case.note(words * 2, words[:60])
        case.note_verdict("suspicious", f"{LONG} does it: {HARD[1]} {HARD[2]}.")
