"""How a person is told to prove that it stopped."""

from __future__ import annotations

from dataclasses import replace

from whence.cli.stopping import stopping
from whence.model import Confidence
from whence.model.suggestions import Invasive, Suggestion

UNPLUG = Suggestion("Unplug what is in outlet 2.14.", Invasive.ONE_MACHINE, ())
END = Suggestion("End pid 4242.", Invasive.ONE_PROCESS, ())


def test_a_whole_machine_is_proved_silent_by_its_packets() -> None:
    *_, proof = stopping([UNPLUG], "2026-11-26-zbra", everything=False)
    assert proof.endswith("whence 2026-11-26-zbra --until-silent 1m -i INTERFACE")


def test_what_another_machine_makes_is_proved_silent_there() -> None:
    told = replace(END, confidence=Confidence.REPORTED)
    *_, proof = stopping([told], "2026-11-26-zbra", everything=False)
    assert "whence import what is recorded there then" in proof
    assert "--until-silent 24h" not in proof


def test_what_a_process_makes_is_proved_silent_by_its_connections() -> None:
    *_, proof = stopping([END, UNPLUG], "2026-11-26-zbra", everything=True)
    assert proof.endswith("whence 2026-11-26-zbra --until-silent 24h")
