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
    processes = ProcessTable(given)
    looks: dict[str, int] = {}  # of the first query for sockets, by when its answer came
    series: set[tuple[str, str]] = set()
    for line, text, told in objects(lines):
        rows = _rows(told)
        if not rows:
            if "snapshot" in told:
                lines.part()
            else:
                lines.strange(line, text)
            continue
        host, moment = word(told, "hostIdentifier"), word(told, "unixTime")
        at = epoch_time(moment)
        query = host, word(told, "name") if "snapshot" in told else ""
        lines.several(len(rows))
        for row in rows:
            table = _table(row)
            if told.get("action") == "removed":
                lines.leave_out(GONE)
            elif table is None:
                lines.leave_out("rows of other tables of osquery")
            elif table is PROCESSES:
                ran = _ran(row)
                if ran is None:
                    lines.strange(line, text)
                elif not processes.take(line, ran, host, at):
                    lines.part()
            elif table is NEIGHBOURS:
                if pairing := _pairing(line, row, table_time(given) if at is None else at):
                    yield pairing
                else:
                    lines.strange(line, text)
            elif "columns" in told:
                lines.leave_out(CHANGED)
            elif word(row, "family").lower() in UNIX or word(row, "protocol") == "0":
                lines.leave_out(NOT_IP)
            elif word(row, "local_port", "port") == "0":
                lines.leave_out(WITHOUT_PORT)
            elif query not in series and series:
                lines.leave_out(SERIES)
            elif socket := _socket(
                line, row, table, host, looks.setdefault(moment, len(looks)), at
            ):
                series.add(query)
                if (ran := _ran(row)) and ran.command_line and processes.take(line, ran, host, at):
                    lines.several(2)
                yield socket
            else:
                lines.strange(line, text)
    yield from processes.end()


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


def _pairing(line: int, row: Object, at: int) -> Pairing | None:
    ip, mac = address(word(row, "address")), canonical_mac(word(row, "mac"))
    if ip is None or mac is None:
        return None
    return Pairing(line, ip, mac, interface=word(row, "interface"), at=at)
