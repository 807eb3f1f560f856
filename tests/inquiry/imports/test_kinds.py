import pytest

from tests.inquiry.imports.reading import KINDS, NOON, given, is_complete, likeliest, read
from tests.inquiry.imports.samples import SAMPLES, ZEEK
from whence.inquiry.imports import _conversations, _opposite_flows
from whence.inquiry.imports._gathered import Gathered
from whence.model.reported import Altered, Lookup, Pairing, Placed, Socket, Started, Traffic


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_file_is_recognised_and_nothing_of_it_is_lost(sample: str) -> None:
    kind, count, text = SAMPLES[sample]
    rows, lines = read(text)
    assert likeliest(text) == kind
    assert (len(rows), lines.strange_lines) == (count, [])
    assert is_complete(rows, lines)


def test_every_kind_has_a_sample_and_words() -> None:
    netstats = {"windows_netstat", "linux_netstat", "ss", "lsof", "proc_net"}  # recorded ones
    assert {kind for kind, _, _ in SAMPLES.values()} | netstats == {*KINDS}
    assert all(kind.title and kind.notes for kind in KINDS.values())


@pytest.mark.parametrize(
    "text", ["hello\nworld\n", "[1, 2]", "{}", "<a/>", "1,2,3\n4,5,6\n", "\0\1"]
)
def test_what_is_nothing_of_the_kind_is_not_recognised(text: str) -> None:
    assert likeliest(text) == ""


def test_zeek_s_columns_may_stand_in_any_order() -> None:
    rows, _ = read(SAMPLES["zeek, other order"][2])
    (row,) = rows
    assert isinstance(row, Traffic)
    assert (row.source, row.source_port, row.destination_port) == ("192.0.2.4", 50124, 17777)
    assert (row.state, row.answered, row.application) == ("S0", False, "")
    assert row.first == 1_700_000_001_123_456


def test_ends_of_zeek_may_be_nested_and_small_numbers_have_exponents() -> None:
    rows, lines = read(SAMPLES["zeek json, nested"][2])
    first = rows[0]
    assert isinstance(first, Traffic)
    assert (first.source, first.source_port, first.destination_port) == ("192.0.2.4", 50124, 17777)
    assert (first.first, first.last - first.first) == (1_700_000_001_123_456, 25)
    assert lines.left_out == {"lines of other logs of Zeek": 1}


def test_another_log_of_zeek_is_not_taken_for_its_connections() -> None:
    names = ZEEK(["#fields", "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"])
    row = ZEEK(["1700000001.1", "C", "192.0.2.4", "5000", "192.0.2.53", "53", "udp", "a.example"])
    text = f"{ZEEK([names, 'proto', 'query'])}\n{row}\n"
    assert likeliest(text) == ""
    assert read(text, "zeek_conn")[0] == []


def test_ports_of_ipv6_stand_behind_a_point() -> None:
    ends = [
        (row.source, row.source_port, row.destination, row.destination_port)
        for row in read(SAMPLES["nfdump line, IPv6"][2])[0]
        if isinstance(row, Traffic)
    ]
    assert ends == [
        ("2001:db8::4:1", 50124, "2001:db8::8", 17777),
        ("fe80::1", None, "ff02::1", None),
        ("192.0.2.4", None, "203.0.113.8", None),
    ]


def test_nfdump_of_old_and_new_versions_tells_the_same() -> None:
    old, new, text = (
        read(SAMPLES[name][2])[0][0] for name in ("nfdump csv", "nfdump new csv", "nfdump line")
    )
    assert isinstance(old, Traffic)
    for other in (new, text):
        assert isinstance(other, Traffic)
        assert (old.first, old.source, old.destination_port, old.bytes_sent, old.last) == (
            other.first, other.source, other.destination_port, other.bytes_sent, other.last
        )  # fmt: skip


def test_sysmon_s_processes_have_parents_and_its_connections_processes() -> None:
    started, traffic, lookup = read(SAMPLES["sysmon"][2])[0]
    assert isinstance(started, Started)
    assert isinstance(traffic, Traffic)
    assert isinstance(lookup, Lookup)
    assert traffic.process == started
    assert started.parent
    assert started.parent.program.endswith("cmd.exe")
    assert (traffic.host, traffic.incoming, traffic.name) == ("srv7.example", False, "")
    assert (lookup.name, lookup.answers) == ("inventory.example", ("10.9.3.7",))


def test_updates_services_and_programs_are_changes() -> None:
    rows = read(SAMPLES["windows changes"][2])[0]
    told = [row.what for row in rows if isinstance(row, Altered)]
    assert told == [
        "the update KB5031356 was installed",
        "the service Inventory was installed: C:\\inv\\inv.exe",
        "the program Inventory 4.2 was installed",
    ]


def test_documents_cannot_define_entities() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        "<Event><System><Provider Name='x'/><EventID>&b;</EventID></System></Event>"
    )
    rows, lines = read(bomb, "windows_events")
    assert (rows, lines.strange_count) == ([], 1)


STATIONS = ("arp", "ip_neigh", "powershell_neighbours")


def test_stations_of_all_systems() -> None:
    for name in (name for name, (kind, _, _) in SAMPLES.items() if kind in STATIONS):
        pairs = {(r.ip, r.mac) for r in read(SAMPLES[name][2])[0] if isinstance(r, Pairing)}
        assert ("192.0.2.1", "00:14:22:03:04:05") in pairs, name


def test_who_did_not_answer_has_no_mac_address() -> None:
    for name in ("arp of Cisco IOS", "arp of NX-OS", "/proc/net/arp", "arp of OpenBSD"):
        told = {r.ip: (r.mac, r.state) for r in read(SAMPLES[name][2])[0] if isinstance(r, Pairing)}
        assert told["192.0.2.9"] == ("", "incomplete"), name
    row = "  192.0.2.7             00-00-00-00-00-00     ungültig\n"
    (pair,) = (r for r in read(SAMPLES["arp of Windows"][2] + row)[0] if r.line == 6)
    assert isinstance(pair, Pairing)
    assert (pair.mac, pair.state) == ("", "ungültig")


def test_names_and_interfaces_of_junos_are_told_apart() -> None:
    rows = [r for r in read(SAMPLES["arp of Junos"][2])[0] if isinstance(r, Pairing)]
    assert [(row.name, row.interface) for row in rows] == [
        ("", "ge-0/0/0.0"), ("", "irb.10"), ("desk", "ge-0/0/0.0"),
    ]  # fmt: skip


def test_ports_of_switches() -> None:
    rows = read(SAMPLES["mac table"][2])[0]
    first = rows[0]
    assert isinstance(first, Placed)
    assert (first.mac, first.port, first.vlan) == ("00:14:22:33:44:55", "Gi1/0/7", 10)


@pytest.mark.parametrize("heading", ["{}Recv-Q Send-Q Local Address:Port Peer Address:Port\n", ""])
@pytest.mark.parametrize("netid", ["tcp   ", ""])
def test_ss_of_one_state_has_no_column_for_it(heading: str, netid: str) -> None:
    row = f'{netid}0      0      10.0.0.5:22     10.0.0.9:51514 users:(("sshd",pid=1111,fd=3))\n'
    text = heading.format("Netid " if netid else "") + row
    rows, lines = read(text)
    assert likeliest(text) == "ss"
    assert (lines.strange_count, is_complete(rows, lines)) == (0, True)
    (socket,) = rows
    assert isinstance(socket, Socket)
    assert (socket.transport, socket.local, socket.remote_port) == ("tcp", "10.0.0.5", "51514")
    assert (socket.state, socket.pid, socket.program) == (None, 1111, "sshd")


@pytest.mark.parametrize("heading", ["", "State   ", "Netid State   "])
def test_a_heading_alone_is_that_of_a_machine_without_such_sockets(heading: str) -> None:
    text = f"{heading}Recv-Q  Send-Q  Local Address:Port  Peer Address:Port  Process\n\n"
    assert likeliest(text) == "ss"
    rows, lines = read(text)
    assert (rows, lines.strange_lines) == ([], [])
    assert likeliest(f"{text}hello\n") == ""


def test_a_socket_without_a_state_and_a_far_end_listens() -> None:
    heading = "Netid Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
    rows = read(f"{heading}tcp 0 128 0.0.0.0:22 0.0.0.0:*\nudp 0 0 0.0.0.0:68 0.0.0.0:*\n")[0]
    assert [row.listening for row in rows if isinstance(row, Socket)] == [True, False]


def test_netstat_of_linux_is_not_taken_for_ss() -> None:
    row = "tcp        0      0 10.0.0.5:22       10.0.0.9:51514     {}1111/sshd\n"
    for state, told in (("ESTABLISHED ", "ESTABLISHED"), ("FIN_WAIT1 ", "FIN_WAIT1"), ("", None)):
        text = row.format(state)
        (socket,) = read(text)[0]
        assert isinstance(socket, Socket)
        assert (likeliest(text), socket.state, socket.pid) == ("linux_netstat", told, 1111)


def test_sockets_of_icmp_are_of_a_network() -> None:
    text = (
        'icmp6 UNCONN 0      0               *:58               *:*    users:(("a",pid=8,fd=3))\n'
    )
    (row,) = read(text)[0]
    assert isinstance(row, Socket)
    assert (likeliest(text), row.transport, row.pid) == ("ss", "ipv6-icmp", 8)


def test_who_shares_a_socket_is_told() -> None:
    text = (
        'tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=7,fd=6),("nginx",pid=8,fd=6),'
        '("a \\"b\\"",pid=9,fd=1))\n'
    )
    (row,) = read(text)[0]
    assert isinstance(row, Socket)
    assert (row.pid, [pid for pid, _ in row.sharers]) == (7, [8, 9])


@pytest.mark.parametrize(
    ("source", "destination", "version", "type_"),
    [
        ("10.0.0.5:41234", "10.0.0.53:53", 3, "request"),
        ("10.0.0.53:53", "10.0.0.5:41234", 3, "response"),
        ("10.0.0.53:5353", "10.0.0.5:41234", 3, "response"),
        ("10.0.0.53:53", "10.0.0.5:41234", 1, "answer"),
        ("10.0.0.5:41234", "10.0.0.53:53", 2, "answer"),
    ],
)
def test_who_asked_is_the_client_whichever_way_the_event_goes(
    source: str, destination: str, version: int, type_: str
) -> None:
    (ip, its_port), (other, port) = source.split(":"), destination.split(":")
    (row,) = read(
        f'{{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"dns","src_ip":"{ip}",'
        f'"src_port":{its_port},"dest_ip":"{other}","dest_port":{port},"proto":"UDP",'
        f'"dns":{{"version":{version},"type":"{type_}","id":7,"rrname":"a.example",'
        '"queries":[{"rrname":"a.example","rrtype":"A"}],"answers":[{"rrname":"a.example",'
        '"rrtype":"A","rdata":"203.0.113.8"}]}}\n'
    )[0]
    assert isinstance(row, Lookup)
    assert (row.client, row.answers) == ("10.0.0.5", ("203.0.113.8",))


QUOTING = """\
    10.0.0.1 > 10.0.0.5: ICMP 203.0.113.7 tcp port 443 unreachable, length 60
\tIP (tos 0x0, ttl 64, id 1234, offset 0, flags [DF], proto TCP (6), length 60)
    10.0.0.5.41234 > 203.0.113.7.443: Flags [S], seq 1, length 0
"""
HEADER = "IP (tos 0x0, ttl 64, id 7, offset 0, flags [none], proto ICMP (1), length 84)\n"


@pytest.mark.parametrize("time", ["12:00:00.000005 ", ""])
def test_a_packet_that_an_icmp_error_quotes_was_not_seen(time: str) -> None:
    rows, lines = read(f"{time}{HEADER}{QUOTING}" * 2)
    assert likeliest(f"{time}{HEADER}{QUOTING}") == "tcpdump"
    assert [(row.transport, row.source) for row in rows if isinstance(row, Traffic)] == [
        ("icmp", "10.0.0.1")
    ] * 2
    assert (lines.strange_count, is_complete(rows, lines)) == (0, True)


def test_a_day_begins_where_the_clock_goes_back() -> None:
    text = "\n".join(
        f"{clock} IP 192.0.2.1.5 > 192.0.2.2.6: Flags [S], seq 1, length 0"
        for clock in ("23:59:59.000000", "00:00:01.000000")
    )
    first, second = (row for row in read(text)[0] if isinstance(row, Traffic))
    assert second.first - first.first == 2_000_000


def test_conversations_that_are_silent_longest_are_written_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_conversations, "MOST", 2)
    monkeypatch.setattr(_conversations, "GIVEN_UP", 1)
    rows, _ = read(
        "\n".join(
            f"09:30:00.00000{n} IP 192.0.2.1.{port} > 192.0.2.2.6: Flags [{flags}], seq 1, length 0"
            for n, (port, flags) in enumerate([(1, "S"), (2, "S"), (1, "."), (3, "S"), (1, ".")])
        )
    )
    gathered = Gathered("0" * 10, given(), lambda: "srv7", lambda name, transport: None)
    written = [put for row in rows for _, put in gathered.take(row)]
    assert [put[4] for put in written] == [2]  # port 1 spoke since
    written += [put for _, put in gathered.finish()]
    assert [(put[4], put[11]) for put in written] == [(2, 1), (3, 1), (1, 3)]
    assert gathered.connections == 3


def test_fields_of_lsof_tell_the_same_with_other_ends() -> None:
    for name, transport in (("lsof -F", "tcp"), ("lsof -F0", "tcp"), ("lsof -F pcn", "")):
        row = read(SAMPLES[name][2])[0][0]
        assert isinstance(row, Socket)
        assert (row.pid, row.program, row.transport) == (4711, "inv", transport), name
        assert (row.remote, row.remote_port) == ("203.0.113.8", "443"), name


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("LISTEN      0          12345      1234/nginx: worker (1) off (0.00/0/0)",
         ("LISTEN", 1234, "nginx: worker (1)", "0")),
        ("ESTABLISHED 1234/sshd: anna [priv]   keepalive (71.35/0/0)",
         ("ESTABLISHED", 1234, "sshd: anna [priv]", "")),
        ("VERBUNDEN   33         0          -                    timewait (30.1/0/0)",
         ("VERBUNDEN", None, None, "33")),
        ("TIME_WAIT   -", ("TIME_WAIT", None, None, "")),
    ],
)  # fmt: skip
def test_netstat_of_linux_names_programs_of_several_words(
    rest: str, told: tuple[str, int | None, str | None, str]
) -> None:
    row = read(f"tcp        0      0 10.0.0.5:80       10.0.0.9:51514     {rest}\n")[0][0]
    assert isinstance(row, Socket)
    assert (row.state, row.pid, row.program, row.user) == told


def test_the_user_of_a_socket_is_not_its_state() -> None:
    row = read("udp   0   0 0.0.0.0:68   0.0.0.0:*    anna       12350      700/dhclient\n")[0][0]
    assert isinstance(row, Socket)
    assert (row.state, row.user, row.program) == (None, "anna", "dhclient")


ANY = """\
12:00:00.000001 eth1  In  IP 10.0.0.9.51514 > 203.0.113.5.80: Flags [S], seq 1, length 0
12:00:00.000011 eth0  Out IP 10.0.0.9.51514 > 203.0.113.5.80: Flags [S], seq 1, length 0
12:00:00.100001 eth0  In  IP 203.0.113.5.80 > 10.0.0.9.51514: Flags [S.], seq 7, length 0
12:00:00.100011 eth1  Out IP 203.0.113.5.80 > 10.0.0.9.51514: Flags [S.], seq 7, length 0
12:00:00.200001 eth1  In  IP 10.0.0.9.51514 > 203.0.113.5.80: Flags [P.], seq 1:101, length 100
12:00:00.200011 eth0  Out IP 10.0.0.9.51514 > 203.0.113.5.80: Flags [P.], seq 1:101, length 100
12:00:00.300001 eth1  In  IP 10.0.0.9.51514 > 203.0.113.5.80: Flags [P.], seq 101:131, length 30
"""


def test_a_packet_that_passes_several_interfaces_is_counted_once() -> None:
    rows, _ = read(ANY)
    assert [row.interface for row in rows if isinstance(row, Traffic)][:2] == [
        "eth1 In",
        "eth0 Out",
    ]
    gathered = Gathered("0" * 10, given(), lambda: "fw01", lambda name, transport: None)
    assert [one for row in rows for one in gathered.take(row)] == []
    ((_, put),) = gathered.finish()
    assert put[3:7] == ("10.0.0.9", 51514, "203.0.113.5", 80)
    assert put[9:14] == (1, 130, 3, 0, 1)  # calls; bytes and packets there, and back
    assert gathered.left_out == {
        "packets that another interface saw, too: they are counted once": 3
    }


@pytest.mark.parametrize("form", ["table", "list", "CSV"])
def test_sockets_of_powershell_tell_the_same_in_each_form(form: str) -> None:
    rows = read(SAMPLES[f"Get-NetTCPConnection, {form}"][2])[0]
    (row,) = (one for one in rows if isinstance(one, Socket) and one.state == "SynSent")
    assert (row.transport, row.local_port, row.remote) == ("tcp", "50124", "203.0.113.8")
    assert (row.remote_port, row.pid, row.listening) == ("17777", 4711, False)


def test_which_sockets_of_powershell_listen() -> None:
    rows = read(SAMPLES["Get-NetTCPConnection, table"][2])[0]
    listening = [row.listening for row in rows if isinstance(row, Socket)]
    assert listening == [True, False, False]
    udp = read(SAMPLES["Get-NetTCPConnection, list"][2])[0][1]
    assert isinstance(udp, Socket)
    assert (udp.transport, udp.local_port, udp.remote) == ("udp", "123", None)


def test_leases_of_windows_tell_the_same_in_each_form() -> None:
    for name in ("netsh dhcp", "Get-DhcpServerv4Lease, table", "Get-DhcpServerv4Lease, list"):
        told = {r.ip: (r.mac, r.name) for r in read(SAMPLES[name][2])[0] if isinstance(r, Pairing)}
        assert told["192.0.2.10"][0] == "00:14:22:33:44:55", name
        assert told["192.0.2.10"][1].partition(".")[0] == "PC", name  # it may be cut off
    states = [r.state for r in read(SAMPLES["netsh dhcp"][2])[0] if isinstance(r, Pairing)]
    assert states == ["active", "active", "expired"]


def test_netstat_of_bsd_and_solaris_has_ports_behind_points() -> None:
    for system, pid, program in (
        ("macOS", 4711, "Acme Inventory"),
        ("FreeBSD", None, None),
        ("Solaris", 4711, "/opt/inv/inv scan"),
    ):
        rows = [
            row for row in read(SAMPLES[f"netstat of {system}"][2])[0] if isinstance(row, Socket)
        ]
        (row,) = (row for row in rows if row.state == "SYN_SENT")
        assert (row.transport, row.local, row.local_port) == ("tcp", "192.0.2.4", "50124"), system
        assert (row.remote, row.remote_port) == ("203.0.113.8", "17777"), system
        assert (row.pid, row.program, row.look) == (pid, program, 0), system
        assert sum(row.listening for row in rows) == 1, system


def test_addresses_that_netstat_may_have_cut_short_are_left_out() -> None:
    _, lines = read(SAMPLES["netstat of FreeBSD"][2])
    assert lines.left_out == {"addresses that netstat cut short (without -W)": 1}


def test_netstat_of_a_bsd_is_not_taken_for_that_of_linux() -> None:
    row = "tcp6       0      0  2001:db8::4:1.50125    2001:db8::8:1.443      ESTABLISHED\n"
    assert likeliest(row) == "bsd_netstat"
    assert read(row, "linux_netstat")[0] == []
    (first, second) = read(f"Active Internet connections\n{row}" * 2)[0]
    assert isinstance(first, Socket)
    assert isinstance(second, Socket)
    assert (first.local, first.look, second.look) == ("2001:db8::4:1", 0, 1)


def test_what_a_flow_held_is_told_with_it_and_counted_once() -> None:
    ends = (
        '{{"timestamp":"2026-11-17T09:30:00.1+0100","flow_id":{flow},"event_type":"{type}",'
        '"src_ip":"10.0.0.5","src_port":41234,"dest_ip":"203.0.113.8","dest_port":443,'
        '"proto":"TCP",{more}}}\n'
    )
    text = "".join(
        ends.format(flow=flow, type=type_, more=more)
        for flow, type_, more in (
            (1, "tls", '"tls":{"sni":"a.example"}'),
            (2, "http", '"http":{"hostname":"b.example","url":"/"}'),
            (2, "http", '"http":{"hostname":"b.example","url":"/x"}'),
            (1, "flow", '"flow":{"pkts_toserver":3,"pkts_toclient":2,"state":"closed"}'),
        )
    )
    rows, lines = read(text)
    told = [(row.line, row.name, row.packets_sent) for row in rows if isinstance(row, Traffic)]
    assert told == [(4, "a.example", 3), (2, "b.example", 0)]
    assert is_complete(rows, lines)
    gathered = Gathered("0" * 10, given(), lambda: "ids", lambda name, transport: None)
    puts = [put for row in rows for _, put in gathered.take(row)]
    assert [put[4] for put in puts if "asked" in str(put[-1])] == ["a.example", "b.example"]


def test_a_lease_without_a_mac_address_does_not_say_that_nobody_answers() -> None:
    text = "IPAddress,ClientId,AddressState\n192.0.2.7,ff-00-01,Active\n"
    (pair,) = read(text)[0]
    assert isinstance(pair, Pairing)
    assert (pair.mac, pair.state) == ("", "")


@pytest.mark.parametrize(
    ("table", "interfaces"),
    [
        ("arp-routeros", ["bridge", "bridge"]),
        ("arp-panos", ["ethernet1/1", "ethernet1/2"]),
        ("arp-fortigate", ["port1", "port2"]),
        ("arp-vrp", ["Vlanif10", "GE0/0/1"]),
        ("arp-comware", ["GE1/0/1"]),
        ("arp-procurve", ["24"]),
        ("arp-solaris", ["net0", "net0"]),
    ],
)
def test_interfaces_of_arp_tables(table: str, interfaces: list[str]) -> None:
    rows = [row for row in read(SAMPLES[table][2])[0] if isinstance(row, Pairing)]
    assert [row.interface for row in rows] == interfaces


SS = "State  Recv-Q Send-Q Local Address:Port  Peer Address:Port\n"
CONNECTED = "ESTAB  0      0          10.0.0.5:40000    10.0.0.9:17777\n"


@pytest.mark.parametrize(
    ("others", "transport"),
    [
        ("", "tcp"),
        ("UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\n", "udp"),
        ("TIME-WAIT 0 0 10.0.0.5:40001 10.0.0.9:17777\n", "tcp"),
        ("`- ESTAB     0      0      10.0.0.5%eth0:40000    10.0.0.9:17777\n", "sctp"),
    ],
)
def test_which_protocol_ss_tells_of_without_a_column_for_it(others: str, transport: str) -> None:
    for text in (f"{SS}{CONNECTED}{others}", f"{SS}{others}{CONNECTED}"):
        if others.startswith("`") and text.index("`") < text.index("ESTAB  "):
            continue  # a path follows its association
        rows, lines = read(text)
        told = {row.remote_port: row.transport for row in rows if isinstance(row, Socket)}
        assert told["17777"] == transport
        assert (lines.strange_count, is_complete(rows, lines)) == (0, True)


@pytest.mark.parametrize(
    ("around", "transport"),
    [("GREv0, length 88: ", "gre"), ("", "4"), ("GREv0, key=0x1, length 88: ", "gre")],
)
def test_a_packet_within_another_does_not_say_what_the_other_is(
    around: str, transport: str
) -> None:
    inside = "IP 192.168.7.5.51514 > 192.168.7.9.81: Flags [S], seq 1, length 0"
    (row,) = read(f"12:00:00.000002 IP 10.0.0.1 > 10.0.0.2: {around}{inside}\n")[0]
    assert isinstance(row, Traffic)
    assert (row.transport, row.source, row.destination) == (transport, "10.0.0.1", "10.0.0.2")
    assert row.flags == ""


def test_sysmon_of_linux_is_read_as_that_of_windows() -> None:
    text = SAMPLES["sysmon"][2].replace("Microsoft-Windows-Sysmon", "Linux-Sysmon")
    assert [type(row) for row in read(text)[0]] == [Started, Traffic, Lookup]


FLOWS = """\
ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt
2026-11-17 09:30:00.020,2026-11-17 09:30:01.510,1.490,203.0.113.8,10.0.0.9,443,51514,TCP,.AP.SF,0,0,10,5120
2026-11-17 09:30:00.000,2026-11-17 09:30:01.500,1.500,10.0.0.9,203.0.113.8,51514,443,TCP,.AP.SF,0,0,12,1412
2026-11-17 09:31:00.000,2026-11-17 09:31:00.000,0.000,10.0.0.53,10.0.0.9,53,40000,UDP,......,0,0,1,120
2026-11-17 09:31:00.000,2026-11-17 09:31:00.000,0.000,10.0.0.9,10.0.0.53,40000,53,UDP,......,0,0,1,60
2026-11-17 09:40:00.000,2026-11-17 09:40:03.000,3.000,10.0.0.9,203.0.113.8,51515,17777,TCP,....S.,0,0,3,180
2026-11-17 09:59:00.000,2026-11-17 09:59:03.000,3.000,203.0.113.8,10.0.0.9,17777,51515,TCP,....S.,0,0,3,180
"""  # noqa: E501


def test_the_answer_to_a_flow_is_no_call_of_its_own() -> None:
    gathered = Gathered("0" * 10, given(), lambda: "", lambda name, transport: None)
    puts = [put for row in read(FLOWS)[0] for _, put in gathered.take(row)]
    puts += [put for _, put in gathered.finish()]
    assert [(put[0], *put[3:7], *put[10:14], put[17]) for put in puts] == [
        (3, "10.0.0.9", 51514, "203.0.113.8", 443, 1412, 12, 5120, 10, True),
        (5, "10.0.0.9", 40000, "10.0.0.53", 53, 60, 1, 120, 1, True),
        (6, "10.0.0.9", 51515, "203.0.113.8", 17777, 180, 3, 0, 0, None),
        (7, "203.0.113.8", 17777, "10.0.0.9", 51515, 180, 3, 0, 0, None),  # long after
    ]


def test_flows_that_wait_longest_are_told_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_opposite_flows, "MOST", 2)
    monkeypatch.setattr(_opposite_flows, "GIVEN_UP", 1)
    flows = _opposite_flows.OppositeFlows()
    rows = [row for row in read(FLOWS)[0][::2] if isinstance(row, Traffic)]
    assert [row.line for one in rows for row in flows.take(one)] == [2]
    assert [row.line for row in flows.end()] == [4, 6]


def test_addresses_that_netstat_of_linux_may_have_cut_short_are_left_out() -> None:
    row = "tcp6       0      0 {:23} 2001:db8::9:443         ESTABLISHED 4711/inv\n"
    for end in ("2001:db8::1234:56:50123", "::ffff:10.20.30.4:50123"):
        rows, lines = read(row.format(end))
        assert rows == []
        assert lines.left_out == {"addresses that netstat cut short (without -W)": 1}
    rows, lines = read(row.format("2001:db8::1234:5678:9:50123") + row.format(end))
    assert (len(rows), lines.left_out.total()) == (2, 0)  # with -W


@pytest.mark.parametrize(
    ("seconds", "told"),
    [((0, 2, 3, 3), (0, 2, 3, 3)), ((0, 2, 1, 3), (0, 2, 3, 6))],  # -ttttt, -ttt
)
def test_times_of_tcpdump_count_from_the_first_packet_or_the_last(
    seconds: tuple[int, ...], told: tuple[int, ...]
) -> None:
    packet = " 00:00:0{}.000000 IP 10.0.0.9.51514 > 10.0.0.5.80: Flags [S], seq 1, length 0\n"
    rows = read("".join(packet.format(second) for second in seconds))[0]
    times = tuple((row.first - NOON) // 10**6 for row in rows if isinstance(row, Traffic))
    assert times == told


def test_of_several_leases_of_an_address_the_last_is_true() -> None:
    lease = (
        "lease 192.0.2.10 {{\n  binding state {};\n"
        '  hardware ethernet 00:14:22:03:04:0{};\n  client-hostname "{}";\n}}\n'
    )
    text = lease.format("active", 5, "old") + lease.format("free", 5, "old")
    rows, lines = read(text + lease.format("active", 6, "new"))
    (pair,) = rows
    assert isinstance(pair, Pairing)
    assert (pair.mac, pair.name, pair.line) == ("00:14:22:03:04:06", "new", 11)
    assert lines.left_out == {"leases of addresses that were leased again later": 2}


def test_sockets_of_sockstat_have_users_and_programs() -> None:
    rows = [row for row in read(SAMPLES["sockstat"][2])[0] if isinstance(row, Socket)]
    assert [(row.pid, row.program, row.user, row.listening) for row in rows] == [
        (1234, "sshd", "root", False), (900, "nginx", "www", True), (600, "syslogd", "root", False),
        (4711, "Acme Inv", "inv", False), (None, None, "", False),
    ]  # fmt: skip
    assert (rows[4].local, rows[4].remote_port) == ("2001:db8::4", "17777")


@pytest.mark.parametrize(
    "more",
    [
        '"direction":"to_client"',
        '"flow":{"src_ip":"10.0.0.5","src_port":41234,"dest_ip":"203.0.113.8","dest_port":443}',
    ],
)
def test_an_alert_about_an_answer_does_not_say_that_the_server_called(more: str) -> None:
    (row,) = read(
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"alert","src_ip":"203.0.113.8",'
        '"src_port":443,"dest_ip":"10.0.0.5","dest_port":41234,"proto":"TCP",'
        f'"alert":{{"signature":"odd"}},{more}}}\n'
    )[0]
    assert isinstance(row, Traffic)
    assert (row.source, row.source_port) == ("10.0.0.5", 41234)
    assert (row.destination, row.destination_port, row.detail) == ("203.0.113.8", 443, "odd")


@pytest.mark.parametrize("clock", ["09:30:²²", "09:30:99", "09:30:٣٣", "09:30:05.²"])
def test_a_time_of_day_that_is_none_is_not_understood(clock: str) -> None:
    text = SAMPLES["pfirewall"][2]
    rows, lines = read(text.replace("09:30:00", clock), "windows_firewall")
    assert rows == []
    assert lines.strange_count == 1
