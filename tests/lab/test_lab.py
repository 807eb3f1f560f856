"""The lab comes up, the mystery happens, and nothing stays behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.lab import CannotBuild, Office, demo, down, status, up
from whence.lab.office import callers, cgroup, folder
from whence.lab.stories.firewall.telling import trigger
from whence.lab.traces import running
from whence.model import BadSettings, NotPermitted

pytestmark = pytest.mark.lab

NOBODY_ANSWERS = (sys.executable, "-c", "import time; time.sleep(2); print('I have no idea.')")
DEMO = f"from whence.lab import demo; demo({NOBODY_ANSWERS!r})"
PATIENCE = 20.0  # seconds


NAME = f"test{os.getpid()}"
OURS = f"whence-lab-{NAME}"


@pytest.fixture(autouse=True)
def _a_lab_of_our_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WHENCE_LAB_NAME", NAME)
    yield
    down()


def traces() -> dict[str, str]:
    """Everything of the host that a lab could leave something in."""
    groups = cgroup()
    return {
        "namespaces": _printed("ip", "netns", "list"),
        "interfaces": _printed("ip", "-brief", "link"),
        "routes": _printed("ip", "route", "show", "table", "all"),
        "packages": _printed("dpkg-query", "--show"),
        "jobs": _printed("find", "/etc", "-path", "*cron*", "-newermt", "1970-01-01", "-ls"),
        "mounts": _without_strangers(Path("/proc/mounts").read_text()),
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "name": os.uname().nodename,
        "groups": str(groups and groups.exists()),
        "files": _printed("ls", "-A", "/run", "/run/netns", "/run/mount", "/usr/local/sbin"),
        "processes": "\n".join(_processes_of_the_lab()),
    }


def calls_to(office: Office) -> list[str]:
    """Wait until the mystery happened, and give what the outside saw of it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if seen := [line for line in callers() if f"-> {office.known['address']}:" in line]:
            return seen
        time.sleep(0.1)
    return []


def test_a_lab_that_was_up_leaves_no_trace() -> None:
    before = traces()
    up()
    assert traces() != before
    assert down()
    assert traces() == before


def test_nothing_but_the_lab_s_own_things_appear_while_it_is_up() -> None:
    before = traces()
    up()
    during = traces()
    changed = {name for name in before if before[name] != during[name]}
    assert changed <= {"groups", "files", "processes"}


def test_anacron_runs_the_vendor_s_program_and_it_calls_the_remote_address() -> None:
    office = up(variant="anacron")
    assert not any(f"-> {office.known['address']}:" in line for line in callers())
    trigger(office)
    assert calls_to(office)


def test_the_inside_reaches_the_outside_through_the_firewall() -> None:
    office = up()
    deadline = time.monotonic() + PATIENCE
    while not any("TCP 10." in line for line in callers()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert office.machine("firewall").run("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n"


def test_the_vendor_s_package_is_really_installed_but_only_on_the_firewall() -> None:
    office = up()
    query = ("dpkg-query", "--search", office.truth["script"])
    assert office.machine("firewall").run(*query).startswith(f"{office.truth['package']}:")
    assert subprocess.run(query, capture_output=True).returncode == 1
    assert not Path(office.truth["script"]).exists()


def test_the_vendor_s_code_is_there_without_its_source() -> None:
    office = up()
    listed = office.machine("firewall").run("dpkg-query", "--listfiles", office.truth["package"])
    assert "/agent.pyc\n" in listed
    assert ".py\n" not in listed


@pytest.mark.parametrize("variant", ["anacron", "cron"])
def test_the_job_stands_where_the_truth_says(variant: str) -> None:
    office = up(variant=variant)
    file, _, line = office.truth["job"].partition(":")
    lines = office.machine("firewall").run("cat", file).splitlines()
    assert office.truth["script"] in (lines[int(line) - 1] if line else "\n".join(lines))


def test_the_same_seed_makes_the_same_office_and_another_seed_another() -> None:
    first = up(seed=1).truth
    down()
    second = up(seed=1).truth
    down()
    assert first == second != up(seed=2).truth


def test_a_second_lab_is_refused_and_the_first_one_stays() -> None:
    office = up()
    with pytest.raises(CannotBuild, match="already"):
        up()
    assert status() == office


def test_a_lab_whose_machine_was_killed_is_only_half_a_lab() -> None:
    office = up()
    os.kill(office.machines[1].first.pid, signal.SIGKILL)
    while running(office.machines[1].first.pid):
        time.sleep(0.01)
    with pytest.raises(CannotBuild) as half:
        status()
    assert "outside" in half.value.because


@pytest.mark.parametrize("_attempt", range(12))
def test_down_cleans_up_after_a_lab_that_was_killed_while_it_came_up(_attempt: int) -> None:
    before = traces()
    coming = subprocess.Popen([sys.executable, "-m", "whence.lab", "up"], stdout=subprocess.DEVNULL)
    time.sleep(random.uniform(0.1, 1.5))
    coming.kill()
    coming.wait()
    down()
    assert traces() == before


@pytest.mark.parametrize("space", ["net", "mount"])
def test_down_ends_who_still_sits_on_the_firewall(space: str) -> None:
    before = traces()
    first = str(up().machine("firewall").first.pid)
    visitor = subprocess.Popen(["nsenter", "--target", first, f"--{space}", "sleep", "1000"])
    while "sleep" not in Path(f"/proc/{visitor.pid}/comm").read_text():
        time.sleep(0.01)
    down()
    assert visitor.wait(PATIENCE) != 0
    assert traces() == before


def test_down_from_another_process_takes_down_what_this_one_built() -> None:
    before = traces()
    up()
    subprocess.run([sys.executable, "-m", "whence.lab", "down"], check=True, capture_output=True)
    down()  # reaps what were our children
    assert traces() == before


def test_down_without_a_lab_has_nothing_to_do() -> None:
    assert down() == []
    assert status() is None


def test_a_user_who_is_not_root_is_told_so() -> None:
    os.seteuid(65534)
    try:
        with pytest.raises(NotPermitted, match="root"):
            up()
    finally:
        os.seteuid(0)


def test_a_name_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        changed.setenv("WHENCE_LAB_NAME", "/../../etc")
        with pytest.raises(BadSettings, match="etc"):
            down()


def test_what_only_looks_like_the_lab_is_left_alone() -> None:
    stranger = subprocess.Popen(["sleep", "1000"], env={"WHENCE_LAB": str(folder())})
    try:
        up()
        down()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_demo_calls_an_empty_answer_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    before = traces()
    assert demo(NOBODY_ANSWERS, seed=3, name="loud", variant="off") == 1
    assert "NOT ALL OF IT" in capsys.readouterr().out
    assert traces() == before


def test_a_demo_that_is_terminated_at_any_moment_leaves_no_trace() -> None:
    before = traces()
    for moment in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        showing = subprocess.Popen([sys.executable, "-c", DEMO], stdout=subprocess.PIPE)
        time.sleep(moment)
        showing.terminate()
        time.sleep(0.01)
        showing.terminate()
        showing.communicate()
        assert traces() == before


def _printed(*argv: str) -> str:
    return _without_strangers(subprocess.run(argv, capture_output=True, text=True).stdout)


def _without_strangers(text: str) -> str:
    """Leave out what other tests may be doing on the same host at the same time."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if "whence" not in line or OURS in line)


def _processes_of_the_lab() -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if any(f"{OURS}/" in word for word in words):
            yield " ".join(words)
