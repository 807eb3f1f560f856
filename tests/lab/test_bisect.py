"""Ports of real switches in namespaces, found by mirroring; and what a search leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import squeezed
from tests.lab.stations import wait_until
from whence.inquiry.bisect_counting import compare
from whence.inquiry.bisect_live import LiveSearch, put_back
from whence.lab.office_switch import OfficeSwitch, office_switch
from whence.lab.office_traffic import FILTER, ORDINARY, OfficeTraffic, Source
from whence.model import CannotAsk
from whence.model.bisection import Event, Found, Plan
from whence.model.port_names import read_ports
from whence.switches.mirror_linux import LinuxMirror
from whence.switches.mirror_manual import Cables
from whence.switches.mirror_openvswitch import OpenVSwitchMirror
from whence.switches.mirror_smon import SMON
from whence.world.mirror import KnowsStations, Mirror, MirrorAddress, Mirrors, read_address
from whence.world.mirror_command import run
from whence.world.mirror_folder import MirrorFolder, running_boot
from whence.world.mirror_sniffer import MirrorSniffer, bpf
from whence.world.namespaces import inside
from whence.world.undo_unit import undo_unit

pytestmark = pytest.mark.lab

SUSPECT = 7
MAIN = "from whence.cli.start import main; main()"


@pytest.fixture(scope="module")
def bridge() -> Iterator[OfficeSwitch]:
    with office_switch(24) as switch:
        yield switch


def traffic(switch: OfficeSwitch, rate: float = 20.0, port: int = SUSPECT) -> OfficeTraffic:
    others = [Source(n, 3, ORDINARY) for n in range(1, switch.ports) if n != port]
    return OfficeTraffic(switch, Source(port, rate), Source(0, rate / 10), *others)


def sniffer(switch: OfficeSwitch) -> MirrorSniffer:
    return inside(f"/run/netns/{switch.desk}", lambda: MirrorSniffer("mon0", bpf(FILTER)))


def plan(switch: OfficeSwitch, uplink: str = "") -> Plan:
    return Plan(time.time(), "sw1", switch.names[:-1], uplink)


def linux(switch: OfficeSwitch) -> LinuxMirror:
    return LinuxMirror(switch.namespace, "mon")


def open_vswitch(switch: OfficeSwitch, purges: bool = True) -> OpenVSwitchMirror:
    def command(argv: Sequence[str], text: str) -> str:
        return "" if "revalidator/purge" in argv and not purges else run(argv, text)

    sockets = f"unix:{switch.folder}/db.sock", str(switch.folder / "switch.ctl")
    return OpenVSwitchMirror("br0", "mon", *sockets, command)


def whence(switch: OfficeSwitch, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = switch.on_the_desk(sys.executable, "-c", MAIN, *words)
    environment = os.environ | {"WHENCE_STATE": str(state)}
    return subprocess.run(argv, capture_output=True, text=True, timeout=90, env=environment)


def start(switch: OfficeSwitch) -> tuple[str, ...]:
    where = ("--mirror", switch.mirror, "--ports", "p1-23", "--uplink", switch.uplink)
    return ("bisect", "start", *where, "--sniff", "mon0", "--filter", FILTER)


def test_a_port_of_a_bridge_is_found_and_shown(bridge: OfficeSwitch, tmp_path: Path) -> None:
    with traffic(bridge):
        done = whence(bridge, tmp_path, *start(bridge), "--json", "--case", "192.0.2.7")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    last = told[-1]
    assert last["observer"]["ingress"]["interface"]["name"] == f"p{SUSPECT}"
    assert "certain: mirror off, gone; on, back" in last["whence"]["bisect"]["sentence"]
    assert linux(bridge).mirrored() == Mirrors()
    again = whence(bridge, tmp_path, "bisect", "replay", str(tmp_path / "bisect/last.jsonl"))
    assert last["whence"]["bisect"]["sentence"] in again.stdout
    case = whence(bridge, tmp_path, "case", "show", "last").stdout
    assert f"the traffic of 192.0.2.7 comes in at {bridge.namespace} p{SUSPECT} (certain: " in case
    assert "certain comes in at" in squeezed(case)
    assert whence(bridge, tmp_path, "case", "replay", "last").returncode == 0


def test_with_the_uplink_open_vswitch_marks_what_comes_in_by_mirrored_ports(tmp_path: Path) -> None:
    with office_switch(24, "ovs") as switch, traffic(switch, 30), sniffer(switch) as listening:
        mirror = open_vswitch(switch)
        time.sleep(0.5)
        live = LiveSearch(mirror, listening, MirrorFolder(tmp_path), "ovs:", mirror.stations())
        steps = [*live.steps([plan(switch, switch.uplink)])]
        result = steps[-1].result
        assert isinstance(result, Found), steps[-1]
        assert result.port == f"p{SUSPECT}"
        halves = [step for step in steps if step.what == "mirror" and step.reference]
        assert 4 <= len(halves) <= 8
        assert mirror.mirrored() == Mirrors()


def test_a_switch_that_silently_ignores_a_change_is_found_out(tmp_path: Path) -> None:
    """Open vSwitch, without its flows being made anew: it shows the mirror and does nothing."""
    with office_switch(24, "ovs") as switch, traffic(switch, 30), sniffer(switch) as listening:
        mirror = open_vswitch(switch, purges=False)
        time.sleep(1)
        live = LiveSearch(mirror, listening, MirrorFolder(tmp_path), "ovs:", mirror.stations())
        with pytest.raises(CannotAsk, match="does not mirror what it was told to"):
            list(live.steps([plan(switch)]))


@pytest.mark.parametrize("last", range(1, 13))
def test_killed_at_any_command_the_mirrors_come_back(
    bridge: OfficeSwitch, tmp_path: Path, last: int
) -> None:
    """A child is killed just before, or after, its n-th command to the switch; we put it back."""
    folder = MirrorFolder(tmp_path)
    with traffic(bridge, 100), sniffer(bridge) as listening:
        child = os.fork()
        if not child:
            _search_until_killed(bridge, listening, folder, last)
        _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    switch = linux(bridge)
    put_back(switch, folder)
    assert switch.mirrored() == Mirrors()
    assert json.loads(switch.saved()) == {"hooks": []}
    assert folder.before() is None


def _search_until_killed(
    switch: OfficeSwitch, listening: MirrorSniffer, folder: MirrorFolder, last: int
) -> None:
    count = 0

    def command(argv: Sequence[str], text: str) -> str:
        nonlocal count
        count += 1
        if count == last and last % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        done = run(argv, text)
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    try:
        mirror = LinuxMirror(switch.namespace, "mon", command)
        for _ in LiveSearch(mirror, listening, folder, "tc:").steps([plan(switch, "p24")]):
            pass
    finally:
        os._exit(0)


def test_after_a_kill_any_whence_restores_and_the_search_goes_on(
    bridge: OfficeSwitch, tmp_path: Path
) -> None:
    log = tmp_path / "bisect/log.jsonl"
    with traffic(bridge):
        argv = bridge.on_the_desk(sys.executable, "-c", MAIN, *start(bridge))
        environment = os.environ | {"WHENCE_STATE": str(tmp_path)}
        with subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) as searching:
            while not log.exists() or log.read_text().count('"mirrored"') < 2:
                assert searching.poll() is None
                time.sleep(0.02)
            searching.kill()
        assert linux(bridge).mirrored() != Mirrors()
        said = whence(bridge, tmp_path, "case", "list")
        assert "mirrors what it mirrored before" in said.stderr
        assert linux(bridge).mirrored() == Mirrors()
        done = whence(bridge, tmp_path, "bisect", "resume")
    assert f"port p{SUSPECT} (certain" in done.stdout, done.stderr
    assert linux(bridge).mirrored() == Mirrors()


def test_what_a_switch_still_mirrors_after_a_boot_is_taken_back_by_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENCE_STATE", str(tmp_path))
    unit = undo_unit(Path("/usr/bin/env"), rests_on=()).splitlines()
    [command] = [line.split()[1:] for line in unit if line.startswith("ExecStart=")]
    with office_switch(8, "ovs") as switch, traffic(switch, 50, 3):
        words = ("--mirror", switch.mirror, "--ports", "p1-7", "--sniff", "mon0")
        argv = switch.on_the_desk(
            sys.executable, "-c", MAIN, "bisect", "start", *words, "--filter", FILTER
        )
        log, undo = tmp_path / "bisect/log.jsonl", tmp_path / "bisect/undo.json"
        with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as searching:
            while not log.exists() or '"mirrored"' not in log.read_text():
                assert searching.poll() is None
                time.sleep(0.02)
            searching.kill()
        assert open_vswitch(switch).mirrored() != Mirrors()
        undo.write_text(undo.read_text().replace(running_boot(), "another"))  # the power went
        said = whence(switch, tmp_path, *command)
        assert (said.returncode, said.stderr) == (0, "")
        assert "mirrors what it mirrored before" in said.stdout
        assert open_vswitch(switch).mirrored() == Mirrors()
    assert not undo.exists()


def test_mirrors_of_others_stay(bridge: OfficeSwitch) -> None:
    switch = linux(bridge)
    match = "u32 match u32 0 0 action mirred egress mirror dev mgmt"
    theirs = f"filter add dev p3 ingress protocol all pref 7 {match}"
    subprocess.run(bridge.command("tc", *["qdisc", "add", "dev", "p3", "clsact"]), check=True)
    subprocess.run(bridge.command("tc", *theirs.split()), check=True)
    try:
        saved = switch.saved()
        switch.mirror(Mirrors(frozenset({"p3", "p4"})))
        switch.restore(saved)
        assert json.loads(switch.saved()) == {"hooks": ["p3"]}
    finally:
        subprocess.run(bridge.command("tc", *["qdisc", "del", "dev", "p3", "clsact"]), check=True)


def test_the_link_may_drop_and_the_search_goes_on(bridge: OfficeSwitch, tmp_path: Path) -> None:
    down = ("ip", "-netns", bridge.desk, "link", "set", "mon0")
    with traffic(bridge), sniffer(bridge) as listening:
        live = LiveSearch(linux(bridge), listening, MirrorFolder(tmp_path), "tc:")
        dropped = False
        for step in live.steps([plan(bridge, "p24")]):
            if step.changes == 2 and not dropped:
                dropped = True
                subprocess.run((*down, "down"), check=True)
                subprocess.run((*down, "up"), check=True)
        assert isinstance(step.result, Found)
        assert step.result.port == f"p{SUSPECT}"
    assert '"blind"' in MirrorFolder(tmp_path).log.read_text()


def test_counters_tell_the_port_where_others_are_quiet(bridge: OfficeSwitch) -> None:
    switch = linux(bridge)
    saved = switch.saved()
    switch.mirror(Mirrors(uplink=bridge.uplink))
    try:
        with (
            OfficeTraffic(bridge, Source(SUSPECT, 20), Source(3, 1, ORDINARY)),
            sniffer(bridge) as listening,
        ):
            *_, last = compare(switch, listening, bridge.names[:-1], 12.0, every=0.25)
    finally:
        switch.restore(saved)
    assert last.port == f"p{SUSPECT}"
    assert last.because.startswith("certain"), last


def test_a_machine_behind_one_outlet_is_found_by_pulling_cables(
    bridge: OfficeSwitch, tmp_path: Path
) -> None:
    """The person is the test: it pulls and plugs what it is told to, by the links of the hub."""
    machines = ("p5", "p6", "p7", "p8")
    pulled: list[str] = []

    def person(told: str) -> None:
        for part in told.split("; "):
            verb, _, named = part.partition(": ")
            ends = {"unplug": "down", "plug in": "up"}
            for name in read_ports(named.replace(", ", ",")) if verb in ends else machines:
                words = ("link", "set", name, ends.get(verb, "up"))
                subprocess.run(("ip", "-netns", bridge.namespace, *words), check=True)
                pulled.append(f"{verb} {name}")

    switch = linux(bridge)
    saved = switch.saved()
    switch.mirror(Mirrors(uplink=bridge.uplink))
    try:
        with traffic(bridge, 30), sniffer(bridge) as listening:
            live = LiveSearch(Cables("B.213", machines, person), listening,
                              MirrorFolder(tmp_path), "cable:")  # fmt: skip
            wanted = Plan(time.time(), "B.213", machines, way="cable")
            *_, last = live.steps([wanted])
    finally:
        switch.restore(saved)
    assert isinstance(last.result, Found), last
    assert last.result.port == f"p{SUSPECT}"
    assert f"unplug p{SUSPECT}" in pulled
    assert pulled[-len(machines) :] == [f"plug in all cables again {name}" for name in machines]


def test_traffic_goes_on_while_a_cable_is_pulled_again_and_again(bridge: OfficeSwitch) -> None:
    with traffic(bridge, 5000) as sending:
        for _ in range(100):
            for end in ("down", "up"):
                words = ("link", "set", f"p{SUSPECT}", end)
                subprocess.run(("ip", "-netns", bridge.namespace, *words), check=True)
        before = len(sending.sent)
        wait_until(lambda: len(sending.sent) > before + 100, "frames that are sent")


def test_mirrors_are_set_by_snmp_and_read_back() -> None:
    with office_switch(8, agent=True) as switch, sniffer(switch) as listening:
        address = read_address(switch.smon)
        mirror = inside(f"/run/netns/{switch.desk}", lambda: _until_it_answers(address))
        saved = mirror.saved()
        wanted = Mirrors(frozenset({"p2", "p3"}), "p8")
        mirror.mirror(wanted)
        assert mirror.mirrored() == wanted
        with OfficeTraffic(switch, Source(2, 50), Source(4, 50)) as sending:
            time.sleep(0.3)
            frames = [*listening.frames(time.time() + 0.5)]
        assert sending.sent
        digests = [frame.digest for frame in frames]
        assert {digests.count(digest) for digest in digests} == {1, 2}
        assert isinstance(mirror, KnowsStations)
        assert mirror.stations()["02:57:00:00:00:02"] == "p2"
        mirror.restore(saved)
        assert mirror.mirrored() == Mirrors()
        mirror.close()


def _until_it_answers(address: MirrorAddress) -> Mirror:
    for _ in range(5):
        with contextlib.suppress(CannotAsk):
            return SMON.open(address)
        time.sleep(0.5)
    return SMON.open(address)


def test_a_switch_is_gone_without_a_trace() -> None:
    with office_switch(4, "ovs", machines=(2,)) as switch:
        assert Path("/run/netns", switch.namespace).exists()
        daemons = [daemon.pid for daemon in switch.daemons]
        assert daemons
    assert not switch.folder.exists()
    assert not any(Path(f"/proc/{pid}").exists() for pid in daemons)
    assert not Path("/run/netns", switch.namespace).exists()


def test_frames_that_wait_are_of_one_search_only(bridge: OfficeSwitch, tmp_path: Path) -> None:
    events: list[Event] = [plan(bridge, "p24")]
    with traffic(bridge, 50), sniffer(bridge) as listening:
        live = LiveSearch(linux(bridge), listening, MirrorFolder(tmp_path), "tc:")
        steps = live.steps(events)
        next(steps)
        steps.close()  # as ^C does
        assert linux(bridge).mirrored() == Mirrors()
        assert MirrorFolder(tmp_path).before() is None
