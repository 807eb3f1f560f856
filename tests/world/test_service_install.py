from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from whence.model import BadSettings, CannotAsk, CannotStore, NotPermitted, whole_files
from whence.world import durable, systemd
from whence.world.service_install import install, remove, status

COMMAND = ["/opt/whence/bin/whence"]
UNIT = "etc/systemd/system/whence-record.service"
WANTS = "etc/systemd/system/multi-user.target.wants"
KILLED = 137


class Machine:
    """A root folder with whence in it, and as much of systemctl as leaves traces."""

    def __init__(self, root: Path, systemd: bool) -> None:
        self.root = root
        root.chmod(0o755)
        for folder in ("opt/whence/bin", "etc/systemd/system", "var/lib", WANTS):
            (root / folder).mkdir(parents=True)
        if systemd:
            (root / "run/systemd/system").mkdir(parents=True)
        (root / COMMAND[0].lstrip("/")).write_text("#!/usr/bin/python3\n")
        self.ran: list[str] = []

    def systemctl(self, command: Sequence[str]) -> None:
        self.ran.append(" ".join(command[1:]))
        link = self.root / WANTS / "whence-record.service"
        match command[1:]:
            case ["enable", *_]:
                link.unlink(missing_ok=True)
                link.symlink_to(self.root / UNIT)
            case ["disable", *_]:
                link.unlink(missing_ok=True)

    def install(self) -> list[str]:
        return install(COMMAND, root=self.root, rests_on=(), run=self.systemctl)

    def remove(self) -> list[str]:
        return remove(root=self.root, run=self.systemctl)

    def status(self) -> list[str]:
        return status(root=self.root, run=self.systemctl)

    @property
    def unit(self) -> Path:
        return self.root / UNIT

    def files(self) -> set[str]:
        """Everything there is but the empty folder that whence may leave."""
        paths = (path.relative_to(self.root) for path in self.root.rglob("*"))
        return {str(path) for path in paths} - {"var/lib/whence"}


@pytest.fixture(params=[False, True], ids=["no-systemd", "systemd"])
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Machine:
    return Machine(tmp_path, request.param)


@pytest.fixture
def running(tmp_path: Path) -> Machine:
    return Machine(tmp_path, systemd=True)


def test_nothing_but_the_unit_is_written_and_nothing_is_left(machine: Machine) -> None:
    before = machine.files()
    machine.install()
    added = machine.files() - before - {f"{WANTS}/whence-record.service"}
    journal = {"var/lib/whence/undo", "var/lib/whence/undo/record-install.jsonl"}
    assert added == {UNIT} | journal
    machine.remove()
    assert machine.files() == before


def test_the_service_is_started_and_stopped(running: Machine) -> None:
    assert "enabled and started whence-record.service" in running.install()
    running.remove()
    name = "whence-record.service"
    started = ["daemon-reload", f"enable {name}", f"restart {name}"]
    assert running.ran == [*started, f"disable --now {name}", "daemon-reload"]


def test_without_systemd_it_is_said_what_to_run(tmp_path: Path) -> None:
    machine = Machine(tmp_path, systemd=False)
    said = machine.install()
    assert "systemctl enable --now whence-record.service" in said[-2]
    assert "have something else run this from boot on, as root: whence record" in said[-1]
    assert machine.status()[1:] == said[1:]
    assert machine.ran == []


def test_installing_twice_is_installing_once(machine: Machine) -> None:
    before = machine.files()
    machine.install()
    machine.install()
    machine.remove()
    assert machine.files() == before


def test_a_unit_of_an_older_whence_is_brought_up_to_date(machine: Machine) -> None:
    before = machine.files()
    machine.install()
    (machine.root / "opt/whence/bin/whence").rename(machine.root / "opt/whence/bin/whence2")
    install(["/opt/whence/bin/whence2"], root=machine.root, rests_on=(), run=machine.systemctl)
    assert "whence2" in machine.unit.read_text()
    machine.remove()
    assert machine.files() - {"opt/whence/bin/whence2"} < before


def test_a_unit_that_somebody_else_wrote_is_not_overwritten(machine: Machine) -> None:
    machine.unit.write_text("theirs")
    with pytest.raises(BadSettings, match="not as whence wrote it"):
        machine.install()
    assert machine.unit.read_text() == "theirs"
    assert "it stays" in machine.remove()[0]
    assert machine.unit.read_text() == "theirs"


def test_a_unit_that_somebody_changed_is_neither_overwritten_nor_removed(machine: Machine) -> None:
    machine.install()
    machine.unit.write_text("changed")
    with pytest.raises(BadSettings, match="not as whence wrote it"):
        machine.install()
    assert any("somebody changed it" in line for line in machine.remove())
    assert machine.unit.read_text() == "changed"


def test_the_history_stays(machine: Machine) -> None:
    machine.install()
    (machine.root / "var/lib/whence/history").mkdir()
    assert "the history stays" in machine.remove()[-1]
    assert (machine.root / "var/lib/whence/history").is_dir()


def test_it_is_said_where_the_history_of_an_account_of_its_own_lies(machine: Machine) -> None:
    machine.install()
    lies = machine.root / "var/lib/private/whence/history"
    lies.mkdir(parents=True)
    (machine.root / "var/lib/whence/history").symlink_to("../private/whence/history")
    assert machine.remove()[-1].startswith(f"the history stays in {lies}, where ")


def test_a_service_that_failed_is_not_listed_once_it_is_taken_away() -> None:
    unit = systemd.recorder_unit(COMMAND, systemd.Account.OWN)
    assert "CollectMode=inactive-or-failed" in unit.partition("[Service]")[0]


def test_removing_what_is_not_installed(machine: Machine) -> None:
    assert machine.remove() == machine.status()
    assert "not installed" in machine.status()[0]


def test_the_status_of_a_service_that_runs(running: Machine) -> None:
    running.install()
    assert running.status() == [f"installed as {running.unit}", "it runs"]


def test_the_status_of_a_service_that_does_not_run(running: Machine) -> None:
    running.install()

    def inactive(command: Sequence[str]) -> None:
        raise CannotAsk("inactive")

    said = status(root=running.root, run=inactive)
    assert said[1] == "it does not run; see: journalctl -u whence-record.service"


def test_a_service_that_does_not_start_is_undone_all_the_same(running: Machine) -> None:
    before = running.files()

    def failing(command: Sequence[str]) -> None:
        running.systemctl(command)
        if "restart" in command:
            raise CannotAsk("could not run systemctl restart", because="Unit is masked")

    with pytest.raises(CannotAsk, match="restart"):
        install(COMMAND, root=running.root, rests_on=(), run=failing)
    running.remove()
    assert running.files() == before


def test_two_at_once(machine: Machine) -> None:
    machine.install()
    with durable.only_one(machine.root / "var/lib/whence"), pytest.raises(CannotStore):
        machine.remove()


def test_the_way_to_the_history_is_opened_and_closed_again(machine: Machine) -> None:
    state = machine.root / "var/lib/whence"
    state.mkdir(0o700)
    machine.install()
    assert state.stat().st_mode & 0o777 == 0o711
    machine.remove()
    assert state.stat().st_mode & 0o777 == 0o700


class TestTrust:
    def test_a_program_that_everybody_can_reach_gets_an_account_of_its_own(
        self, machine: Machine
    ) -> None:
        machine.install()
        assert "DynamicUser=yes" in machine.unit.read_text()

    def test_a_program_that_only_root_can_reach(self, machine: Machine) -> None:
        (machine.root / "opt/whence").chmod(0o700)
        assert "only root can reach" in "".join(machine.install())
        assert "User=root" in machine.unit.read_text()

    @pytest.mark.parametrize("part", ["opt", "opt/whence/bin", "opt/whence/bin/whence"])
    def test_a_program_that_anybody_could_replace(self, machine: Machine, part: str) -> None:
        (machine.root / part).chmod(0o777)
        with pytest.raises(NotPermitted, match=f"rest on .*{part}"):
            machine.install()
        assert not machine.unit.exists()

    def test_a_link_into_a_folder_that_anybody_can_write(self, machine: Machine) -> None:
        program, shared = machine.root / "opt/whence/bin/whence", machine.root / "shared"
        shared.mkdir()
        program.rename(shared / "whence")
        program.symlink_to(shared / "whence")
        shared.chmod(0o777)
        with pytest.raises(NotPermitted, match="shared"):
            machine.install()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_a_program_of_somebody_else(self, machine: Machine) -> None:
        os.chown(machine.root / "opt/whence", 1000, 1000)
        with pytest.raises(NotPermitted, match=r"rest on .*opt/whence"):
            machine.install()

    def test_a_program_that_is_not_there(self, machine: Machine) -> None:
        with pytest.raises(CannotAsk, match="absent"):
            install(["/opt/absent"], root=machine.root, rests_on=())


def killed_at(line: int, act: Callable[[], object]) -> bool:
    """Do something in a child that ends, as by kill -9, before the so-manieth line that counts.

    Those that count are of the modules that change files, and of what stands for systemctl: all
    others leave the machine as it is. Says whether it was killed: not if there are fewer lines.
    """
    if child := os.fork():
        _, state = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(state) == KILLED
    counted = {durable.__file__, whole_files.__file__, __file__}
    left = line

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in counted:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os._exit(KILLED)
        return trace

    sys.settrace(trace)
    try:
        act()
    finally:
        os._exit(0)


def test_killed_at_any_line_of_installing(machine: Machine) -> None:
    before = machine.files()
    line = 1
    while killed_at(line, machine.install):
        machine.remove()
        assert machine.files() == before, f"killed before line {line}"
        line += 1
    assert line > 50


def test_killed_at_any_line_of_installing_then_installed_again(machine: Machine) -> None:
    before = machine.files()
    line = 1
    while killed_at(line, machine.install):
        machine.install()
        assert machine.unit.exists()
        machine.remove()
        assert machine.files() == before, f"killed before line {line}"
        line += 3
    assert line > 50


def test_killed_at_any_line_of_removing(machine: Machine) -> None:
    before = machine.files()
    line = 1
    machine.install()
    while killed_at(line, machine.remove):
        machine.remove()
        assert machine.files() == before, f"killed before line {line}"
        machine.install()
        line += 1
    assert line > 50


def test_a_whence_that_the_service_would_not_see(tmp_path: Path) -> None:
    machine = Machine(tmp_path, systemd=True)
    (machine.root / "tmp").mkdir()
    with pytest.raises(BadSettings, match="could not run"):
        install(
            ["/opt/whence/bin/whence"],
            root=machine.root,
            rests_on=[machine.root / "tmp/venv/bin/python"],
            run=machine.systemctl,
        )
    assert machine.ran == []


def test_a_path_that_a_unit_cannot_hold() -> None:
    for path in ("/opt/50%/whence", "/opt/$HOME/whence", '/opt/"/whence', "/opt/\n/w", "whence"):
        with pytest.raises(BadSettings, match="cannot run"):
            systemd.recorder_unit([path], systemd.Account.OWN)


def test_a_path_with_a_space() -> None:
    unit = systemd.recorder_unit(["/opt/my whence/whence"], systemd.Account.OWN)
    assert 'ExecStart="/opt/my whence/whence" record --state' in unit
