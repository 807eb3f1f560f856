"""From rows to what is stored: connections with how often they were seen, processes, stations."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._ends import address, number
from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Execution, Process, ProcessRecord
from whence.model.observables import IMPORTED
from whence.model.reported import Altered, Lookup, Pairing, Placed, Row, Socket, Started, Traffic
from whence.model.sightings import UNKNOWN_START

Statement = tuple[str, tuple[object, ...]]
PUT_CONNECTION = f"INSERT INTO connection VALUES ({', '.join('?' * 19)})"
PUT_STATION = "INSERT INTO station VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_CHANGE = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_PROCESS = "INSERT OR IGNORE INTO process VALUES (?, ?, ?)"
MOST = 2_000_000  # connections of one file that are held
MOST_PARENTS = 32
MOST_STATES = 8
UNNAMED = "a machine that is not named"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_CALLING = re.compile(r"(?i)SYN")
_RECEIVED = re.compile(r"(?i)RE[CÇ]|RCV|EMPF|RICEV|RICEZ|MOTTAG|ODEBR|PRIJ|PŘIJ|受|接收|수신|ПОЛУЧ")
_WAITS = {"LISTEN", "LISTENING", "UNCONN", "CLOSE", "CLOSED"}


@dataclass
class _Seen:
    """One connection, over all looks."""

    line: int
    looks: list[list[int]]
    states: dict[str, None]
    processes: dict[tuple[int, str], None]
    first: int | None
    last: int | None
    listening: bool
    packets: list[int] = field(default_factory=lambda: [0, 0, 0, 0])  # bytes, packets; back
    answered: bool | None = None
    count: int = 0


class Gathered:
    """Takes rows in, gives statements out; what has to wait for the end, waits in memory."""

    def __init__(
        self,
        name: str,
        given: Given,
        host: Callable[[], str],
        service: Callable[[str, str], int | None],
    ):
        self._id = name
        self._given = given
        self._host = host
        self._service = service  # the number of a port that is named
        self._sockets: dict[tuple[object, ...], _Seen] = {}
        self._packets: dict[tuple[object, ...], _Seen] = {}
        self._process_numbers: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.hosts: dict[str, None] = {}
        self.looks = 0
        self.connections = 0
        self._look_times: dict[int, int] = {}

    def take(self, row: Row) -> Iterator[Statement]:
        """Take a row, and give what can be written at once."""
        match row:
            case Traffic(is_packet=True):
                self._take_packet(row)
            case Traffic():
                yield from self._flow(row)
            case Socket():
                self._take_socket(row)
            case Pairing():
                detail = _detail(state=row.state, interface=row.interface, ends=row.ends)
                at = self._moment(0) if row.at is None else row.at
                yield PUT_STATION, (row.line, at, row.ip, row.mac or None, row.name, "", detail)
            case Placed():
                detail = _detail(vlan=row.vlan, status=row.status)
                at = self._moment(0)
                yield PUT_STATION, (row.line, at, None, row.mac, "", row.port, detail)
            case Lookup():
                for answer in row.answers:
                    detail = _detail(client=row.client, asked=True)
                    yield PUT_STATION, (row.line, row.at, answer, None, row.name, "", detail)
            case Started():
                yield from self._process(row)[1]
            case Altered():
                yield PUT_CHANGE, (
                    row.line, row.at, row.host or self._own, row.kind, row.what,
                    json.dumps(row.things), row.who,
                )  # fmt: skip

    def finish(self) -> Iterator[Statement]:
        """Give what had to wait for the end: which ports are listened on, when looks were."""
        waiting = {(key[0], key[2]) for key, seen in self._sockets.items() if seen.listening}
        for key, seen in self._sockets.items():
            yield from self._socket(key, seen, (key[0], key[2]) in waiting)
        for key, seen in self._packets.items():
            yield from self._conversation(key, seen)

    @property
    def _own(self) -> str:
        return self._host() or UNNAMED

    @property
    def processes(self) -> int:
        """How many processes were told of."""
        return len(self._process_numbers)

    def _leave_out(self, reason: str) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def _take_socket(self, row: Socket) -> None:
        """Add up what is the same connection of the same process."""
        self.looks = max(self.looks, row.look + 1)
        if row.at is not None:
            self._look_times[row.look] = row.at
        local, remote = _address(row.local), _address(row.remote)
        if (row.local and local is None) or (row.remote and remote is None):
            self._leave_out("connections with a name in place of an address (run it with -n)")
            return
        ports = [self._port(port, row.transport) for port in (row.local_port, row.remote_port)]
        listens = row.listening or (row.transport != "tcp" and not remote)
        if not listens and not remote:
            self._leave_out("sockets that are bound and neither connected nor waiting")
            return
        key = (row.transport, local, ports[0], None if listens else remote, ports[1], row.pid)
        seen = self._sockets.get(key)
        if seen is None:
            if len(self._sockets) >= MOST:
                self._leave_out(f"connections beyond the first {MOST:,}")
                return
            seen = self._sockets[key] = _Seen(row.line, [], {}, {}, row.at, row.at, listens)
        if not seen.looks or seen.looks[-1][1] < row.look:
            if seen.looks and seen.looks[-1][1] == row.look - 1:
                seen.looks[-1][1] = row.look
            else:
                seen.looks.append([row.look, row.look])
        seen.count += 1
        if row.state and len(seen.states) < MOST_STATES:
            seen.states[row.state] = None
        holders = [(row.pid, row.program or ""), *row.sharers]
        for pid, program in holders:
            named = program or next((p for p in row.components if p), "")
            if pid or program:  # netstat -abn names the program alone
                seen.processes[pid or 0, named] = None

    def _port(self, text: str | None, transport: str) -> int | None:
        if not text or text in ("0", "*"):
            return None
        known = number(text)
        return self._service(text, transport) if known is None else known

    def _socket(self, key: tuple[Any, ...], seen: _Seen, is_called: bool) -> Iterator[Statement]:
        transport, local, local_port, remote, remote_port, _ = key
        if seen.listening:
            action, ends = LISTENING, (local, local_port, None, None)
        elif is_called:
            action, ends = ACCEPTED, (remote, remote_port, local, local_port)
        else:
            action, ends = ATTEMPTED, (local, local_port, remote, remote_port)
        first = self._moment(seen.looks[0][0])
        last = self._moment(seen.looks[-1][1])
        states = ", ".join(seen.states)
        answered = None
        if action == ATTEMPTED and transport == "tcp" and seen.states:
            answered = not all(_is_calling(state) for state in seen.states)
        makers: list[int | None] = []
        for pid, program in seen.processes:
            started = Started(seen.line, first, self._own, pid, program, only_met=True)
            process, statements = self._process(started)
            yield from statements
            makers.append(process)
        count = sum(last - first + 1 for first, last in seen.looks)
        for maker in makers or [None]:
            self.connections += 1
            yield PUT_CONNECTION, (
                seen.line, action, transport, *ends, first, last, count, 0, 0, 0, 0,
                self._own, maker, states, answered, json.dumps(seen.looks),
            )  # fmt: skip

    def _moment(self, look: int) -> int:
        """Say when a look was taken, as far as that is known."""
        given = self._given
        if look in self._look_times:
            return self._look_times[look]
        every = given.every or 0
        if given.began is not None:
            return given.began + look * every
        if self._look_times:
            nearest = min(self._look_times, key=lambda known: abs(known - look))
            return self._look_times[nearest] + (look - nearest) * every
        many = f", the last of {self.looks} looks" if every and self.looks > 1 else ""
        given.assume(f"it does not say when it was made{many}: when it was written (or: --began)")
        return given.written - max(self.looks - 1 - look, 0) * every

    def _take_packet(self, row: Traffic) -> None:
        """Add packets up, both ways; who called is who sent the first of them, or the SYN."""
        way = (row.transport, row.source, row.source_port, row.destination, row.destination_port)
        back = (row.transport, row.destination, row.destination_port, row.source, row.source_port)
        state = row.action
        seen = self._packets.get((*way, state))
        forward = seen is not None
        if seen is None and back != way:
            seen = self._packets.get((*back, state))
        is_answer = row.flags.startswith("S") and "." in row.flags
        if seen is None:
            if len(self._packets) >= MOST:
                self._leave_out(f"connections beyond the first {MOST:,}")
                return
            forward = not is_answer
            seen = _Seen(row.line, [], {}, {}, row.first, row.last, False)
            self._packets[(*(way if forward else back), state)] = seen
        seen.first = min(seen.first or row.first, row.first)
        seen.last = max(seen.last or row.last, row.last)
        at = 0 if forward else 2
        seen.packets[at] += row.bytes_sent
        seen.packets[at + 1] += row.packets_sent
        seen.count += bool(state) or (row.flags.startswith("S") and "." not in row.flags)
        if state:
            seen.states[state.upper()] = None
            seen.answered = None
        else:
            seen.answered = seen.packets[3] > 0
        if row.process:
            self._note_maker(row, seen)

    def _note_maker(self, row: Traffic, seen: _Seen) -> None:
        assert row.process
        seen.processes[row.process.pid, row.process.program] = None
        seen.listening = bool(row.incoming)

    def _conversation(self, key: tuple[Any, ...], seen: _Seen) -> Iterator[Statement]:
        transport, source, source_port, destination, destination_port, _ = key
        makers: list[int | None] = []
        for pid, program in seen.processes:
            at = seen.first or self._given.written
            started = Started(seen.line, at, self._own, pid, program, only_met=True)
            process, statements = self._process(started)
            yield from statements
            makers.append(process)
        for maker in makers or [None]:
            self.connections += 1
            yield PUT_CONNECTION, (
                seen.line, ACCEPTED if seen.listening else ATTEMPTED, transport,
                source, source_port, destination, destination_port, seen.first, seen.last,
                max(1, seen.count), *(min(n, 1 << 62) for n in seen.packets), self._own, maker,
                ", ".join(seen.states),
                seen.answered, "[]",
            )  # fmt: skip

    def _flow(self, row: Traffic) -> Iterator[Statement]:
        maker = None
        observer = row.host or self._own
        if row.host:
            self.hosts[row.host] = None
        if row.process:
            maker, statements = self._process(row.process)
            yield from statements
        self.connections += 1
        yield PUT_CONNECTION, (
            row.line, ACCEPTED if row.incoming else ATTEMPTED, row.transport,
            _plain(row.source), row.source_port, _plain(row.destination), row.destination_port,
            row.first, row.last, 1, row.bytes_sent, row.packets_sent, row.bytes_received,
            row.packets_received, observer, maker, row.detail or row.state or row.action,
            row.answered, "[]",
        )  # fmt: skip

    def _process(self, started: Started) -> tuple[int, list[Statement]]:
        """Give the number of a process, and what writes it down where that was not done yet."""
        record = self._record(started)
        entity = f"{record.process.host}/{record.process.pid}/{record.process.started}"
        known = self._process_numbers.get(entity)
        if known is not None:
            return known, []
        new = self._process_numbers[entity] = len(self._process_numbers)
        if started.host:
            self.hosts[started.host] = None
        lineage = [msgspec.to_builtins(one) for one in self._lineage(started)]
        return new, [(PUT_PROCESS, (new, _entity(record.process), json.dumps(lineage)))]

    def _lineage(self, started: Started) -> Iterator[ProcessRecord]:
        current: Started | None = started
        for _ in range(MOST_PARENTS):
            if current is None:
                return
            yield self._record(current)
            current = current.parent

    def _record(self, started: Started) -> ProcessRecord:
        host = started.host or self._own
        at = _EPOCH + timedelta(microseconds=started.at)
        ran = Execution(
            at, started.program, args=arguments(started.command_line),
            working_directory=started.working_directory,
        )  # fmt: skip
        began = started.began
        return ProcessRecord(
            self._named(started, host),
            UNKNOWN_START if began is None else _EPOCH + timedelta(microseconds=began),
            re.split(r"[\\/]", started.program)[-1],
            self._named(started.parent, host) if started.parent else None,
            (ran,) if started.program or started.command_line else (),
        )

    def _named(self, started: Started, host: str) -> Process:
        """Name a process. Ticks after boot are not known: what else tells it from others."""
        if started.guid:
            told = zlib.crc32(started.guid.lower().encode())
        elif started.began is not None:
            told = started.began // 10_000
        else:
            told = zlib.crc32(started.program.lower().encode("utf-8", "replace"))
        return Process(started.host or host, f"{IMPORTED}{self._id}", started.pid, told)


def _entity(process: Process) -> str:
    return f"{process.host}/{process.boot}/{process.pid}/{process.started}"


def _is_calling(state: str) -> bool:
    """Say whether a state is SYN_SENT, in whatever language."""
    return bool(_CALLING.match(state)) and not _RECEIVED.search(state)


def _address(text: str | None) -> str | None:
    """Give an address without the link that it is on."""
    return _plain(address(text)) if text else None


def _plain(text: str | None) -> str | None:
    return text.partition("%")[0] if text else text


def _detail(**told: object) -> str:
    return json.dumps({name: value for name, value in told.items() if value not in (None, "")})


def arguments(command_line: str) -> tuple[str, ...]:
    """Split a command line of Windows: words, or what stands between double quotes."""
    return tuple(found[1] or found[2] or "" for found in _ARGUMENT.finditer(command_line[:32768]))
