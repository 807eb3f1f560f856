from whence.switches.mirror_manual import Cables, ManualMirror
from whence.world.mirror import Mirrors


def test_a_person_is_told_exactly_which_ports() -> None:
    said: list[str] = []
    switch = ManualMirror("sw1", "24", said.append)
    switch.mirror(Mirrors(frozenset({"1", "2", "3", "9"}), "23"))
    switch.mirror(Mirrors())
    assert said == [
        "sw1: mirror to port 24 what comes in (RX, ingress) by 1-3, 9 and what leaves (TX, egress) "
        "by 23, and nothing else",
        "sw1: switch port mirroring off",
    ]


def test_only_cables_that_change_are_touched() -> None:
    said: list[str] = []
    outlet = Cables("B.213", ("anna", "ben", "printer"), said.append)
    outlet.mirror(Mirrors(frozenset({"anna", "ben", "printer"})))
    outlet.mirror(Mirrors(frozenset({"ben", "printer"})))
    outlet.mirror(Mirrors(frozenset({"anna", "printer"})))
    assert said == ["unplug: anna", "plug in: anna; unplug: ben"]
    outlet.restore("")
    assert said[-1] == "plug in all cables again"
