"""Which change touches what: names of Windows' programs, in small and large letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from whence.model import Reading
from whence.model.changed import RELATED, TOUCHED, Change, Onset, Ranked, rank

SEEN = datetime(2026, 11, 20, 9, 20, tzinfo=UTC)


def ranked(thing: str, touching: str) -> Ranked:
    evidence = Reading("events.xml", "", SEEN, "srv7").cite(1, "")
    change = Change(SEEN - timedelta(minutes=30), "unit", "a task", (thing,), evidence)
    (one,) = rank([change], Onset(SEEN), [touching])
    return one


@pytest.mark.parametrize(
    ("thing", "touching", "factor"),
    [
        (r"C:\Inv\inv.exe", r"c:\inv\INV.EXE", TOUCHED),
        (r"C:\Acme\inventory.exe", "inventory.exe", RELATED),
        (r"%SystemRoot%\inventory.exe", r"C:\Windows\inventory.exe", RELATED),
        (r"C:\Windows\System32\other.exe", r"C:\Windows\System32\inventory.exe", 1),
    ],
)
def test_programs_of_windows_are_touched(thing: str, touching: str, factor: float) -> None:
    alone = ranked(thing, "/nothing/of/it").score
    assert ranked(thing, touching).score == pytest.approx(alone * factor)
