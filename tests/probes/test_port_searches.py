"""What searches for a port found, as facts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from whence.inquiry.known import Verdict
from whence.inquiry.story import tell
from whence.model import CannotAsk, Confidence, Fact, Ip, Mac, SwitchPort
from whence.probes.card_comes_in_at import card_comes_in_at
from whence.probes.comes_in_at import comes_in_at
from whence.world import EPOCH
from whence.world.mirror_folder import MirrorFolder
from whence.world.port_searches import MOST, FoundPort, ThesePortSearches

PC, CARD = Ip("192.0.2.7"), Mac("00:14:22:01:02:03")
P7 = SwitchPort("sw1", "p7")


def found(about: str = "192.0.2.7", port: str = "p7", **more: float) -> FoundPort:
    given = {"ratio": 6.0, "at": 1.0, "on_seconds": 10.34, "off_seconds": 14.0} | more
    return FoundPort(
        about=about, switch="sw1", port=port, filter="udp", interface="mon0", observer="here",
        on=11, off=0, **given,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def searches(tmp_path: Path) -> ThesePortSearches:
    return ThesePortSearches(MirrorFolder(tmp_path), "here", lambda: EPOCH)


def of(facts: list[Fact], relation: str) -> list[tuple[object, Confidence]]:
    return [(fact.value, fact.confidence) for fact in facts if fact.relation == relation]


def test_where_nothing_was_searched_nothing_is_found(searches: ThesePortSearches) -> None:
    assert not searches.have("192.0.2.7")
    assert not [*comes_in_at(PC, searches)]


def test_what_was_found_and_tested_is_certain(searches: ThesePortSearches) -> None:
    searches.note(found(share=1.0))
    searches.note(found("192.0.2.8", "p9"))
    searches.note(found(CARD.address))
    facts = [*comes_in_at(PC, searches)]
    assert of(facts, "comes-in-at") == [(P7, Confidence.CERTAIN)]
    test = "mirror on: 11 events in 10.3 s; off: 0 in 14.0 s; likelihood ratio 10^6, 100 % of it"
    assert of(facts, "was-tested-by") == [(f"{test}; udp", Confidence.CERTAIN)]
    assert of([*card_comes_in_at(CARD, searches)], "comes-in-at") == [(P7, Confidence.CERTAIN)]
    story = tell(PC, facts)
    assert story.sentence == f"the traffic of 192.0.2.7 comes in at sw1 p7 (certain: {test}; udp)."
    assert story.verdict is Verdict.EXPLAINED


@pytest.mark.parametrize(("name", "value"), [("ratio", 2.0), ("share", 0.5)])
def test_what_was_tested_badly_or_is_not_all_is_likely(
    searches: ThesePortSearches, name: str, value: float
) -> None:
    searches.note(msgspec.structs.replace(found(), **{name: value}))
    assert of([*comes_in_at(PC, searches)], "comes-in-at") == [(P7, Confidence.LIKELY)]


def test_the_newest_search_comes_first_and_each_port_once(searches: ThesePortSearches) -> None:
    for at, port in enumerate(("p7", "p8", "p7")):
        searches.note(found(port=port, at=float(at)))
    ports = [value for value, _ in of([*comes_in_at(PC, searches)], "comes-in-at")]
    assert ports == [P7, SwitchPort("sw1", "p8")]


def test_results_are_bounded_and_for_this_user_alone(
    searches: ThesePortSearches, tmp_path: Path
) -> None:
    for number in range(MOST + 5):
        searches.note(found(at=float(number)))
    file = tmp_path / "found.jsonl"
    assert len(file.read_text().splitlines()) == MOST
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["{}\n", "nonsense", '{"about": 3}\n'])
def test_a_damaged_file_is_told(searches: ThesePortSearches, tmp_path: Path, text: str) -> None:
    (tmp_path / "found.jsonl").write_text(text)
    with pytest.raises(CannotAsk, match="could not read"):
        [*comes_in_at(PC, searches)]
