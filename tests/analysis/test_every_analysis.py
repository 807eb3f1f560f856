"""What a machine can see of how analyses are written, asked of each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import whence.analysis
from tests.analysis.world import Row, arp, flow, tables
from whence.analysis._declare import Analysis, Context
from whence.model.discovery import discover
from whence.model.findings import Finding

HERE = Path(__file__).parent
ANALYSES = sorted(discover(whence.analysis, Analysis), key=lambda analysis: analysis.name)
EACH = pytest.mark.parametrize("analysis", ANALYSES, ids=lambda analysis: analysis.name)


def test_analyses_are_found_and_have_names_of_their_own() -> None:
    assert len({analysis.name for analysis in ANALYSES}) == len(ANALYSES) > 5


@EACH
def test_its_first_line_is_a_question_and_the_rest_says_what_it_cannot_tell(
    analysis: Analysis,
) -> None:
    assert re.fullmatch(r"[A-Z].{8,98}\?", analysis.question)
    assert analysis.limits


@EACH
def test_its_file_has_its_name_and_a_test(analysis: Analysis) -> None:
    stem = analysis.name.replace("-", "_")
    assert analysis.find.__module__ == f"whence.analysis.{stem}"
    assert (HERE / f"test_{stem}.py").is_file()


@EACH
def test_nothing_is_found_in_nothing(analysis: Analysis) -> None:
    assert not [*analysis(tables(), Context())]


@EACH
def test_the_largest_numbers_do_not_break_it(analysis: Analysis) -> None:
    full: Row = {"source_ttl_min": 255, "source_ttl_max": 255, "source_port": 65535,
            "destination_port": 65535, "source_packets": 2**40, "syns": 2**32 - 1,
            "source_retransmissions": 2**32 - 1}  # fmt: skip
    extremes = [
        flow(**full),
        flow(**full | {"source_ttl_min": 0}),
        flow("2001:db8::1", "2001:db8::2", transport="ipv6-icmp", destination_packets=2**40),
        flow(transport="gre", source_port=None, destination_port=None, source_payload=None),
    ]
    found = analysis(tables(*extremes, arps=[arp("192.0.2.9", "", "192.0.2.7", count=2**40)]),
                     Context())  # fmt: skip
    assert all(isinstance(finding, Finding) for finding in found)
