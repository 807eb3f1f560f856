"""What the eBPF sensor sees of real processes in a real kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from tests.lab.watching import (
    NO_ROUTE,
    NOBODY,
    NOBODY6,
    OURS,
    OURS6,
    Place,
    Watching,
    place_where_nobody_answers,
    watching,
)
from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow, ProcessRecord, Sighting
from whence.sensors.ebpf import NOT_IN_A_FLOOD, OBJECT, Connections
from whence.world.bpf import Kernel
from whence.world.processes import LiveProcesses, contents, control_group

pytestmark = pytest.mark.lab

PYTHON = os.path.realpath(sys.executable)
BASH = os.path.realpath(shutil.which("bash") or "/bin/bash")

SYN = (
    "import socket, sys\n"
    "s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)\n"
    "s.setblocking(False)\n"
    "s.connect_ex((sys.argv[1], int(sys.argv[2])))\n"
)
OLD = (
    "import socket, sys\n"
    f"listening = socket.create_server(('{OURS}', 4001))\n"
    f"calling = socket.create_connection(('{OURS}', 4001))\n"
    "answering, _ = listening.accept()\n"
    "datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    f"datagrams.bind(('{OURS}', 0))\n"
    "print('there', flush=True)\n"
    "sys.stdin.readline()\n"
    f"datagrams.sendto(b'old', ('{NOBODY}', 4002))\n"
    f"young = socket.create_connection(('{OURS}', 4001))\n"
    "sys.stdin.readline()\n"
)


@dataclass
class World:
    """The namespace, a process that was there before the sensor, and the sensor."""

    place: Place
    old: subprocess.Popen[str]
    watch: Watching

    def saw(
        self, port: int, to: str | None = NOBODY, transport: str = "tcp", count: int = 1
    ) -> Sighting:
        found = self.watch.wait_for(Flow(to, port, transport=transport), count)
        assert sum(seen.count for seen in found) == count
        return found[0]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with place_where_nobody_answers() as place:
        old = place.start(sys.executable, "-c", OLD, "old one")
        try:
            assert old.stdout
            assert old.stdout.readline() == "there\n"
            with watching("ebpf") as watch:
                yield World(place, old, watch)
        finally:
            old.kill()
            old.communicate()


def names(lineage: tuple[ProcessRecord, ...]) -> list[str]:
    return [Path(p.execution.executable).name if p.execution else "" for p in lineage]


def test_a_syn_that_nobody_answers(world: World) -> None:
    world.place.python(SYN, NOBODY, "5001")
    seen = world.saw(5001)
    assert seen.action == ATTEMPTED
    assert (seen.flow.source, seen.flow.transport) == (OURS, "tcp")
    assert seen.flow.source_port
    assert seen.maker
    assert seen.maker.execution
    assert seen.maker.execution.executable == PYTHON
    assert seen.maker.execution.args[-2:] == (NOBODY, "5001")
    assert seen.maker.execution.working_directory == str(Path.cwd())
    assert (seen.maker.user_id, seen.cookie > 0) == (0, True)
    assert [p.process.pid for p in seen.lineage].count(os.getpid()) == 1


def test_a_syn_over_ipv6(world: World) -> None:
    world.place.python(SYN, NOBODY6, "5002")
    seen = world.saw(5002, NOBODY6)
    assert seen.flow.source == OURS6


def test_an_ipv4_address_written_as_ipv6(world: World) -> None:
    world.place.python(SYN, f"::ffff:{NOBODY}", "5003")
    seen = world.saw(5003)
    assert seen.flow.source == OURS


def test_one_datagram(world: World) -> None:
    world.place.run(BASH, "-c", f"echo x > /dev/udp/{NOBODY}/5004")
    seen = world.saw(5004, transport="udp")
    assert (seen.flow.source, names(seen.lineage)[0]) == (OURS, "bash")
    assert seen.flow.source_port


@pytest.mark.parametrize(("port", "to", "ours"), [(5005, NOBODY, OURS), (5006, NOBODY6, OURS6)])
def test_one_datagram_to_a_named_peer(world: World, port: int, to: str, ours: str) -> None:
    family = "AF_INET6" if ":" in to else "AF_INET"
    world.place.python(
        f"import socket as s; s.socket(s.{family}, s.SOCK_DGRAM).sendto(b'x', ('{to}', {port}))"
    )
    seen = world.saw(port, to, transport="udp")
    assert (seen.flow.source, names(seen.lineage)[0]) == (ours, Path(PYTHON).name)
    assert seen.flow.source_port


def test_a_connect_that_sends_nothing_is_no_traffic(world: World) -> None:
    ask = f"import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).connect(('{NOBODY}', 5007))"
    world.place.python(ask)
    world.place.python(SYN, NOBODY, "5008")
    world.saw(5008)
    assert not world.watch.of(Flow(NOBODY, 5007))


@pytest.mark.parametrize(("kind", "to"), [("DGRAM", "203.0.113.11"), ("RAW", "203.0.113.12")])
def test_icmp(world: World, kind: str, to: str) -> None:
    world.place.run("ip", "neighbour", "add", to, "lladdr", "02:00:00:00:00:09", "dev", "here")
    world.place.python(
        f"import socket as s; k = s.socket(s.AF_INET, s.SOCK_{kind}, s.IPPROTO_ICMP)\n"
        f"k.sendto(bytes.fromhex('0800f7ff00000000'), ('{to}', 0))"
    )
    [seen] = world.watch.wait_for(Flow(to, transport="icmp"))
    assert (seen.flow.destination_port, seen.flow.source) == (None, OURS)
    assert names(seen.lineage)[0] == Path(PYTHON).name


def test_what_is_refused_before_anything_leaves(world: World) -> None:
    world.place.python(SYN, NO_ROUTE, "5009")
    world.place.run(BASH, "-c", f"echo x > /dev/udp/{NO_ROUTE}/5010 || true")
    send = f"import socket as s; s.socket(2, 2).sendto(b'x', ('{NO_ROUTE}', 5010))"
    subprocess.run(world.place.command(sys.executable, "-c", send), stderr=subprocess.DEVNULL)
    for port, transport in ((5009, "tcp"), (5010, "udp")):
        seen = world.saw(port, NO_ROUTE, transport)
        assert (seen.packets_sent, seen.flow.source) == (0, None)
        assert names(seen.lineage)[0] == Path(PYTHON).name


def test_a_datagram_through_a_socket_that_was_inherited(world: World) -> None:
    world.place.python(
        "import os, socket, subprocess, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"s.connect(('{NOBODY}', 5030))\n"
        "s.send(b'parent')\n"
        "send = f'import socket; socket.socket(fileno={s.fileno()}).send(bytes(3))'\n"
        "subprocess.run([sys.executable, '-c', send, 'heir'], pass_fds=[s.fileno()], check=True)\n"
    )
    found = world.watch.wait_for(Flow(NOBODY, 5030, transport="udp"), 2)
    makers = [
        seen.maker.execution.args[-1] for seen in found if seen.maker and seen.maker.execution
    ]
    assert "heir" in makers
    assert len({seen.maker.process for seen in found if seen.maker}) == 2


@pytest.mark.parametrize("call", ["sendto(b'x', {0})", "sendmsg([b'x'], [], 0, {0})"])
def test_a_filter_that_refuses(world: World, call: str) -> None:
    port = 5031 + ("sendmsg" in call)
    hook = "{ type filter hook output priority 0; }"
    for line in ("table inet whence", f"chain inet whence output {hook}"):
        world.place.run("nft", f"add {line}")
    world.place.run("nft", f"add rule inet whence output udp dport {port} drop")
    send = f"import socket as s; s.socket(2, 2).{call.format((NOBODY, port))}"
    subprocess.run(world.place.command(sys.executable, "-c", send), stderr=subprocess.DEVNULL)
    seen = world.saw(port, NOBODY, "udp")
    assert (seen.packets_sent, seen.flow.source) == (0, None)
    assert seen.maker
    assert seen.maker.execution
    assert seen.maker.execution.args[-1] == send


def test_a_kernel_that_cannot_tell_what_was_refused(world: World) -> None:
    kernel = Kernel.open()
    bpf = kernel.load(OBJECT, {"inet_sock_set_state": ("tp_btf/sock_send_length",)})
    events = Connections(bpf, kernel, LiveProcesses.open()).watch()
    try:
        next(events)
        world.place.python(
            "import socket, contextlib\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"for i in range(3): s.sendto(b'named', ('{NOBODY}', 5040))\n"
            "with contextlib.suppress(OSError):\n"
            f"    s.sendto(b'refused', ('{NO_ROUTE}', 5041))\n"
            f"s.connect(('{NOBODY}', 5042))\n"
            "s.send(b'connected'), s.send(b'connected')\n"
        )
        end = time.monotonic() + 3
        seen = [e for e in takewhile(lambda _: time.monotonic() < end, events) if e]
    finally:
        events.close()  # type: ignore[attr-defined]
        bpf.close()
        kernel.close()
    counts = Counter[int | None]()
    for one in seen:
        if isinstance(one, Sighting) and one.flow.destination_port in (5040, 5041, 5042):
            counts[one.flow.destination_port] += one.count
    assert counts == {5040: 3, 5041: 1, 5042: 2}


def test_a_fork_that_executes_nothing(world: World) -> None:
    world.place.python(
        f"import os\nif not os.fork():\n  import sys\n{_indent(SYN)}", NOBODY, "5011"
    )
    child, parent = world.saw(5011).lineage[:2]
    assert child.inherited
    assert not parent.inherited
    assert child.parent == parent.process
    assert child.execution == parent.execution


def test_a_daemon_whose_parents_are_dead(world: World) -> None:
    world.place.python(
        "import os, time\n"
        "if not os.fork():\n"
        "  os.setsid()\n"
        "  if not os.fork():\n"
        "    while os.getppid() != 1: time.sleep(0.01)\n"
        f"    os.execl('{BASH}', 'daemon', '-c', 'echo x > /dev/udp/{NOBODY}/5012')\n",
    )
    seen = world.saw(5012, transport="udp")
    python = Path(PYTHON).name
    assert names(seen.lineage)[:3] == ["bash", python, python]
    assert [record.inherited for record in seen.lineage[:3]] == [False, True, False]
    assert os.getpid() in [record.process.pid for record in seen.lineage]


def test_a_program_that_is_only_in_memory(world: World) -> None:
    world.place.python(
        "import os\n"
        "f = os.memfd_create('sneaky')\n"
        f"os.write(f, open('{BASH}', 'rb').read())\n"
        f"os.execve(f, ['[kworker/0:0]', '-c', 'echo x > /dev/udp/{NOBODY}/5013'], os.environ)"
    )
    maker = world.saw(5013, transport="udp").lineage[0]
    assert maker.execution
    assert (maker.execution.executable, maker.execution.links) == ("memfd:sneaky", 0)
    assert maker.execution.args[0] == "[kworker/0:0]"
    assert not maker.kernel_thread


def test_a_program_that_deletes_itself(world: World, tmp_path: Path) -> None:
    program = tmp_path / "once"
    shutil.copy(BASH, program)
    status = program.stat()
    world.place.run(str(program), "-c", f"rm {program}; echo x > /dev/udp/{NOBODY}/5014")
    run = world.saw(5014, transport="udp").lineage[0].execution
    assert run
    assert run.executable == str(program)
    assert (run.inode, run.device) == (status.st_ino, status.st_dev)


def test_a_script_and_all_that_ran_before_it_in_the_same_process(
    world: World, tmp_path: Path
) -> None:
    script = tmp_path / "job"
    script.write_text(f"#!/usr/bin/env bash\necho x > /dev/udp/{NOBODY}/5015\n")
    script.chmod(0o755)
    world.place.run(BASH, "-c", f"exec {script} argument")
    maker = world.saw(5015, transport="udp").lineage[0]
    *_, shell, env, bash = maker.executions
    assert Path(shell.executable).name == "bash"
    assert env.file == str(script)
    assert Path(env.executable).name in ("env", "coreutils")
    assert bash.args == ("bash", str(script), "argument")


def test_the_namespace_is_named(world: World) -> None:
    world.place.python(SYN, NOBODY, "5016")
    seen = world.saw(5016)
    assert seen.network_namespace == world.place.inode
    assert seen.maker
    assert seen.maker.network_namespace == world.place.inode
    assert seen.maker.cgroup == control_group(contents("/proc/self/cgroup"))
    assert seen.maker.mount_namespace == Path("/proc/self/ns/mnt").stat().st_ino


@pytest.mark.parametrize(("ours", "port"), [(OURS, 5017), (OURS6, 5018)])
def test_who_listens_and_who_calls_in(world: World, ours: str, port: int) -> None:
    family = "socket.AF_INET6" if ":" in ours else "socket.AF_INET"
    world.place.python(
        "import os, socket\n"
        f"server = socket.create_server(('{ours}', {port}), family={family})\n"
        "if not os.fork():\n"
        f"  socket.create_connection(('{ours}', {port})).close()\n"
        "  os._exit(0)\n"
        "server.accept(); os.wait()\n"
    )
    seen = {s.action: s for s in world.watch.wait_for(Flow(ours, port), 2)}
    [listening] = world.watch.wait_for(Flow(source=ours, source_port=port, transport="tcp"))
    calling, called = seen[ATTEMPTED], seen[ACCEPTED]
    assert listening.action == LISTENING
    assert calling.flow == called.flow
    assert called.maker
    assert calling.maker
    assert called.maker.process == calling.maker.parent == listening.lineage[0].process


def test_datagrams_that_come_in_and_their_answer(world: World) -> None:
    world.place.python(
        "import socket as s\n"
        "server, client = s.socket(2, 2), s.socket(2, 2)\n"
        f"server.bind(('{OURS}', 5019)); client.bind(('{OURS}', 5020))\n"
        f"client.sendto(b'question', ('{OURS}', 5019))\n"
        "data, peer = server.recvfrom(99); server.sendto(b'answer', peer); client.recv(99)\n"
    )
    seen = world.watch.wait_for(Flow(OURS, 5019, OURS, 5020, "udp"), 2)
    assert sorted(s.action for s in seen) == [ACCEPTED, ATTEMPTED]
    world.watch.let_pass(2)
    assert not world.watch.of(Flow(OURS, 5020))


def test_a_storm_is_counted_to_the_last_connection(world: World) -> None:
    world.place.python(
        "import socket\n"
        "for i in range(20000):\n"
        "  s = socket.socket(); s.setblocking(False)\n"
        "  s.connect_ex(('127.0.0.1', 5021)); s.close()\n"
    )
    world.saw(5021, "127.0.0.1", count=20000)
    assert world.watch.statuses[-1].lost == 0
    assert len(world.watch.of(Flow("127.0.0.1", 5021))) < 20000


def test_a_flood_is_counted_to_the_last_datagram(world: World) -> None:
    world.place.python(
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"for i in range(100000): s.sendto(b'x', ('{NOBODY}', 5022))\n"
    )
    world.saw(5022, transport="udp", count=100000)
    assert len(world.watch.of(Flow(NOBODY, 5022))) < 100


@pytest.mark.parametrize(("to", "port"), [(NOBODY, 5053), (NOBODY6, 5055)])
def test_a_flood_to_two_peers_by_turns(world: World, to: str, port: int) -> None:
    family = "socket.AF_INET6" if ":" in to else "socket.AF_INET"
    world.place.python(
        "import socket\n"
        f"s = socket.socket({family}, socket.SOCK_DGRAM)\n"
        "for i in range(30000):\n"
        f"  s.sendto(b'x', ('{to}', {port} + (i % 3000 >= 2000)))\n"
    )
    world.saw(port, to, "udp", count=20000)
    world.saw(port + 1, to, "udp", count=10000)


def test_a_flood_of_two_processes_through_one_socket(world: World) -> None:
    world.place.python(
        "import os, socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"s.connect(('{NOBODY}', 5044))\n"
        "child = os.fork()\n"
        "for i in range(30000 if child else 20000): s.send(b'x')\n"
        "if child: os.waitpid(child, 0)\n"
    )
    sent = Counter[object]()
    for seen in world.watch.wait_for(Flow(NOBODY, 5044, transport="udp"), 50000):
        sent[seen.maker and seen.maker.process] += seen.count
    assert sorted(sent.values()) == pytest.approx([20000, 30000], abs=3)  # while it changes hands


def test_what_is_refused_in_a_flood_is_said_not_to_be_seen(world: World) -> None:
    flood = world.place.start(
        sys.executable,
        "-c",
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"while True: s.sendto(b'x', ('{NOBODY}', 5045))\n",
    )
    try:
        assert world.watch.says(lambda status: NOT_IN_A_FLOOD in status.cannot_see)
    finally:
        flood.kill()
        flood.wait()
    assert world.watch.says(lambda status: NOT_IN_A_FLOOD not in status.cannot_see)
    send = f"import socket as s; s.socket(2, 2).sendto(b'x', ('{NO_ROUTE}', 5046))"
    subprocess.run(world.place.command(sys.executable, "-c", send), stderr=subprocess.DEVNULL)
    world.saw(5046, NO_ROUTE, "udp")


def test_bytes_are_counted(world: World) -> None:
    world.place.python(
        "import socket as s\n"
        f"k = s.socket(2, 2); k.connect(('{NOBODY}', 5023))\n"
        "for i in range(10): k.send(bytes(72))\n"
    )
    world.saw(5023, transport="udp", count=10)
    world.watch.let_pass(4)
    found = world.watch.of(Flow(NOBODY, 5023))
    assert sum(seen.packets_sent for seen in found) == 10
    assert sum(seen.bytes_sent for seen in found) == 10 * (20 + 8 + 72)


def test_a_long_command_line_says_that_it_was_cut(world: World) -> None:
    world.place.run(
        BASH, "-c", f"echo x > /dev/udp/{NOBODY}/5024; exit", "x" * 5000, "--password", "y"
    )
    run = world.saw(5024, transport="udp").lineage[0].execution
    assert run
    assert run.args_cut
    assert run.args_bytes > 5000


def test_passwords_are_hidden(world: World) -> None:
    world.place.run(BASH, "-c", f"echo x > /dev/udp/{NOBODY}/5025; exit", "--password=hunter2")
    run = world.saw(5025, transport="udp").lineage[0].execution
    assert run
    assert run.args[-1] == "--password=[redacted]"
    assert not run.args_cut


def test_what_was_there_before_the_sensor(world: World) -> None:
    listening = world.watch.wait_for(Flow(source=OURS, source_port=4001, transport="tcp"))[0]
    assert listening.action == LISTENING
    assert listening.maker
    assert listening.maker.process.pid == world.old.pid
    assert listening.maker.execution
    assert listening.maker.execution.executable == PYTHON
    assert listening.maker.execution.args[-1] == "old one"
    assert os.getpid() in [record.process.pid for record in listening.lineage]
    assert world.old.stdin
    world.old.stdin.write("go on\n")
    world.old.stdin.flush()
    assert world.saw(4002, transport="udp").lineage == listening.lineage
    accepted = [s for s in world.watch.wait_for(Flow(OURS, 4001), 4) if s.action == ACCEPTED]
    assert len(accepted) >= 2
    assert {s.lineage[0].process.pid for s in accepted} == {world.old.pid}


def test_the_sensor_has_only_its_own_rights(world: World) -> None:
    pid = world.watch.sensor._process.pid
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert set(status["Uid"].split()) == {"65534"}
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 1 << 12 | 1 << 38 | 1 << 39
    assert status["NoNewPrivs"] == "1"


def test_nothing_was_lost_or_without_a_process(world: World) -> None:
    assert (world.watch.statuses[-1].lost, world.watch.statuses[-1].detail) == (0, "")


def _indent(script: str) -> str:
    return "".join(f"  {line}\n" for line in script.splitlines())
