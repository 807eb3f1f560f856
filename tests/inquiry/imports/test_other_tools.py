"""tshark, osquery, Velociraptor, ra, rwcut and ps: what is taken, and what is not."""

import json
from pathlib import Path

import pytest

from tests.inquiry.imports.reading import NOON, given, is_complete, likeliest, read
from tests.inquiry.imports.samples import SAMPLES
from whence.inquiry.imports._gathered import Gathered
from whence.inquiry.imports._other_files import other_file
from whence.model.reported import Lookup, Pairing, Row, Socket, Started, Traffic

SYN = 1_795_600_006_123_456  # µs since 1970


def rows(sample: str) -> list[Row]:
    return read(SAMPLES[sample][2])[0]


def traffic(text: str, name: str = "") -> list[Traffic]:
    return [row for row in read(text, name)[0] if isinstance(row, Traffic)]


def ends(row: Traffic) -> tuple[str, str, int | None, str, int | None]:
    return row.transport, row.source, row.source_port, row.destination, row.destination_port


CALLED = ("tcp", "10.0.0.9", 51514, "203.0.113.8", 443)
TRIED = ("tcp", "10.0.0.9", 51515, "203.0.113.9", 17777)


@pytest.mark.parametrize("sample", ["tshark", "tshark -t ad", "tshark -T ek"])
def test_packets_of_tshark_tell_the_same_in_each_form(sample: str) -> None:
    told = rows(sample)
    syn = next(row for row in told if isinstance(row, Traffic))
    assert ends(syn) == ("tcp", "10.9.1.4", 50123, "10.9.3.7", 17777)
    assert (syn.flags, syn.bytes_sent) == ("S", 54)
    assert syn.first == (SYN if sample != "tshark" else NOON + 6_000_000)
    [reply] = [row for row in told if isinstance(row, Pairing)]
    assert (reply.ip, reply.mac) == ("10.9.3.7", "00:14:22:03:04:05")
    [found] = [row for row in told if isinstance(row, Lookup)]
    assert (found.name, found.answers, found.client) == (
        "inv.example",
        ("203.0.113.8",),
        "10.9.1.4",
    )
    answer = [row for row in told if isinstance(row, Traffic)][1]
    assert (ends(answer), answer.flags) == (("tcp", "10.9.3.7", 17777, "10.9.1.4", 50123), "S.")


@pytest.mark.parametrize("sample", ["tshark -T ek", "tshark -T json"])
def test_of_a_tunnel_the_outer_packet_is_told(sample: str) -> None:
    told = [ends(row) for row in rows(sample) if isinstance(row, Traffic)]
    assert ("gre", "10.9.1.4", None, "10.9.3.7", None) in told


def test_ports_of_a_packet_that_icmp_quotes_are_not_those_of_icmp() -> None:
    told = [row for row in rows("tshark -T ek") if isinstance(row, Traffic)]
    assert ("icmp", "10.9.3.7", None, "10.9.1.4", None) in [ends(row) for row in told]


def test_fields_of_tshark_may_be_chosen() -> None:
    layers = {
        "frame.time_epoch": ["1795600006.123456000"], "ip.src": ["10.9.1.4", "10.9.9.9"],
        "ip.dst": ["10.9.3.7"], "ip.proto": ["6"], "tcp.srcport": ["50123"],
        "tcp.dstport": ["17777"], "tcp.flags": ["0x0002"],
    }  # fmt: skip
    document = {"_index": "packets-2026-11-25", "_source": {"layers": layers}}
    [row] = traffic(json.dumps([document], indent=2))
    assert (ends(row), row.first) == (("tcp", "10.9.1.4", 50123, "10.9.3.7", 17777), SYN)
    del layers["frame.time_epoch"]
    told, lines = read(json.dumps([document], indent=2))
    assert not told
    assert lines.left_out.total() == 1
    assert is_complete(told, lines)


def test_packets_for_which_tshark_prints_no_ports_are_counted_and_do_not_call() -> None:
    line = "  9  1.0 203.0.113.8 → 10.9.1.4 TLSv1.2 1514 Application Data\n"
    told, lines = read(line)
    assert not told
    assert lines.left_out.total() == 1
    [row] = traffic("  9  1.0 10.9.1.4 → 10.9.3.9 SNMP 85 get-request 1.3.6.1.2.1.1.1.0\n")
    assert (ends(row), row.application) == (("udp", "10.9.1.4", None, "10.9.3.9", None), "snmp")


def test_times_of_tshark_may_count_from_the_packet_before() -> None:
    line = "{:>5} {:>10} 10.9.1.4 → 10.9.3.7 TCP 54 50123 → 17777 [SYN] Seq=0\n"
    times = ("0.000000", "3.000000", "1.500000")
    told = traffic("".join(line.format(at, time) for at, time in enumerate(times, start=1)))
    assert [row.first - NOON for row in told] == [0, 3_000_000, 4_500_000]


@pytest.mark.parametrize("sample", ["ra", "ra -c ,"])
def test_flows_of_argus(sample: str) -> None:
    told = [row for row in rows(sample) if isinstance(row, Traffic)]
    assert [ends(row) for row in told[:2]] == [CALLED, TRIED]
    assert [row.answered for row in told[:3]] == [True, False, True]
    first = told[0]
    sent = (first.bytes_sent, first.bytes_received)
    assert sent == ((6532, 0) if sample == "ra" else (1412, 5120))


def test_the_destination_called_where_the_arrow_of_ra_says_so() -> None:
    told = [ends(row) for row in rows("ra") if isinstance(row, Traffic)]
    assert ("tcp", "203.0.113.7", 40022, "10.0.0.9", 22) in told


def test_what_ra_cut_short_is_left_out() -> None:
    told, lines = read(SAMPLES["ra"][2])
    assert not any("*" in row.source for row in told if isinstance(row, Traffic))
    assert sorted(lines.left_out.values()) == [1, 1, 1]
    assert lines.strange_count == 0


def test_flows_of_silk_are_utc_and_one_way() -> None:
    told = [row for row in rows("rwcut") if isinstance(row, Traffic)]
    assert ends(told[0]) == CALLED
    assert (told[0].first, told[0].last) == (1_794_907_805_123_000, 1_794_907_806_623_000)
    assert all(row.is_one_way for row in told)
    assert ends(told[3]) == ("icmp", "10.0.0.9", None, "203.0.113.8", None)


def test_a_process_of_ps_has_who_started_it() -> None:
    told = {row.pid: row for row in rows("ps -ef") if isinstance(row, Started)}
    script = told[4711]
    assert (script.program, script.user) == ("/usr/bin/python3", "inv")
    assert script.command_line.endswith("/opt/inv/inv.py --all hosts.db")
    chain = []
    above: Started | None = script
    while above:
        chain.append(above.pid)
        above = above.parent
    assert chain == [4711, 4700, 612, 1]


def test_processes_that_name_each_other_as_parents_end() -> None:
    text = "UID PID PPID CMD\na 5 6 x\na 6 5 y\n"
    told = {row.pid: row for row in read(text)[0] if isinstance(row, Started)}
    assert told[5].parent
    assert told[5].parent.parent is None


def test_programs_of_macos_have_blanks_and_times_one_word() -> None:
    told = [row for row in rows("ps of macOS") if isinstance(row, Started)]
    bundle = "/Applications/Inventory Agent.app/Contents/MacOS/Inventory Agent"
    assert [row.program for row in told] == [bundle, "/sbin/launchd"]


def test_a_name_alone_is_no_command_line() -> None:
    told = read("PID TTY TIME CMD\n4711 pts/0 00:00:01 python3\n2 ? 00:00:00 [kthreadd]\n")[0]
    processes = [row for row in told if isinstance(row, Started)]
    assert [(row.program, row.command_line) for row in processes] == [
        ("python3", ""),
        ("kthreadd", ""),
    ]


def test_busybox_tells_the_name_before_the_command() -> None:
    told = read("PID USER TIME COMMAND\n812 root 0:00 {rc} /bin/sh /etc/rc\n")[0]
    processes = [row for row in told if isinstance(row, Started)]
    assert [(row.program, row.command_line) for row in processes] == [
        ("/bin/sh", "/bin/sh /etc/rc")
    ]


def test_braces_of_a_program_s_text_stay() -> None:
    [row] = read("PID USER TIME COMMAND\n812 root 0:00 awk {print} x\n")[0]
    assert isinstance(row, Started)
    assert row.command_line == "awk {print} x"


def test_a_journal_as_json_is_a_log() -> None:
    line = '{"__REALTIME_TIMESTAMP":"1795780800000000","_HOSTNAME":"web1","MESSAGE":"hello"}'
    told = other_file(line.encode(), [line])
    assert told
    assert told[0] == "a log"


def test_fields_of_tshark_get_a_word_of_what_to_do() -> None:
    told = other_file(b"frame.time", ["frame.time_epoch\tip.src\tip.dst"])
    assert told
    assert "-T ek" in told[1]


def test_a_socket_of_osquery_without_a_port_waits_for_nobody() -> None:
    row = {"pid": "9", "port": "0", "protocol": "17", "family": "2", "address": "0.0.0.0"}
    told, lines = read(json.dumps([row]))
    assert not told
    assert lines.left_out.total() == 1


def test_a_day_and_seconds_are_no_time_of_tshark() -> None:
    told, lines = read("  1 2026-11-25 9.123456 10.9.1.4 → 10.9.3.7 UDP 47 1 → 2 Len=5\n", "tshark")
    assert not told
    assert lines.strange_count == 1


def test_when_a_process_began() -> None:
    told = [row for row in rows("ps -o lstart") if isinstance(row, Started)]
    assert told[0].began == 1_794_907_805_000_000


SS = (
    "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
    'tcp ESTAB 0 0 10.0.0.9:51514 203.0.113.8:443 users:(("{name}",pid=4711,fd=5))\n'
)


def stored(*texts: str) -> list[dict[str, object]]:
    """Give the records of the processes that have connections."""
    gathered = Gathered("0" * 10, given(), lambda: "srv7", lambda name, transport: None)
    statements = []
    for text in texts:
        for row in read(text)[0]:
            statements += [*gathered.take(row)]
    statements += [*gathered.finish()]
    processes = {put[0]: put[2] for text, put in statements if "INTO process" in text}
    makers = [put[15] for text, put in statements if "INTO connection" in text]
    return [json.loads(str(processes[maker]))[0] for maker in makers if maker is not None]


@pytest.mark.parametrize(("name", "is_it"), [("python3", True), ("inv.py", True), ("sh", False)])
def test_ps_beside_a_table_of_sockets_tells_the_command(name: str, is_it: bool) -> None:
    [record] = stored(SAMPLES["ps -ef"][2], SS.format(name=name))
    assert ("/opt/inv/inv.py" in json.dumps(record)) is is_it


def test_sockets_of_osquery() -> None:
    told = [row for row in rows("osqueryi --json") if isinstance(row, Socket)]
    assert [row.pid for row in told] == [4711, None, 900]
    assert [row.listening for row in told] == [False, False, True]
    assert told[2].remote is None


def test_a_socket_of_osquery_that_was_joined_with_its_process() -> None:
    [record] = stored(SAMPLES["osqueryi --json_pretty"][2])
    assert "/opt/inv/inv.py" in json.dumps(record)
    assert "/usr/bin/python3.11" in json.dumps(record)


def test_results_of_osqueryd_name_their_machine_and_time() -> None:
    told = rows("osqueryd")
    sockets = [row for row in told if isinstance(row, Socket)]
    assert {(row.host, row.at, row.listening) for row in sockets} == {
        ("srv7", 1_794_907_805_000_000, True)
    }
    [pairing] = [row for row in told if isinstance(row, Pairing)]
    assert pairing.at == 1_794_907_865_000_000
    [server] = [row for row in told if isinstance(row, Started) and row.pid == 900]
    assert server.parent
    assert server.parent.program == "/usr/lib/systemd/systemd"


def test_looks_of_osquery_at_several_machines_are_not_one_series() -> None:
    line = (
        '{{"snapshot":[{{"local_address":"10.0.0.9","local_port":"51514","pid":"4711",'
        '"protocol":"6","family":"2","remote_address":"203.0.113.8","remote_port":"443",'
        '"state":"ESTABLISHED"}}],"name":"s","hostIdentifier":"{}","unixTime":{}}}\n'
    )
    told, lines = read("".join(line.format(*one) for one in (("a", 1), ("b", 2), ("a", 3))))
    assert [(row.host, row.look) for row in told if isinstance(row, Socket)] == [("a", 0), ("a", 1)]
    assert lines.left_out.total() == 1
    assert is_complete(told, lines)


def test_sockets_of_velociraptor() -> None:
    told = [row for row in rows("velociraptor") if isinstance(row, Socket)]
    assert [(row.program, row.listening) for row in told[:2]] == [
        ("inv.exe", False),
        ("svchost.exe", True),
    ]
    [socket, _] = rows("velociraptor, enriched")
    assert isinstance(socket, Socket)
    assert (socket.host, socket.remote, socket.state) == (
        "srv7.example",
        "203.0.113.9",
        "SYN_SENT",
    )
    [record] = stored(SAMPLES["velociraptor, enriched"][2])
    assert "--all" in json.dumps(record)


@pytest.mark.parametrize(
    "text",
    [
        '[{"name":"x","pid":"5"}]\n',
        '{"a":1}\n{"b":2}\n',
        "NAME READY UP-TO-DATE AVAILABLE AGE\nweb 1/1 1 1 5d\n",
        "NAME ENDPOINTS AGE\nweb 10.1.2.3:80 5d\n",
        "REPOSITORY   TAG     IMAGE ID       CREATED     SIZE\nnginx  1.25  4c01db0b339c  5d ago"
        "  187MB\n",
        "ip.src\tip.dst\n10.0.0.9\t203.0.113.8\n",
    ],
)
def test_what_is_none_of_them_is_not_taken_for_one(text: str) -> None:
    assert likeliest(text) == ""


def test_a_list_over_many_lines_is_counted_line_by_line() -> None:
    text = (Path(__file__).parent / "tables" / "tshark-json.txt").read_text(encoding="utf-8")
    for cut in range(0, len(text), 997):
        told, lines = read(text[:cut], "tshark_json")
        assert is_complete(told, lines), cut


def test_states_of_powershell_are_words_also_where_json_has_their_numbers() -> None:
    called, waits, bound = rows("Get-NetTCPConnection, JSON")
    assert isinstance(called, Socket)
    assert isinstance(waits, Socket)
    assert isinstance(bound, Socket)
    assert (called.state, called.pid, called.remote) == ("SynSent", 4711, "203.0.113.8")
    assert (waits.state, waits.listening, waits.remote) == ("Listen", True, None)
    assert (bound.state, bound.listening) == ("Bound", False)
    near, silent = rows("Get-NetNeighbor, JSON")
    assert isinstance(near, Pairing)
    assert isinstance(silent, Pairing)
    assert (near.mac, near.state) == ("00:14:22:33:44:55", "Reachable")
    assert (silent.mac, silent.state) == ("", "Unreachable")


def test_lists_of_several_machines_and_of_windows_powershell() -> None:
    one = {"LocalAddress": "192.0.2.4", "LocalPort": 50124, "RemoteAddress": "203.0.113.8",
           "RemotePort": 443, "State": "Established", "OwningProcess": 7, "Name": "curl",
           "PSComputerName": "srv7"}  # fmt: skip
    udp = {"LocalAddress": "0.0.0.0", "LocalPort": 53, "OwningProcess": 9}
    told, lines = read(json.dumps({"value": [one, udp], "Count": 2}, indent=4))
    assert is_complete(told, lines)
    socket, waits = told
    assert isinstance(socket, Socket)
    assert isinstance(waits, Socket)
    assert (socket.host, socket.program, socket.state) == ("srv7", "curl", "Established")
    assert (waits.transport, waits.host) == ("udp", "")
    told, lines = read(json.dumps({"value": [one, udp | {"LocalPort": "x"}], "Count": 2}))
    assert (len(told), lines.left_out.total(), is_complete(told, lines)) == (1, 1, True)
    odds: list[object] = [None, True, -1, 1 << 70, [], {}, "x\x1b[31m", "65536"]
    for odd in odds:
        for key in one:
            text = json.dumps([one | {key: odd}])
            assert is_complete(*read(text, "powershell_json"))
