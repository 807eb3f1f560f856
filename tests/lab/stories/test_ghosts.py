"""What is drawn for the office with the ghosts, what its firewall logs, and how it is judged."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from whence.lab.contract import Outcome
from whence.lab.stories.ghosts import asa as simulated
from whence.lab.stories.ghosts.asa import Asa, Settings
from whence.lab.stories.ghosts.building import truth as truth_of
from whence.lab.stories.ghosts.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.ghosts.history import write_history
from whence.lab.stories.ghosts.judging import judge
from whence.lab.telling import Answer

NOW = datetime(2026, 11, 26, 8, 20, tzinfo=UTC)
SETTINGS = Settings(1, "fw1", "10.1.2", "198.51.100.7", "127.0.0.1", 0, 600, 5.0)
offices = some.builds(draw, some.integers(0, 1 << 31), some.sampled_from(VARIANTS))


@given(offices)
def test_nobody_has_the_address_of_another_and_no_ghost_is_in_the_office(office: Drawn) -> None:
    stations = [office.log_address, office.desk, office.files, office.spoofed or f"{office.lan}.1"]
    stations += [ghost.address for ghost in office.ghosts]
    assert len({*stations}) == 7
    networks = [ghost.network for ghost in office.ghosts]
    assert len({*networks, office.lan}) == 4
    for ghost in office.ghosts:
        assert ghost.targets
        assert all(ip_address(target).is_private for target in ghost.targets)
        assert all(ip_address(target) in ip_network(f"{ghost.network}.0/24")
                   for target in ghost.targets)  # fmt: skip


@given(offices)
def test_programs_are_told_apart_by_their_names(office: Drawn) -> None:
    names = [ghost.package for ghost in office.ghosts]
    assert len({*names}) == 3
    assert not any(one != other and one in other for one in names for other in names)


class Heard(Asa):
    """A firewall whose lines are kept."""

    def __init__(self) -> None:
        super().__init__(SETTINGS)
        self.lines: list[str] = []

    def send(self, line: str, severity: int = 6) -> None:
        self.lines.append(line)

    def codes(self) -> list[str]:
        return [line.split("%ASA-")[1].split(":")[0] for line in self.lines]


def packet(ends: Sequence[object], flags: int, sequence: int = 1, data: bytes = b"") -> bytes:
    source, own, to, port = ends
    tcp = struct.pack("!HHIIBBHHH", own, port, sequence, 0, 5 << 4, flags, 0, 0, 0) + data
    addresses = socket.inet_aton(str(source)) + socket.inet_aton(str(to))
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses + tcp


OUT = ("10.1.2.9", 40000, "192.168.77.8", 62078)
BACK = (*OUT[2:], *OUT[:2])


def test_an_attempt_that_nobody_answers() -> None:
    wall = Heard()
    for sequence in (1, 1, 2):  # the second is only sent again
        wall.hear(packet(OUT, simulated.SYN, sequence), 0.0)
    wall.tick(4.0)
    assert wall.codes() == ["6-302013", "4-419002"]
    wall.tick(5.1)
    assert wall.codes()[2:] == ["6-302014"]
    assert "192.168.77.8/62078" in wall.lines[0]
    assert wall.lines[2].endswith("bytes 0 SYN Timeout")


def test_a_connection_that_is_answered() -> None:
    wall = Heard()
    wall.hear(packet(OUT, simulated.SYN), 0.0)
    wall.hear(packet(BACK, simulated.SYN | simulated.ACK), 0.1)
    wall.hear(packet(BACK, simulated.ACK, data=b"x" * 99), 0.2)
    wall.tick(9.0)
    for ends in (OUT, BACK):
        wall.hear(packet(ends, simulated.FIN | simulated.ACK), 10.0)
    assert wall.codes() == ["6-302013", "6-302014"]
    assert wall.lines[1].endswith("duration 0:00:10 bytes 99 TCP FINs")


def test_what_stays_inside_is_not_the_firewall_s() -> None:
    wall = Heard()
    wall.hear(packet(("10.1.2.9", 4, "10.1.2.10", 22), simulated.SYN), 0.0)
    assert not wall.lines


def test_the_week_before_is_in_order_and_ends_with_the_restart(tmp_path: Path) -> None:
    office = draw(4, "usual")
    write_history(office, tmp_path / "log", NOW)
    lines = (tmp_path / "log").read_text().splitlines()
    assert abs(len(lines) / (office.usual_per_hour * 24 * 7) - 1) < 0.05
    assert lines[0].startswith("Nov 19 ")
    stamps = [line[:15] for line in lines]
    assert stamps == sorted(stamps)
    assert sum("%ASA-6-199002" in line for line in lines) == 1
    assert not any(ghost.network in line for ghost in office.ghosts for line in lines)


def told(office: Drawn, truth: dict[str, str]) -> list[Answer]:
    """Give answers that tell all."""
    shares = (50, 30, 20)
    parts = [
        f"{share} % {'of the increase is ' * (share == 50)}{ghost.address} → {ghost.network}.0/24 "
        f"port {ghost.port} at fw (no answer in 7 attempts over 9 s)"
        for share, ghost in zip(shares, office.ghosts, strict=True)
    ]
    sentence = (
        f"Since {truth['onset']} UTC the log has 9 times its usual lines: {', '.join(parts)}; "
        f"coincides with {office.firewall}: the device was started anew (4 min before)"
    )
    answers = [
        said("whence logs explain /log", f"{sentence}\n{rows(office, True)}"),
        said("whence logs forecast", "full in 5 h\n  without it: full in 9 d"),
    ]
    for ghost in office.ghosts:
        place = truth[f"{ghost.kind} place"]
        text = f"{ghost.program} by {ghost.launcher}\n{place}"
        answers.append(said(f"whence {ghost.targets[0]}:{ghost.port} --wait 1m", text))
        answers.append(said(f"edit {place.partition(' (')[0]} {ghost.network}", ""))
    text = f"  1  08:00  {office.updated}:all was upgraded: 1 → 2"
    answers.append(said("whence changes --before x", text))
    for ghost in office.ghosts:
        text = (
            f"{ghost.targets[0]}:{ghost.port} fell silent at x: none in 12 s watched, where 70 "
            "packets were to be expected at the 6 a second before."
        )
        answers.append(said("whence 2026-11-26-abcd --until-silent 12s", text))
    answers.append(said("whence logs explain /log", f"{sentence}\n{rows(office, False)}"))
    return answers


def said(command: str, text: str) -> Answer:
    return Answer(command, text, "", 0, 1.0)


def rows(office: Drawn, goes_on: bool) -> str:
    """Give what an explanation says of each: when it ended, and what would have come since."""
    until = "goes on " if goes_on else "08:00:09"
    table = "\n".join(
        f"1.   50 %  9  0  1 MB  08:00:00  {until}  {ghost.address} → x" for ghost in office.ghosts
    )
    parts = "\n\n".join(
        f"{number}. {ghost.address} → x\n   none in the 40 s of log since, where 9 were to be "
        "expected"
        for number, ghost in enumerate(office.ghosts, start=1)
    )
    return f"{table}\n\n{parts}"


def test_answers_that_tell_all_are_complete() -> None:
    office = draw(3, "usual")
    truth = truth_of(office, NOW.timestamp())
    answers = told(office, truth)
    assert judge(truth, answers).missing == ()
    assert judge(truth, answers).outcome is Outcome.COMPLETELY
    for left_out in range(len(answers)):
        fewer = [answer for number, answer in enumerate(answers) if number != left_out]
        assert judge(truth, fewer).outcome is Outcome.PARTLY


def test_a_share_of_somebody_innocent_is_wrong() -> None:
    office = draw(3, "usual")
    truth = truth_of(office, NOW.timestamp())
    first, *rest = told(office, truth)
    text = first.text.replace(office.ghosts[0].address, office.desk)
    judged = judge(truth, [Answer(first.command, text, "", 0, 1.0), *rest])
    assert judged.outcome is Outcome.WRONGLY
    assert office.desk in judged.false[0]


def test_the_program_of_another_host_is_wrong() -> None:
    office = draw(3, "usual")
    truth = truth_of(office, NOW.timestamp())
    answers = told(office, truth)
    wrong = said(answers[2].command, f"{office.ghosts[1].program} did it")
    assert judge(truth, [*answers[:2], wrong, *answers[3:]]).outcome is Outcome.WRONGLY


def test_a_ghost_that_nobody_laid_must_not_be_told_as_silent() -> None:
    office = draw(3, "one-left")
    truth = truth_of(office, NOW.timestamp())
    [left] = [ghost for ghost in office.ghosts if ghost.kind == office.left]
    judged = judge(truth, told(office, truth))
    assert judged.false == (f"that {left.address} is silent",)
    assert judged.missing == (f"that {left.address} still goes on",)


def test_a_ghost_that_was_laid_must_not_be_told_as_going_on() -> None:
    office = draw(3, "usual")
    truth = truth_of(office, NOW.timestamp())
    [*others, watched, last] = told(office, truth)
    target = office.ghosts[2].targets[0]
    again = said(watched.command, f"{target}:161 goes on after the change of x: seen again")
    judged = judge(truth, [*others, again, last])
    assert judged.false == (f"that {office.ghosts[2].address} goes on",)
