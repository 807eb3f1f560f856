"""What an answer says would stop it is read as it is printed, and carried out so."""

from __future__ import annotations

from whence.lab.building import CannotBuild
from whence.lab.machines import Machine
from whence.lab.mending import Remedy, carry_out, case_to_prove, remedies
from whence.lab.traces import Running

PRINTED = """\
192.0.2.7:161 was contacted by /usr/sbin/agent.

what would stop it (whence does none of this):
  1. likely: Put line 5 of /etc/agent.conf right, which says “poll 192.0.2.7”.
       cp -p /etc/agent.conf /var/tmp/before
       vi +5 /etc/agent.conf
     undo: cp -p /var/tmp/before /etc/agent.conf
     also stops: whatever else uses that line of /etc/agent.conf
  2. Stop agent.service.
       systemctl disable --now -- agent.service
     undo: systemctl enable --now -- agent.service
  1 more: whence case show 2026-11-26-zbra --all
  Afterwards, to prove it: whence 2026-11-26-zbra --until-silent 24h

not checked:
  3. whatever
       rm -rf /
"""


class Typed(Machine):
    """A machine that writes down what is typed there, and refuses what it does not know."""

    def run(self, *argv: str, text: str = "") -> str:
        if "nonsense" in argv[-1]:
            raise CannotBuild("sh failed", because="nonsense: not found")
        typed.append(argv)
        return "done\n"


typed: list[tuple[str, ...]] = []
MACHINE = Typed("host", Running(1, 1), "", "")


def test_remedies_are_read_without_what_undoes_them() -> None:
    first, second = remedies(PRINTED)
    assert first.commands == ("cp -p /etc/agent.conf /var/tmp/before", "vi +5 /etc/agent.conf")
    assert second.commands == ("systemctl disable --now -- agent.service",)
    assert case_to_prove(PRINTED) == "2026-11-26-zbra"
    assert remedies("nobody knows\n  1. x\n       rm x\n") == []


def test_the_right_value_is_written_in_place_of_the_wrong_one() -> None:
    typed.clear()
    remedy = Remedy("", ("sql 'x = NEW-ADDRESS'", "vi +5 /etc/agent.conf"))
    said = carry_out(MACHINE, remedy, "192.0.2.7", "10.0.0.9", lambda _: None, ("as", "postgres"))
    assert [(one.command, one.status) for one in said] == [
        ("sql 'x = 10.0.0.9'", 0),
        ("vi +5 /etc/agent.conf", 0),
    ]
    assert typed == [
        ("as", "postgres", "sh", "-c", "sql 'x = 10.0.0.9'"),
        ("sed", "-i", r"5s|192\.0\.2\.7|10.0.0.9|", "/etc/agent.conf"),
    ]


def test_a_command_that_does_not_work_as_printed_is_told_and_ends_it() -> None:
    remedy = Remedy("", ("nonsense", "rm x"))
    [answer] = carry_out(MACHINE, remedy, "x", "y", lambda _: None)
    assert (answer.status, answer.errors) == (1, "nonsense: not found")
