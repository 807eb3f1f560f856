"""An office of five switches, asked over UDP: each machine is found at its own port."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.snmp_agents import Recorded, Value, recording, serving
from whence.inquiry.side_by_side import ReplayedSwitches, SideBySide
from whence.model import CannotAsk
from whence.model.wiring import wiring_of
from whence.world import EPOCH, RecordedHost
from whence.world.ber import Oid
from whence.world.recorded import Answer
from whence.world.switch_settings import SwitchSettings

SAMPLE = Path(__file__).parents[3] / "shared/samples/topology-office1"
LLDP, CDP = (1, 0, 8802, 1, 1, 2), (1, 3, 6, 1, 4, 1, 9, 9, 23)
OWN = {(2, 0x77, 0, 0, number, 0) for number in range(5)}  # what the switches send from
needs_sample = pytest.mark.skipif(not SAMPLE.exists(), reason=f"there is no {SAMPLE}")

Take = Callable[[Oid], bool]
KEEP: dict[str, Take] = {
    "as it is": lambda oid: True,
    "without LLDP and CDP": lambda oid: oid[:6] != LLDP and oid[:9] != CDP,
    "without anything that tells a switch": lambda oid: (
        oid[:6] != LLDP and oid[:9] != CDP and oid[-6:] not in OWN
    ),
}


@contextmanager
def office(take: Take, names: str = "01234") -> Iterator[SwitchSettings]:
    """Serve switches of the sample."""
    with ExitStack() as stack:
        urls = []
        for name in names:
            communities: dict[str, dict[Oid, Value]] = {
                "public" + file.stem.removeprefix(f"sw{name}"): {
                    oid: value for oid, value in recording(file).items() if take(oid)
                }
                for file in SAMPLE.glob(f"sw{name}*.snmprec")
            }
            port = stack.enter_context(serving(Recorded(communities)))
            urls.append(f"snmp://127.0.0.1:{port}")
        yield SwitchSettings.read({"WHENCE_SWITCHES": " ".join(urls), "HOME": "/nonexistent"})


def hosts() -> list[dict[str, Any]]:
    truth: dict[str, list[dict[str, Any]]] = json.loads((SAMPLE / "truth.json").read_text())
    return truth["hosts"]


@needs_sample
@pytest.mark.parametrize("take", KEEP.values(), ids=[*KEEP])
def test_each_machine_is_found_at_its_port_and_the_case_replays(take: Take) -> None:
    kept: list[tuple[str, Answer]] = []
    with office(take) as settings:
        asked = SideBySide(
            settings.switches, RecordedHost(), lambda: EPOCH, lambda *answer: kept.append(answer)
        )
        wiring = asked.wiring()
    assert not asked.silent
    again = ReplayedSwitches(RecordedHost(answers=kept)).wiring()
    for host in hosts():
        found = wiring.find(host["mac"])
        places = [(place.at.switch, place.at.port) for place in found.plugged]
        assert places == [(host["switch"], host["port"])], host
        assert again.find(host["mac"]) == found


@needs_sample
@pytest.mark.parametrize("take", [*KEEP.values()][:2], ids=[*KEEP][:2])
def test_a_link_to_a_switch_that_was_not_asked_is_never_the_place(take: Take) -> None:
    with office(take, "02") as settings:
        asked = SideBySide(settings.switches, RecordedHost(), lambda: EPOCH, lambda *_: None)
        wiring = asked.wiring()
    for host in hosts():
        found = wiring.find(host["mac"])
        places = [(place.at.switch, place.at.port) for place in found.plugged]
        if host["switch"] in ("sw0", "sw2"):
            assert places == [(host["switch"], host["port"])]
        else:
            assert not places
            assert [place.at.switch for place in found.through] == ["sw0"]


@needs_sample
@pytest.mark.parametrize("take", KEEP.values(), ids=[*KEEP])
def test_a_machine_that_its_own_switch_forgot_is_reached_through_a_link(take: Take) -> None:
    with office(take) as settings:
        asked = SideBySide(settings.switches, RecordedHost(), lambda: EPOCH, lambda *_: None)
        views = asked.wiring().views.values()
    for host in hosts():
        forgetful = [
            replace(
                view,
                learned=tuple(
                    row
                    for row in view.learned
                    if row.mac != host["mac"] or view.name != host["switch"]
                ),
            )
            for view in views
        ]
        found = wiring_of(forgetful).find(host["mac"])
        assert not found.plugged, host
        assert found.through
        assert all(host["switch"] in place.reason for place in found.through)


@needs_sample
def test_a_switch_that_is_silent_is_told_and_the_others_answer() -> None:
    with serving(lambda _: []) as port:
        pass  # nobody listens there any more
    with office(KEEP["as it is"], "0") as settings:
        chosen = (*settings.switches, settings.find(f"snmp://127.0.0.1:{port}"))
        asked = SideBySide(chosen, RecordedHost(), lambda: EPOCH, lambda *_: None)
        assert [*asked.wiring().views] == ["sw0"]
    assert [*asked.silent] == [f"127.0.0.1:{port}"]


def test_that_no_switch_is_known_says_what_to_do() -> None:
    asked = SideBySide((), RecordedHost(), lambda: EPOCH, lambda *_: None)
    with pytest.raises(CannotAsk) as told:
        asked.wiring()
    assert "switches.toml" in told.value.try_


@needs_sample
def test_that_a_switch_was_silent_is_known_in_a_replay_too() -> None:
    with serving(lambda _: []) as port:
        pass  # nobody listens there any more
    kept: list[tuple[str, Answer]] = []
    with office(KEEP["as it is"], "0") as settings:
        chosen = (*settings.switches, settings.find(f"snmp://127.0.0.1:{port}"))
        asked = SideBySide(
            chosen, RecordedHost(), lambda: EPOCH, lambda *answer: kept.append(answer)
        )
        assert asked.wiring().silent == (f"127.0.0.1:{port}",)
    assert ReplayedSwitches(RecordedHost(answers=kept)).wiring().silent == asked.wiring().silent
