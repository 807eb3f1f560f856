"""What tools and switches print is a stranger's: any text is an answer, or a reason."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whence.model import CannotAsk, Reading, WhenceError
from whence.switches.mirror_command_line import CommandLineMirror
from whence.switches.mirror_commands import WORDS
from whence.switches.mirror_linux import LinuxMirror
from whence.switches.mirror_openvswitch import OpenVSwitchMirror
from whence.world import EPOCH
from whence.world.mirror import Mirrors

values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["ifname", "p1", "mon"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["ifname", "dev", "kind", "options", "actions", "to_dev", "stats64", "rx",
                         "packets", "mac", "master", "headings", "data", "name"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
answers = st.one_of(st.text(max_size=80), values.map(json.dumps),
                    st.lists(values, max_size=3).map(json.dumps))  # fmt: skip


@settings(max_examples=50)
@given(st.lists(answers, min_size=1, max_size=6))
def test_any_answer_of_iproute2_is_borne(told: list[str]) -> None:
    def command(argv: Sequence[str], text: str) -> str:
        return told[len(argv) % len(told)]

    with contextlib.suppress(WhenceError):
        switch = LinuxMirror("", "mon", command)
        switch.mirror(Mirrors(frozenset({"p1"})))
    links = json.dumps([{"ifname": "mon"}, {"ifname": "p1"}])
    seen = iter([links])
    switch = LinuxMirror("", "mon", lambda argv, text: next(seen, told[0]))
    for ask in (switch.mirrored, switch.stations, switch.counters, switch.saved):
        with contextlib.suppress(WhenceError):
            ask()


def test_a_namespace_that_is_not_there_is_told_with_how_to_find_it() -> None:
    def command(argv: Sequence[str], text: str) -> str:
        raise CannotAsk("ip failed", because='Cannot open network namespace "sw1"')

    with pytest.raises(CannotAsk) as told:
        LinuxMirror("sw1", "mon", command)
    assert str(told.value) == "could not list the ports of sw1"
    assert told.value.because == 'Cannot open network namespace "sw1"'
    assert "ip netns list" in told.value.try_


@settings(max_examples=50)
@given(st.lists(answers, min_size=1, max_size=6))
@example(['{"headings":"0","data":"0"}'])
def test_any_answer_of_open_vswitch_is_borne(told: list[str]) -> None:
    with contextlib.suppress(WhenceError):
        OpenVSwitchMirror("br0", "mon", command=lambda argv, text: told[len(argv) % len(told)])
    headings = {
        "headings": ["name", "_uuid"],
        "data": [["mon", ["uuid", "1"]], ["p1", ["uuid", "2"]]],
    }
    first = iter(["mon p1", json.dumps(headings)])
    switch = OpenVSwitchMirror("br0", "mon", command=lambda argv, text: next(first, told[0]))
    for ask in (switch.mirrored, switch.stations, switch.counters, switch.saved):
        with contextlib.suppress(WhenceError):
            ask()


class Says:
    """Prints the same for everything."""

    name = "sw1"

    def __init__(self, text: str) -> None:
        self.text = text

    def ask(self, question: str) -> Reading:
        return Reading(question, self.text, EPOCH, self.name)


@settings(max_examples=50)
@given(st.text(max_size=200), st.sampled_from([*WORDS]))
def test_any_answer_of_a_command_line_is_borne(text: str, maker: str) -> None:
    switch = CommandLineMirror(WORDS[maker], Says(text), "sw1", "24")
    switch.mirrored()
    with contextlib.suppress(WhenceError):
        switch.restore(switch.saved())


@settings(max_examples=50)
@given(st.lists(values, max_size=4), st.lists(values, max_size=3))
def test_any_row_of_open_vswitch_is_borne(row: list[object], more: list[object]) -> None:
    names = [
        "name",
        "_uuid",
        "mirrors",
        "select_src_port",
        "select_dst_port",
        "ofport",
        "statistics",
    ]
    whole = (["br0", *row, *more] + [None] * len(names))[: len(names)]
    ports = {"headings": ["name", "_uuid"], "data": [["mon", ["uuid", "1"]]]}
    said = json.dumps({"headings": names, "data": [whole]})
    first = iter(["mon", json.dumps(ports)])
    switch = OpenVSwitchMirror("br0", "mon", command=lambda argv, text: next(first, said))
    for ask in (switch.mirrored, switch.stations, switch.counters, switch.saved):
        with contextlib.suppress(WhenceError):
            ask()


@settings(max_examples=50)
@given(values, values)
def test_any_row_of_iproute2_is_borne(one: object, other: object) -> None:
    links = json.dumps([{"ifname": "mon"}, {"ifname": "p1"}])
    row = {"ifname": "p1", "dev": "p1", "kind": "clsact", "mac": one, "master": other,
           "stats64": {"rx": one}, "options": {"actions": [one, {"kind": other}]}}  # fmt: skip
    seen = iter([links])
    said = "\n".join([json.dumps([row])] * 4)
    switch = LinuxMirror("", "mon", lambda argv, text: next(seen, said))
    for ask in (switch.mirrored, switch.stations, switch.counters, switch.saved):
        with contextlib.suppress(WhenceError):
            ask()
