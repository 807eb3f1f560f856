"""The words for each maker, given to a switch that only keeps its configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest

from whence.model import BadInput, CannotAsk, Reading
from whence.switches.mirror_command_line import CommandLineMirror
from whence.switches.mirror_commands import WORDS, Words
from whence.world import EPOCH
from whence.world.mirror import Mirrors
from whence.world.ssh_device import PARTS, SHELL

CISCO = WORDS["cisco-ios"]

BEFORE = {
    "cisco-ios": [
        "monitor session 4 source interface Gi1/0/7",
        "monitor session 4 destination interface Gi1/0/8",
    ],
    "junos": [
        "set forwarding-options analyzer whence input ingress interface ge-0/0/7",
        "set forwarding-options analyzer whence output interface ge-0/0/8",
    ],
    "procurve": ["mirror 4 port 8", "interface 7 monitor all in mirror 4"],
}


class KeepsLines:
    """Keeps what is typed in its configuration, and shows it."""

    name = "sw1"

    def __init__(self, words: Words, lines: Sequence[str] = (), says: str = "") -> None:
        self.lines = [*lines]
        self._words = words
        self._says = says

    def ask(self, question: str) -> Reading:
        if question == self._words.show:
            return self._answer(question, "\n".join(self.lines))
        typed = question.removeprefix(SHELL).split(PARTS)
        enter, leave = self._words.enter, self._words.leave
        assert (*typed[: len(enter)],) == enter
        assert (*typed[len(typed) - len(leave) :],) == leave
        for command in typed[len(enter) : len(typed) - len(leave)]:
            self._take(command)
        return self._answer(question, self._says)

    def _answer(self, question: str, text: str) -> Reading:
        return Reading(question, text, EPOCH, self.name)

    def _take(self, command: str) -> None:
        cleared = re.fullmatch(r"(?:no|delete) (.*)", command)
        if not cleared:
            self.lines.append(command)
        elif cleared[1].startswith("mirror session"):  # what stands below it goes with it
            self.lines = []
        else:
            gone = cleared[1].replace(" both ", " ")
            self.lines = [line for line in self.lines if not _without_way(line).startswith(gone)]


def _without_way(line: str) -> str:
    return line.removeprefix("set ").replace(" all in ", " all ").replace(" all out ", " all ")


@pytest.mark.parametrize("maker", [maker for maker in WORDS if maker != "routeros"])
def test_what_was_told_is_read_back(maker: str) -> None:
    device = KeepsLines(WORDS[maker])
    switch = CommandLineMirror(WORDS[maker], device, "sw1", "24")
    wanted = Mirrors(frozenset({"1", "2"}), "23")
    switch.mirror(wanted)
    assert switch.mirrored() == wanted
    assert any("24" in line for line in device.lines)
    switch.mirror(Mirrors(frozenset({"2"})))
    assert switch.mirrored() == Mirrors(frozenset({"2"}))


@pytest.mark.parametrize("maker", [*BEFORE])
def test_what_was_mirrored_before_comes_back(maker: str) -> None:
    device = KeepsLines(WORDS[maker], BEFORE[maker])
    switch = CommandLineMirror(WORDS[maker], device, "sw1", "24")
    saved = switch.saved()
    switch.mirror(Mirrors(frozenset({"1", "2"})))
    switch.restore(saved)
    switch.restore(saved)
    assert sorted(device.lines) == sorted(BEFORE[maker])


def test_a_refusal_is_told() -> None:
    switch = CommandLineMirror(
        CISCO, KeepsLines(CISCO, says="% Invalid input detected at '^' marker."), "sw1", "24"
    )
    with pytest.raises(CannotAsk, match="did not take"):
        switch.mirror(Mirrors(frozenset({"1"})))


@pytest.mark.parametrize("port", ["1\nreload", "1; reload", "", "a b", "x" * 100])
def test_no_name_of_a_port_becomes_a_command(port: str) -> None:
    device = KeepsLines(CISCO)
    switch = CommandLineMirror(CISCO, device, "sw1", "24")
    with pytest.raises(BadInput):
        switch.mirror(Mirrors(frozenset({port})))
    assert not device.lines


def test_a_line_that_would_be_two_commands_is_not_given_back() -> None:
    device = KeepsLines(CISCO)
    switch = CommandLineMirror(CISCO, device, "sw1", "24")
    with pytest.raises(CannotAsk, match="is not told"):
        switch.restore(json.dumps(["monitor session 4 x; reload"]))
    assert not device.lines


def test_ports_beside_each_other_that_are_shown_as_one_are_read_back() -> None:
    """Catalysts write what they were told line by line as ranges."""
    shown = [
        "monitor session 4 source interface Gi1/0/1 - 3 , Gi1/0/7 rx",
        "monitor session 4 source interface Te1/1/1 tx",
        "monitor session 4 destination interface Gi1/0/24",
    ]
    switch = CommandLineMirror(CISCO, KeepsLines(CISCO, shown), "sw1", "Gi1/0/24")
    ports = frozenset(f"Gi1/0/{number}" for number in (1, 2, 3, 7))
    assert switch.mirrored() == Mirrors(ports, "Te1/1/1")


def test_a_port_that_is_shown_with_its_short_name_is_the_one_that_was_told() -> None:
    class Shortens(KeepsLines):
        def _take(self, command: str) -> None:
            super()._take(command.replace("GigabitEthernet", "Gi"))

    switch = CommandLineMirror(CISCO, Shortens(CISCO), "sw1", "Gi1/0/24")
    wanted = Mirrors(frozenset({"GigabitEthernet1/0/1", "GigabitEthernet1/0/2"}))
    switch.mirror(wanted)
    assert switch.mirrored() == wanted


class RouterOs:
    """Has for each port what of it is mirrored, and one port that all goes to."""

    name = "sw1"

    def __init__(self) -> None:
        self.target = "ether8"
        self.ports = {f"ether{n}": {"ingress": "no", "egress": "no"} for n in range(1, 9)}
        self.ports["ether5"]["ingress"] = self.ports["ether6"]["egress"] = "yes"
        self.ports["ether7"]["egress"] = "yes"

    def ask(self, question: str) -> Reading:
        text = ""
        if question.startswith(SHELL):
            for command in question.removeprefix(SHELL).split(PARTS):
                self._take(command)
        else:
            for command in question.split("; "):
                text += self._shown(command)
        return Reading(question, text, EPOCH, self.name)

    def _take(self, command: str) -> None:
        if to := re.search(r" switch set 0 mirror-target=(\S+)", command):
            self.target = to[1]
        elif port := re.search(r" port set \[find name=(\S+)\]", command):
            self.ports[port[1]] |= dict(re.findall(r"mirror-(ingress|egress)=(yes|no)", command))

    def _shown(self, command: str) -> str:
        if " port " not in command:
            return f" 0   name=switch1 type=Marvell-98DX3236 mirror-target={self.target}\n"
        return "".join(
            f" {n}   name={name} switch=switch1 mirror-ingress={one['ingress']}"
            f" mirror-egress={one['egress']}\n"
            for n, (name, one) in enumerate(self.ports.items())
            if "yes" in one.values()
        )


def test_what_routeros_mirrored_before_comes_back() -> None:
    device, untouched = RouterOs(), RouterOs()
    switch = CommandLineMirror(WORDS["routeros"], device, "sw1", "ether1")
    saved = switch.saved()
    wanted = Mirrors(frozenset({"ether2", "ether3"}), "ether4")
    switch.mirror(wanted)
    assert switch.mirrored() == wanted
    assert device.target == "ether1"
    switch.restore(saved)
    assert (device.target, device.ports) == (untouched.target, untouched.ports)
