"""Tables of osquery as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._ends import address, number
from whence.inquiry.imports._json_objects import LONGEST, Object, first_objects, objects, word
from whence.inquiry.imports._look_times import epoch_time
from whence.inquiry.imports._process_table import ProcessTable, Ran, pid_of
from whence.inquiry.imports._sessions import table_time
from whence.model.mac_addresses import canonical_mac
from whence.model.reported import Owner, Pairing, Row, Socket

SOCKETS = frozenset({"local_address", "local_port", "remote_address", "remote_port", "protocol"})
LISTENING = frozenset({"address", "port", "protocol", "family"})
PROCESSES = frozenset({"pid", "name", "cmdline"})
NEIGHBOURS = frozenset({"address", "mac", "interface"})
TABLES = (SOCKETS, LISTENING, PROCESSES, NEIGHBOURS)
TRANSPORTS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "ipv6-icmp", "132": "sctp", "136": "udp"}
UNIX = ("1", "unix")  # family
NOBODY = ("", "0", "0.0.0.0", "::")
NOT_IP = "sockets that are not of IP"
WITHOUT_PORT = "sockets that have no port"
SERIES = "sockets of another query or machine than the first (import them from a file of their own)"
GONE = "rows that a result of osquery says are gone"
CHANGED = "sockets of differential results: when they ended, these do not say (snapshot: true)"


def _looks_like(head: Head) -> float:
    return 0.93 if any(_table(row) for told in first_objects(head) for row in _rows(told)) else 0.0


@kind(_looks_like, longest=LONGEST)
def osquery(lines: Lines, given: Given) -> Iterator[Row]:
    """Sockets, processes and neighbours of osquery, as JSON.

    process_open_sockets, listening_ports, processes and arp_cache, also joined with processes:
    what `osqueryi --json` and `--json_pretty` print, and results that osqueryd logs as snapshots,
    which tell host and time. Rows of other tables are left out, and so are sockets of differential
    results.
    """
    results = _Results(lines, given)
    for line, text, told in objects(lines):
        if rows := _rows(told):
            lines.several(len(rows))
            for row in rows:
                yield from results.row(_Result(line, text, told), row)
        elif "snapshot" in told:
            lines.part()
        else:
            lines.strange(line, text)
    yield from results.processes.end()


class _Result:
    """Whose rows they are, and of when."""

    def __init__(self, line: int, text: str, told: Object) -> None:
        self.line = line
        self.text = text
        self.is_gone = told.get("action") == "removed"
        self.is_differential = "columns" in told
        self.host = word(told, "hostIdentifier")
        self.moment = word(told, "unixTime")
        self.at = epoch_time(self.moment)
        self.query = self.host, word(told, "name") if "snapshot" in told else ""


class _Results:
    """The results of a file: its processes to their end, and its first query for sockets."""

    def __init__(self, lines: Lines, given: Given) -> None:
        self.processes = ProcessTable(given)
        self._lines = lines
        self._given = given
        self._looks: dict[str, int] = {}  # of the first query for sockets, by when its answer came
        self._first_query: tuple[str, str] | None = None

    def row(self, result: _Result, row: Object) -> Iterator[Row]:
        """Take a row of a result, and count it as one thing or another."""
        table = _table(row)
        if result.is_gone:
            self._lines.leave_out(GONE)
        elif table is None:
            self._lines.leave_out("rows of other tables of osquery")
        elif table is PROCESSES:
            self._process(result, row)
        elif table is NEIGHBOURS:
            yield from self._neighbour(result, row)
        elif why := self._without(result, row):
            self._lines.leave_out(why)
        else:
            yield from self._socket(result, row, table)

    def _process(self, result: _Result, row: Object) -> None:
        ran = _ran(row)
        if ran is None:
            self._lines.strange(result.line, result.text)
        elif not self.processes.take(result.line, ran, result.host, result.at):
            self._lines.part()

    def _neighbour(self, result: _Result, row: Object) -> Iterator[Pairing]:
        at = table_time(self._given) if result.at is None else result.at
        if pairing := _pairing(result.line, row, at):
            yield pairing
        else:
            self._lines.strange(result.line, result.text)

    def _without(self, result: _Result, row: Object) -> str:
        """Say why a row of sockets is left out; empty: it is not."""
        if result.is_differential:
            return CHANGED
        if word(row, "family").lower() in UNIX or word(row, "protocol") == "0":
            return NOT_IP
        if word(row, "local_port", "port") == "0":
            return WITHOUT_PORT
        return SERIES if self._first_query not in (None, result.query) else ""

    def _socket(self, result: _Result, row: Object, table: frozenset[str]) -> Iterator[Socket]:
        look = self._looks.setdefault(result.moment, len(self._looks))
        socket = _socket(result.line, row, table, result.host, look, result.at)
        if socket is None:
            self._lines.strange(result.line, result.text)
            return
        self._first_query = result.query
        ran = _joined(row)
        if ran and self.processes.take(result.line, ran, result.host, result.at):
            self._lines.several(2)  # the row is of both
        yield socket


def _rows(told: Object) -> list[Object]:
    """Give the rows of a result that is logged, or the row that it is."""
    if isinstance(columns := told.get("columns"), dict):
        return [columns]
    if isinstance(snapshot := told.get("snapshot"), list):
        return [row for row in snapshot if isinstance(row, dict)]
    return [told] if all(isinstance(value, (str, int)) for value in told.values()) else []


def _table(row: Object) -> frozenset[str] | None:
    return next((table for table in TABLES if table <= row.keys()), None)


def _socket(
    line: int, row: Object, table: frozenset[str], host: str, look: int, at: int | None
) -> Socket | None:
    listens = table is LISTENING
    own = ("address", "port") if listens else ("local_address", "local_port")
    local, local_port = word(row, own[0]), word(row, own[1])
    remote, remote_port = word(row, "remote_address"), word(row, "remote_port")
    transport = TRANSPORTS.get(word(row, "protocol"), "")
    if not transport or address(local) is None or number(local_port) is None:
        return None
    has_end = not listens and remote not in NOBODY
    if has_end and (address(remote) is None or number(remote_port) is None):
        return None
    state = word(row, "state") if not listens else ""
    pid = pid_of(word(row, "pid"))
    program = word(row, "path") if word(row, "name") else ""  # alone, it is that of the socket
    program = program or word(row, "name")
    return Socket(
        line,
        transport,
        local,
        local_port,
        remote if has_end else None,
        remote_port if has_end else None,
        state or None,
        listens or state == "LISTEN",
        pid,
        program or None,
        owner=Owner.NAMED if pid is not None else Owner.UNAVAILABLE,
        look=look,
        at=at,
        host=host,
    )


def _ran(row: Object) -> Ran | None:
    pid = pid_of(word(row, "pid"))
    name, path = word(row, "name"), word(row, "path")
    if pid is None or not (name or path):
        return None
    return Ran(
        pid,
        path or name,
        word(row, "cmdline"),
        parent=pid_of(word(row, "parent")),
        working_directory=word(row, "cwd"),
    )


def _joined(row: Object) -> Ran | None:
    """Give the process of a row of sockets that was joined with processes."""
    ran = _ran(row)
    return ran if ran and ran.command_line else None


def _pairing(line: int, row: Object, at: int) -> Pairing | None:
    ip, mac = address(word(row, "address")), canonical_mac(word(row, "mac"))
    if ip is None or mac is None:
        return None
    return Pairing(line, ip, mac, interface=word(row, "interface"), at=at)
