"""What a machine can see of how probes are written, asked of each of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import whence.probes
from whence.inquiry.means import ASKED
from whence.model import KINDS, Probe
from whence.model.discovery import discover

HERE = Path(__file__).parent
PROBES: list[Probe[Any]] = sorted(
    discover(whence.probes, Probe), key=lambda probe: (probe.name, probe.ask.__module__)
)
EACH = pytest.mark.parametrize("probe", PROBES, ids=[probe.name for probe in PROBES])


def test_probes_are_found() -> None:
    assert PROBES


def test_no_two_probes_have_one_name() -> None:
    names = [probe.name for probe in PROBES]
    assert sorted(set(names)) == names


@EACH
def test_its_first_line_is_a_question_that_fits_a_line(probe: Probe[Any]) -> None:
    assert re.fullmatch(r"[A-Z].{8,98}\?", probe.question)


@EACH
def test_its_file_has_its_name(probe: Probe[Any]) -> None:
    assert probe.ask.__module__ == f"whence.probes.{probe.name}"


@EACH
def test_its_relation_is_in_words_of_small_letters(probe: Probe[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", probe.answers)


@EACH
def test_it_is_about_one_kind_of_thing(probe: Probe[Any]) -> None:
    assert probe.about in KINDS.values()


@EACH
def test_it_needs_what_an_inquiry_has(probe: Probe[Any]) -> None:
    assert {*probe.needs} <= {*ASKED}


@EACH
def test_it_yields_its_facts_one_by_one(probe: Probe[Any]) -> None:
    assert inspect.isgeneratorfunction(probe.ask)


@EACH
def test_a_test_asks_it(probe: Probe[Any], tests: str) -> None:
    assert f"from whence.probes.{probe.name} import {probe.name}\n" in tests


@pytest.fixture(scope="module")
def tests() -> str:
    return "".join(file.read_text("utf-8") for file in sorted(HERE.glob("test_*.py")))


def modules() -> Iterable[Path]:
    return sorted(Path(whence.probes.__path__[0]).glob("[!_]*.py"))


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.stem)
def test_a_file_without_underscore_is_a_probe(file: Path) -> None:
    assert file.stem in {probe.name for probe in PROBES}
