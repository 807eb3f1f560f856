"""What the eBPF sensor makes of the bytes that its kernel side writes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    LISTENING,
    CannotAsk,
    Flow,
    ProcessRecord,
    SensorStatus,
    Sighting,
    ecs,
)
from whence.sensors.connection_flows import FEW, SECOND, Flows
from whence.sensors.connection_lineages import Bounded
from whence.sensors.connection_records import address
from whence.sensors.ebpf import NUMBERED_APART, Connections
from whence.world.bpf import Kernel
from whence.world.processes import LiveProcesses

NOBODY_SET = 0xFFFFFFFF
TICK = 10_000_000
NAMESPACE = 4026531840
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def mapped(text: str) -> bytes:
    return bytes(10) + b"\xff\xff" + bytes(map(int, text.split(".")))


OURS, THEIRS = mapped("192.0.2.1"), mapped("203.0.113.7")


def execution(
    pid: int, at: int, path: str, args: bytes, *, started: int = 0, file: str = "", before: int = 0
) -> bytes:
    begins = 511 - len(path)
    return struct.pack(
        "=IIQQQIIQ6IHHI16s256s1024s768s768s",
        1, pid, at, started or at, before, pid if before else 0, 0,
        77, 8 << 20 | 1, 1, 0, NOBODY_SET, NOBODY_SET, len(args),
        begins, 0, 0, b"name", file.encode(), args[:1023],
        bytes(begins) + path.encode(), b"",
    )  # fmt: skip


def process(*ancestors: tuple[int, int, int, int, int], cgroup: tuple[str, ...] = ()) -> bytes:
    """Each ancestor: pid, started, executed, executed by, flags."""
    filled = b"".join(
        struct.pack("=QIIQIIII16s", started, pid, 0, at, by, 0, 0, flags, b"comm")
        for pid, started, at, by, flags in ancestors
    )
    names = b"".join(name.encode().ljust(96, b"\0") for name in cgroup)
    head = struct.pack(
        "=IIQ6I", 2, len(ancestors), 0, 0, 1000, 3, NAMESPACE, 4026531841, len(cgroup)
    )
    return head + filled.ljust(16 * 56, b"\0") + names.ljust(6 * 96, b"\0")


def flow_key(
    pid: int = 20, executed: int = 0, peer: bytes = THEIRS, port: int = 443,
    protocol: int = 6, direction: int = 0, started: int = 20 * TICK,
) -> bytes:  # fmt: skip
    return struct.pack(
        "=QQII16sHBBI", started, executed, pid, NAMESPACE, peer, port, protocol, direction, 0
    )


def connection(key: bytes, local: bytes = OURS, local_port: int = 40000, peer: int = 443) -> bytes:
    return struct.pack("=IIQQ48s16sHHI", 3, 2, 5 * SECOND, 99, key, local, local_port, peer, 0)


def flow(
    last: int, attempts: int, emitted: int, packets: int = 0, size: int = 0, received: int = 0
) -> bytes:
    return struct.pack(
        "=9Q4I16sHHHH", 0, last, attempts, emitted, packets, size, received, received * 60,
        99, 0, 0, 0, 2, OURS, 40000, 0, 0, 0,
    )  # fmt: skip


class RecordedMap:
    """A map that was recorded."""

    def __init__(self, things: dict[bytes, bytes] | None = None) -> None:
        self.things = things or {}

    def get(self, key: bytes) -> bytes | None:
        return self.things.get(key)

    def items(self) -> list[tuple[bytes, bytes]]:
        return [*self.things.items()]

    def take(self, key: bytes) -> bytes | None:
        return self.things.pop(key, None)

    def sum(self, index: int) -> int:
        return 0


class RecordedRing:
    """A ring that gives its batches one after the other."""

    def __init__(self, *batches: list[bytes]) -> None:
        self._batches = iter(batches)

    def poll(self, _seconds: float) -> list[bytes]:
        return next(self._batches, [])


class RecordedBpf:
    """Programs that were recorded: nothing runs in a kernel."""

    def __init__(self, *records: bytes, before: bytes = b"", sockets: bytes = b"") -> None:
        self._records = [*records]
        self._iterated = {"each_process": before, "each_listener": b"", "each_socket": sockets}

    def attach(self) -> None:
        pass

    def detach(self, section: str) -> None:
        pass

    def iterate(self, program: str) -> bytes:
        return self._iterated[program]

    def map(self, _name: str) -> RecordedMap:
        return RecordedMap()

    def ring(self, _name: str) -> RecordedRing:
        return RecordedRing(self._records)


class NamedInterfaces(Kernel):
    """A kernel whose second interface has a name."""

    def __init__(self) -> None:
        pass

    def interface(self, index: int, network_namespace: int) -> str:
        return {2: "eth0"}.get(index, "")


@pytest.fixture
def processes(tmp_path: object) -> LiveProcesses:
    return LiveProcesses(now=lambda: NOW, proc=str(tmp_path), host="gate", uptime=lambda: 100.0)


def seen(bpf: RecordedBpf, processes: LiveProcesses, count: int = 1) -> list[Sighting]:
    events = Connections(bpf, NamedInterfaces(), processes).watch()  # type: ignore[arg-type]
    assert isinstance(next(events), SensorStatus)
    return [*islice((event for event in events if isinstance(event, Sighting)), count)]


CRON = execution(10, 10 * TICK, "/usr/sbin/cron", b"cron\0-f\0")
JOB = execution(20, 21 * TICK, "/usr/bin/env", b"env\0python3\0/opt/job\0", file="/opt/job",
                started=20 * TICK)  # fmt: skip
PYTHON = execution(20, 22 * TICK, "/usr/bin/python3.11", b"python3\0/opt/job\0--token=abc\0",
                   started=20 * TICK, before=21 * TICK)  # fmt: skip
FAMILY = process(
    (20, 20 * TICK, 22 * TICK, 20, 0), (10, 10 * TICK, 10 * TICK, 10, 0),
    cgroup=("cron.service", "system.slice"),
)  # fmt: skip
CALL = connection(flow_key(executed=22 * TICK))


def test_a_connection_its_process_and_what_started_it(processes: LiveProcesses) -> None:
    [sighting] = seen(RecordedBpf(CRON, JOB, PYTHON, FAMILY, CALL), processes)
    assert sighting.flow == Flow("203.0.113.7", 443, "192.0.2.1", 40000, "tcp")
    assert (sighting.action, sighting.interface, sighting.cookie) == (ATTEMPTED, "eth0", 99)
    job, cron = sighting.lineage
    assert [e.executable for e in job.executions] == ["/usr/bin/env", "/usr/bin/python3.11"]
    assert job.executions[0].file == "/opt/job"
    assert job.parent == cron.process
    assert (job.process.pid, job.process.started) == (20, 20)
    assert (job.cgroup, job.login_id, job.audit_session) == ("/system.slice/cron.service", 1000, 3)
    assert cron.execution
    assert cron.execution.args == ("cron", "-f")


def test_a_password_is_not_told(processes: LiveProcesses) -> None:
    [sighting] = seen(RecordedBpf(CRON, PYTHON, FAMILY, CALL), processes)
    assert sighting.maker
    assert sighting.maker.execution
    assert sighting.maker.execution.args[-1] == "--token=[redacted]"
    assert not sighting.maker.execution.args_cut


def test_arguments_that_were_too_long(processes: LiveProcesses) -> None:
    long = execution(20, 22 * TICK, "/bin/x", b"x\0" + b"y" * 5000 + b"\0", started=20 * TICK)
    [sighting] = seen(RecordedBpf(long, FAMILY, CALL), processes)
    assert sighting.maker
    assert sighting.maker.execution
    assert sighting.maker.execution.args_cut


@pytest.mark.parametrize("apart", [False, True])
def test_a_container_s_proc_is_not_asked_by_the_kernel_s_numbers(
    apart: bool, processes: LiveProcesses
) -> None:
    proc = Path(processes.proc)
    (proc / "self/ns").mkdir(parents=True)
    (proc / "self/ns/pid").symlink_to(f"pid:[{4026532000 if apart else 0xEFFFFFFC}]")
    (proc / "20").mkdir()  # the same number, and by chance the same start
    (proc / "20/stat").write_text(f"20 (other) S 1{' 0' * 17} 20 0 0 0")
    (proc / "20/cmdline").write_bytes(b"another\0" + b"z" * 9000 + b"\0")
    long = execution(20, 22 * TICK, "/bin/x", b"x\0" + b"y" * 5000 + b"\0", started=20 * TICK)
    bpf = RecordedBpf(long, FAMILY, CALL)
    events = Connections(bpf, NamedInterfaces(), processes).watch()  # type: ignore[arg-type]
    status = next(events)
    sighting = next(event for event in events if isinstance(event, Sighting))
    assert isinstance(status, SensorStatus)
    assert (NUMBERED_APART in status.cannot_see) == apart
    assert sighting.maker
    assert sighting.maker.execution
    assert sighting.maker.execution.args[0] == ("x" if apart else "another")


def test_a_device_is_numbered_as_stat_does(processes: LiveProcesses) -> None:
    [sighting] = seen(RecordedBpf(PYTHON, FAMILY, CALL), processes)
    assert sighting.maker
    assert sighting.maker.execution
    assert (sighting.maker.execution.device, sighting.maker.execution.inode) == (0x801, 77)


def test_a_child_runs_what_its_parent_ran(processes: LiveProcesses) -> None:
    fork = process((30, 30 * TICK, 10 * TICK, 10, 2), (10, 10 * TICK, 10 * TICK, 10, 0))
    call = connection(flow_key(pid=30, started=30 * TICK, executed=10 * TICK))
    [sighting] = seen(RecordedBpf(CRON, fork, call), processes)
    child, parent = sighting.lineage
    assert (child.inherited, parent.inherited) == (True, False)
    assert child.executions == parent.executions


def test_a_process_that_was_there_before(processes: LiveProcesses) -> None:
    before = CRON + process((10, 10 * TICK, 10 * TICK, 10, 0))
    key = flow_key(pid=10, started=10 * TICK, executed=10 * TICK, port=22, direction=2)
    [sighting] = seen(RecordedBpf(before=before, sockets=connection(key, OURS, 22)), processes)
    assert sighting.action == LISTENING
    assert sighting.flow == Flow(source="192.0.2.1", source_port=22, transport="tcp")
    assert [p.process.pid for p in sighting.lineage] == [10]


def test_nobody_is_named_for_what_the_kernel_sends(processes: LiveProcesses) -> None:
    [sighting] = seen(RecordedBpf(connection(flow_key(pid=0, started=0, protocol=2))), processes)
    assert sighting.lineage == ()
    assert sighting.flow == Flow("203.0.113.7", None, "192.0.2.1", None, "2")


def test_whoever_calls_in_is_the_source(processes: LiveProcesses) -> None:
    call = connection(flow_key(port=22, direction=1), OURS, 22, 51000)
    [sighting] = seen(RecordedBpf(FAMILY, call), processes)
    assert sighting.action == ACCEPTED
    assert sighting.flow == Flow("192.0.2.1", 22, "203.0.113.7", 51000, "tcp")


def test_bytes_that_are_no_text_do_no_harm(processes: LiveProcesses) -> None:
    hostile = execution(20, 22 * TICK, "/tmp/x", b"\xff\xfe\0\x1b[2J\0", started=20 * TICK)
    [sighting] = seen(RecordedBpf(hostile, FAMILY, CALL), processes)
    assert ecs.from_line(ecs.encode(ecs.from_sighting(sighting))) == sighting


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (mapped("192.0.2.1"), "192.0.2.1"),
        (mapped("0.0.0.0"), "0.0.0.0"),
        (bytes.fromhex("20010db8" + "0" * 23 + "1"), "2001:db8::1"),
        (bytes(16), "::"),
    ],
)
def test_addresses_are_written_as_people_do(raw: bytes, text: str) -> None:
    assert address(raw) == text


def counts(flows: RecordedMap, *nows: int) -> Iterator[list[int]]:
    watched = Flows(flows)
    for now in nows:
        yield [summary.untold for summary in watched.changes(now)]


def test_what_was_too_much_to_tell_is_summed_up_once() -> None:
    flows = RecordedMap({flow_key(): flow(0, attempts=1000, emitted=256)})
    assert [*counts(flows, SECOND, 2 * SECOND)] == [[744], []]


def test_what_is_under_way_is_left_for_later() -> None:
    flows = RecordedMap({flow_key(): flow(SECOND, attempts=300, emitted=256)})
    assert [*counts(flows, SECOND, 2 * SECOND)] == [[], [44]]


def test_a_connection_that_was_told_of_is_not_told_again() -> None:
    flows = RecordedMap({flow_key(): flow(0, attempts=1, emitted=1)})
    assert [*counts(flows, SECOND, 5 * SECOND)] == [[], []]


def test_a_datagram_that_never_left_is_told() -> None:
    flows = RecordedMap({flow_key(protocol=17): flow(0, attempts=3, emitted=0)})
    assert [*counts(flows, SECOND)] == [[3]]


def test_datagrams_through_a_connected_socket_are_counted_as_they_leave() -> None:
    flows = RecordedMap({flow_key(protocol=17): flow(0, attempts=0, emitted=1, packets=10)})
    assert [*counts(flows, SECOND)] == [[9]]


def test_bytes_are_told_when_a_flow_falls_silent() -> None:
    flows = RecordedMap({flow_key(): flow(0, 1, 1, packets=4, size=400, received=3)})
    watched = Flows(flows)
    assert [*watched.changes(SECOND)] == []
    [summary] = watched.changes(3 * SECOND)
    assert (summary.untold, summary.bytes_sent, summary.packets_received) == (0, 400, 3)
    assert summary.only_socket
    assert [*watched.changes(4 * SECOND)] == []


def test_an_idle_flow_is_put_away_and_what_it_still_held_is_told() -> None:
    flows = RecordedMap({flow_key(): flow(0, attempts=5, emitted=1)})
    assert [*counts(flows, 60 * SECOND)] == [[4]]
    assert not flows.things


def test_many_flows_are_put_away_sooner() -> None:
    flows = RecordedMap({flow_key(port=p): flow(0, 1, 1) for p in range(FEW)})
    [*counts(flows, SECOND, 10 * SECOND)]
    assert not flows.things


def test_only_so_much_is_kept() -> None:
    things: Bounded[int, str] = Bounded(2)
    for number in range(3):
        things.put(number, str(number))
        things.get(0)
    assert [things.get(n) for n in range(3)] == ["0", None, "2"]


def test_what_was_forgotten_is_asked_of_the_kernel(processes: LiveProcesses) -> None:
    known = struct.pack("=QIIQIIQII", 10 * TICK, 10, 0, 22 * TICK, 20, 0, 0, 0, 0)
    procs = RecordedMap({struct.pack("=QII", 20 * TICK, 20, 0): known})
    execs = RecordedMap({struct.pack("=QII", 22 * TICK, 20, 0): PYTHON})

    class Remembering(RecordedBpf):
        def map(self, name: str) -> RecordedMap:
            return {"procs": procs, "execs": execs}.get(name, RecordedMap())

    [sighting] = seen(Remembering(CALL), processes)
    maker: ProcessRecord = sighting.lineage[0]
    assert maker.execution
    assert maker.execution.executable == "/usr/bin/python3.11"
    assert maker.parent
    assert maker.parent.pid == 10


def test_without_the_programs_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, processes: LiveProcesses
) -> None:
    from whence.sensors import ebpf

    monkeypatch.setattr(ebpf, "OBJECT", b"")
    with pytest.raises(CannotAsk, match="are not there"):
        next(ebpf.ebpf(NamedInterfaces(), processes))
