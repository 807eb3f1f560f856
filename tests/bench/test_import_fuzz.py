"""Damaged files of every kind, in every encoding; ``bench.imports.fuzz`` does the same for long."""

import random

import pytest
from bench.imports import fuzz

from tests.inquiry.imports.reading import KINDS
from whence.inquiry import importing


def test_every_kind_is_fuzzed() -> None:
    assert {kind for kind, _ in fuzz.samples()} == {*KINDS}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp850", "gbk"])
def test_bytes_that_were_changed_end_in_rows_or_in_words(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "kinds", lambda: [*KINDS.values()])
    monkeypatch.setattr(fuzz, "ENCODINGS", (encoding,))
    chance = random.Random(encoding)
    for number, (kind, data) in enumerate(fuzz.samples()):
        written, _ = fuzz.encoded(data, chance)
        fuzz.fed(kind if number % 2 else "", fuzz.changed(written, chance))
