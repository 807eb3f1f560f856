"""From rows to what is stored: connections with how often they were seen, processes, stations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from sys import intern
from typing import Any

import msgspec

from whence.inquiry.imports._conversations import PUT_CONNECTION, REPEATED, Conversations
from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports._opposite_flows import OppositeFlows
from whence.inquiry.imports._processes import Processes, Statement, may_be_called
from whence.model import ACCEPTED, ATTEMPTED, LISTENING
from whence.model.reported import (
    Altered,
    Contained,
    InCluster,
    Lookup,
    Pairing,
    Placed,
    Row,
    Socket,
    Started,
    Traffic,
)

PUT_STATION = "INSERT INTO station VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_CHANGE = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)"
MOST = 1_000_000  # connections that looks tell of, which are held up to the end: below 1 kB each
MOST_STATES = 8
LATEST = 250_000_000_000_000_000  # µs: beyond it there are no dates
NO_DETAIL = ("line", "ip", "mac")
UNNAMED = "a machine that is not named"
_CALLING = re.compile(r"(?i)SYN")
_RECEIVED = re.compile(r"(?i)RE[CÇ]|RCV|EMPF|RICEV|RICEZ|MOTTAG|ODEBR|PRIJ|PŘIJ|受|接收|수신|ПОЛУЧ")


@dataclass(slots=True)
class _Seen:
    """One connection, over all looks; a million of them are held, so what can be shared is."""

    line: int
    listening: bool
    look: int = 0  # in which it was seen first, of those without a gap up to `last_look`
    last_look: int = -1
    earlier: tuple[tuple[int, int], ...] = ()  # such runs of looks, before the last
    states: tuple[str, ...] = ()
    processes: tuple[tuple[int, str], ...] = ()


class Gathered:
    """Takes rows in, gives statements out; what has to wait for the end, waits in memory."""

    def __init__(
        self,
        name: str,
        given: Given,
        host: Callable[[], str],
        service: Callable[[str, str], int | None],
    ):
        self._given = given
        self._host = host
        self._service = service  # the number of a port that is named
        self._sockets: dict[tuple[object, ...], _Seen] = {}
        self._shared: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # equal tuples, once
        self._told = Processes(name, lambda: self._own)
        self._met: dict[tuple[str, int], Started] = {}  # processes in a list, by host and pid
        self._opposite = OppositeFlows()
        self._conversations = Conversations(self._told, lambda: self._own)
        self.left_out: dict[str, int] = {}
        self.looks = 0  # at one machine
        self._first_looks: dict[str, int] = {}  # of each machine
        self._connections = 0
        self._look_times: dict[int, int] = {}

    def take(self, row: Row) -> Iterator[Statement]:
        """Take a row, and give what can be written at once."""
        match row:
            case Traffic(is_packet=True):
                yield from self._conversations.take(row)
            case Traffic(is_one_way=True):
                for flow in self._opposite.take(row):
                    yield from self._flow(flow)
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
            case Contained():
                name = "" if row.shares_network else row.name
                put = (row.line, self._moment(0), row.ip or None, row.mac or None, name, "")
                yield PUT_STATION, (*put, _detail(container=told_beside(row)))
            case InCluster():
                put = (row.line, self._moment(0), row.ip, None, "", "")
                yield PUT_STATION, (*put, _detail(cluster=told_beside(row)))
            case Lookup():
                for answer in row.answers:
                    detail = _detail(client=row.client, asked=True)
                    yield PUT_STATION, (row.line, row.at, answer, None, row.name, "", detail)
            case Started():
                if row.only_met:  # a list of those that ran, and no event of one among many
                    self._met.setdefault((row.host, row.pid), row)
                yield from self._told.put(row)[1]
            case Altered():
                yield PUT_CHANGE, (
                    row.line, row.at, row.host or self._own, row.kind, row.what,
                    json.dumps(row.things), row.who,
                )  # fmt: skip

    def finish(self) -> Iterator[Statement]:
        """Give what had to wait for the end: which ports are listened on, when looks were."""
        waiting = {_door(key) for key, seen in self._sockets.items() if seen.listening}
        for key, seen in self._sockets.items():
            yield from self._socket(key, seen, _door(key) in waiting)
        yield from self._conversations.finish()
        for flow in self._opposite.end():
            yield from self._flow(flow)
        if self._conversations.repeated:
            self.left_out[REPEATED] = self._conversations.repeated

    @property
    def _own(self) -> str:
        return self._host() or UNNAMED

    @property
    def connections(self) -> int:
        """How many connections are written."""
        return self._connections + self._conversations.written

    @property
    def processes(self) -> int:
        """How many processes were told of."""
        return self._told.count

    @property
    def hosts(self) -> dict[str, None]:
        """Which machines the file names."""
        return self._told.hosts

    def _leave_out(self, reason: str) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1

    def _take_socket(self, row: Socket) -> None:
        """Add up what is the same connection of the same process."""
        first = self._first_looks.setdefault(row.host, row.look if row.host else 0)
        self.looks = max(self.looks, row.look - first + 1)
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
        far = None if listens else remote
        key = (row.host, row.transport, local, ports[0], far, ports[1], row.pid)
        seen = self._sockets.get(key)
        if seen is None:
            if len(self._sockets) >= MOST:
                self._leave_out(f"connections beyond the first {MOST:,}")
                return
            seen = self._sockets[key] = _Seen(row.line, listens, row.look)
        if row.look > seen.last_look + 1 and seen.last_look >= 0:
            seen.earlier = (*seen.earlier, (seen.look, seen.last_look))
            seen.look = row.look
        seen.last_look = max(seen.last_look, row.look)
        if row.state and len(seen.states) < MOST_STATES:
            seen.states = self._with(seen.states, row.state)
        holders = [(row.pid, row.program or ""), *row.sharers]
        for pid, program in holders:
            named = program or next((p for p in row.components if p), "")
            if pid or program:  # netstat -abn names the program alone
                seen.processes = self._with(seen.processes, (pid or 0, named))

    def _with(self, told: tuple[Any, ...], more: object) -> tuple[Any, ...]:
        """Put something to what was told, unless it is there."""
        if more in told:
            return told
        longer = (*told, more)
        if len(self._shared) > MOST:
            self._shared.clear()
        return self._shared.setdefault(longer, longer)

    def _port(self, text: str | None, transport: str) -> int | None:
        if not text or text in ("0", "*"):
            return None
        known = number(text)
        return self._service(text, transport) if known is None else known

    def _socket(self, key: tuple[Any, ...], seen: _Seen, is_called: bool) -> Iterator[Statement]:
        named, transport, local, local_port, remote, remote_port, _ = key
        host = named or self._own
        if seen.listening:
            action, ends = LISTENING, (local, local_port, None, None)
        elif is_called:
            action, ends = ACCEPTED, (remote, remote_port, local, local_port)
        else:
            action, ends = ATTEMPTED, (local, local_port, remote, remote_port)
        looks = [*seen.earlier, (seen.look, seen.last_look)]
        first = self._moment(looks[0][0])
        last = self._moment(seen.last_look)
        states = ", ".join(seen.states)
        answered = None
        if action == ATTEMPTED and transport == "tcp" and seen.states:
            answered = not all(_is_calling(state) for state in seen.states)
        makers: list[int | None] = []
        for pid, told in seen.processes:
            started = Started(seen.line, first, host, pid, told, only_met=True)
            met = self._met.get((named, pid)) or self._met.get(("", pid))
            if met and may_be_called(met, told):
                started = msgspec.structs.replace(met, host=host)
            process, statements = self._told.put(started)
            yield from statements
            makers.append(process)
        count = sum(last - first + 1 for first, last in looks)
        for maker in makers or [None]:
            self._connections += 1
            yield PUT_CONNECTION, (
                seen.line, action, transport or None, *ends, first, last, count, 0, 0, 0, 0,
                host, maker, states, answered, json.dumps(looks),
            )  # fmt: skip

    def _moment(self, look: int) -> int:
        """Say when a look was taken, as far as that is known."""
        given = self._given
        if look in self._look_times:
            return self._look_times[look]
        every = given.every or 0
        if given.began is not None:
            return min(given.began + look * every, LATEST)
        if self._look_times:
            nearest = min(self._look_times, key=lambda known: abs(known - look))
            return min(self._look_times[nearest] + max(look - nearest, 0) * every, LATEST)
        what = f"the last of its {self.looks} looks" if every and self.looks > 1 else "it"
        given.assume(f"it does not say when it was made; {what} is taken to be as old as the file"
                     " (or: --began)")  # fmt: skip
        return max(given.written - max(self.looks - 1 - look, 0) * every, 0)

    def _flow(self, row: Traffic) -> Iterator[Statement]:
        maker = None
        observer = row.host or self._own
        if row.host:
            self.hosts[row.host] = None
        if row.process:
            maker, statements = self._told.put(row.process)
            yield from statements
        self._connections += 1
        yield PUT_CONNECTION, (
            row.line, ACCEPTED if row.incoming else ATTEMPTED, row.transport,
            _plain(row.source), row.source_port, _plain(row.destination), row.destination_port,
            row.first, row.last, 1, row.bytes_sent, row.packets_sent, row.bytes_received,
            row.packets_received, observer, maker, row.detail or row.state or row.action,
            row.answered, "[]",
        )  # fmt: skip
        if row.name:
            detail = _detail(client=_plain(row.source), asked=True)
            put = (row.line, row.first, _plain(row.destination), None, row.name, "", detail)
            yield PUT_STATION, put


def _door(key: tuple[Any, ...]) -> tuple[object, ...]:
    """Give the host, protocol and port of a socket: what is listened on takes calls."""
    host, transport, _, local_port, *_ = key
    return host, transport, local_port


def _is_calling(state: str) -> bool:
    """Say whether a state is SYN_SENT, in whatever language."""
    return bool(_CALLING.match(state)) and not _RECEIVED.search(state)


def _address(text: str | None) -> str | None:
    """Give an address without the link that it is on."""
    found = _plain(address(text)) if text else None
    return intern(found) if found else found


def _plain(text: str | None) -> str | None:
    return text.partition("%")[0] if text else text


def _detail(**told: object) -> str:
    return json.dumps({name: value for name, value in told.items() if value not in (None, "")})


def told_beside(row: Contained | InCluster) -> dict[str, object]:
    """Give what is told of a container, pod, service or node beside its addresses."""
    told = msgspec.structs.asdict(row)
    return {name: value for name, value in told.items() if value and name not in NO_DETAIL}
