"""A machine elsewhere: its port of a switch, or its plug."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from whence.inquiry.remedies._declare import Chain, remedy
from whence.model import Fact, Outlet, SwitchPort
from whence.model.suggestions import Invasive, Suggestion, Words, command
from whence.model.wiring import ALONE


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a port is shut and opened; {} is the port. Typed at the switch, but for Linux."""

    shut: tuple[str, ...]
    open: tuple[str, ...]


# From the makers' manuals; names as in switches/_platforms.py, where it is a command line. Nothing
# is saved: a restart of the switch opens the port.
_CISCO = Spoken(("configure terminal", "interface {}", "shutdown", "end"),
                ("configure terminal", "interface {}", "no shutdown", "end"))  # fmt: skip
_LINUX = Spoken(("ip link set dev {} down",), ("ip link set dev {} up",))
SPOKEN = {
    "bridge": _LINUX,
    "ovs": _LINUX,
    "cisco_ios": _CISCO,
    "cisco_nxos": _CISCO,
    "arista_eos": _CISCO,
    "aruba_aoscx": _CISCO,
    "hp_procurve": Spoken(("configure", "interface {} disable", "end"),
                          ("configure", "interface {} enable", "end")),
    "juniper_junos": Spoken(
        ("configure", "set interfaces {} disable", "commit confirmed 10", "exit"),
        ("configure", "delete interfaces {} disable", "commit", "exit"),
    ),
    "mikrotik_routeros": Spoken(("/interface disable {}",), ("/interface enable {}",)),
}  # fmt: skip
_PORT = re.compile(r"\w[\w/.:-]*")


@remedy
def shut_the_port(chain: Chain) -> Iterator[Suggestion]:
    """Cut off the machine: unplug it, or shut its port of the switch."""
    for fact in chain.facts:
        if fact.relation == "wired-to" and isinstance(fact.value, Outlet):
            yield _unplug(fact.value, fact)
        elif fact.relation == "plugged-in-at" and isinstance(fact.value, SwitchPort):
            yield _shut(chain, fact.value, fact)


def _unplug(outlet: Outlet, fact: Fact) -> Suggestion:
    return Suggestion(
        f"Unplug what is in {outlet}, at the wall.", Invasive.ONE_MACHINE, fact.evidence,
        undo_text="plug it in again", breaks=("all that the machine does",),
        confidence=fact.confidence,
    )  # fmt: skip


def _shut(chain: Chain, port: SwitchPort, fact: Fact) -> Suggestion:
    spoken = SPOKEN.get(chain.switches.get(port.switch, ""))
    advice = "" if spoken else " By SNMP that is ifAdminStatus (IF-MIB), down(2) and up(1)."
    return Suggestion(
        f"Shut port {port.port} of {port.switch}.{advice}",
        Invasive.ONE_MACHINE,
        fact.evidence,
        _typed(spoken.shut if spoken else (), port.port),
        _typed(spoken.open if spoken else (), port.port),
        "" if spoken else "open the port again",
        (_behind([str(one.value) for one in chain.known.about(port, "has-behind")]),),
        fact.confidence,
    )


def _behind(told: list[str]) -> str:
    if told == [ALONE]:
        return f"nothing else that is known: {ALONE}"
    return f"all that is behind that port: {'; '.join(told) or 'look first what that is'}"


def _typed(lines: tuple[str, ...], port: str) -> tuple[Words, ...]:
    """Give lines as words; none for a port whose name is more than a name."""
    if not _PORT.fullmatch(port):
        return ()
    return tuple(each for line in lines for each in command(*line.replace("{}", port).split()))
