"""Captures from files to words, as a user types it."""

import csv
import gzip
import json
import re
import shlex
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from tests.frames import (
    INCOMING,
    MAC,
    NOON,
    OUTGOING,
    Frame,
    arp,
    conversation,
    dns_answer,
    ethernet,
    ipv4,
    udp,
    write_pcap,
    write_pcapng,
)

GHOST = "203.0.113.62"
SITE = ("--internal", "192.0.2.0/24")


@pytest.fixture
def office(tmp_path: Path) -> str:
    """Forty neighbours at work, and one that shouts at an address that is not there."""
    frames = [
        frame
        for n in range(20, 60)
        for frame in conversation(f"192.0.2.{n}", "198.51.100.7", (40000 + n, 443), NOON + n)
    ]
    frames += [
        Frame(NOON + 0.1 * n, ethernet(udp("192.0.2.9", GHOST, (40000, 514)))) for n in range(1000)
    ]
    frames.append(
        Frame(NOON, ethernet(dns_answer("192.0.2.9", "192.0.2.2", "old-log.example.org", GHOST)))
    )
    frames.sort(key=lambda frame: frame.seconds)
    return str(write_pcap(tmp_path / "office.pcap", frames))


@pytest.fixture
def firewall(tmp_path: Path) -> str:
    """A firewall that passes one thing on, and makes another itself."""

    def through(at: float) -> list[Frame]:
        packet = ("192.0.2.9", "198.51.100.7", (40000, 123))
        return [
            Frame(at, ethernet(udp(*packet, ttl=64)), 0, INCOMING),
            Frame(at + 0.0001, ethernet(udp(*packet, ttl=63)), 1, OUTGOING),
        ]  # fmt: skip

    own = [Frame(NOON + n, ethernet(udp("192.0.2.1", GHOST, (5000, 514))), 1, OUTGOING)
           for n in range(5)]  # fmt: skip
    frames = sorted(through(NOON) + through(NOON + 2) + own, key=lambda frame: frame.seconds)
    return str(write_pcapng(tmp_path / "firewall.pcapng", frames, ["lan0", "wan0"]))


def test_a_table_of_flows(whence: Whence, office: str) -> None:
    status, out, _ = whence("flows", office)
    assert status == 0
    assert len(out.splitlines()) == 1 + 40 + 1 + 1
    shout = next(line for line in out.splitlines() if "192.0.2.9:40000" in line)
    assert f"{GHOST}:514" in shout
    assert "1,000 ↔ 0" in shout


def test_flows_as_documents(whence: Whence, office: str) -> None:
    _, out, _ = whence("flows", office, "--json", "--filter", "tcp and host 192.0.2.20")
    [flow] = [json.loads(line) for line in out.splitlines()]
    assert flow["source"]["ip"] == "192.0.2.20"
    assert flow["destination"] | {"port": 443} == flow["destination"]
    assert flow["network"]["transport"] == "tcp"
    assert flow["whence"]["state"] == "SF"
    assert flow["source"]["mac"] == MAC.upper().replace(":", "-")
    assert flow["event"]["start"] == "2026-11-18T12:00:20.000000Z"


def test_flows_as_csv(whence: Whence, office: str) -> None:
    _, out, _ = whence("flows", office, "--csv")
    rows = [*csv.DictReader(out.splitlines())]
    assert len(rows) == 42
    assert {row["source_ip"] for row in rows} >= {"192.0.2.9", "192.0.2.20"}


def test_the_loud_one_comes_first(whence: Whence, office: str) -> None:
    status, out, _ = whence("talkers", office, *SITE)
    assert status == 0
    assert out.startswith(
        "192.0.2.9 is 200 times louder than the median of its 41 neighbours: "
        "1,000 packets in 100 s, 100 % of them to 203.0.113.62 port 514/udp, which never answered."
    )


def test_the_loud_one_is_marked_where_a_server_sends_more(whence: Whence, tmp_path: Path) -> None:
    frames = [
        Frame(NOON + n / 10, ethernet(udp("192.0.2.9", GHOST, (40000, 514)))) for n in range(300)
    ]
    for n in range(20, 60):
        frames += conversation(f"192.0.2.{n}", "192.0.2.80", (40000 + n, 443), NOON + n / 10)
        frames += [
            Frame(NOON + 5, ethernet(udp("192.0.2.80", f"192.0.2.{n}", (443, 40000))))
        ] * 20  # fmt: skip
    frames.sort(key=lambda frame: frame.seconds)
    file = str(write_pcap(tmp_path / "server.pcap", frames))
    _, out, _ = whence("talkers", file, *SITE)
    assert out.startswith("192.0.2.9 is ")
    [marked] = [line for line in out.splitlines() if line.endswith("← named above")]
    assert marked.startswith("192.0.2.9 ")
    assert out.index("\n192.0.2.80 ") < out.index(marked)


@pytest.mark.parametrize("how", [(), ("--over-time",)])
def test_nobody_answers_icmp_errors(whence: Whence, tmp_path: Path, how: tuple[str, ...]) -> None:
    quoted = udp("192.0.2.9", GHOST, (40000, 514))[:28]
    frames = [
        Frame(NOON + n, ethernet(ipv4("192.0.2.1", "192.0.2.9", 1, bytes([3, n % 2]) + bytes(6)
                                      + quoted)))
        for n in range(20)
    ]  # fmt: skip
    file = str(write_pcap(tmp_path / "router.pcap", frames))
    said = whence("talkers", file, *how)[1].splitlines()[0]
    assert "20 packets in 19 s, 100 % of them to 192.0.2.9 by icmp;" in said


@pytest.mark.parametrize("command", ["flows", "talkers", "findings"])
def test_encrypted_frames_are_said(whence: Whence, tmp_path: Path, command: str) -> None:
    macsec = ethernet(udp("192.0.2.9", GHOST, (40000, 514)))[:12] + b"\x88\xe5" + b"\x07" * 60
    file = str(write_pcap(tmp_path / "macsec.pcap", [Frame(NOON, macsec)] * 3))
    said = whence(command, file)[2]
    assert "3 frames are encrypted (802.11 or MACsec): what is in them cannot be told" in said


def test_talkers_as_documents(whence: Whence, office: str) -> None:
    _, out, _ = whence("talkers", office, *SITE, "--json", "--over-time")
    first = json.loads(out.splitlines()[0])
    assert first["source"]["ip"] == "192.0.2.9"
    assert first["whence"]["times_median"] == 200
    assert sum(first["whence"]["over_time"]["sent"]) == pytest.approx(1000)


def test_which_way_it_goes(whence: Whence, firewall: str) -> None:
    assert "192.0.2.1 → 203.0.113.62 port 514/udp starts here" in whence("path", GHOST, firewall)[1]
    passing = whence("path", "198.51.100.7:123", firewall)[1]
    assert "passes through: in by lan0, out by wan0" in passing
    assert "the TTL goes from 64 to 63: it is routed" in passing


def test_a_packet_that_passes_is_counted_once(whence: Whence, firewall: str) -> None:
    _, out, _ = whence("talkers", firewall, "--by", "pair", "--json")
    counted = {doc["destination"]["ip"]: doc["network"]["packets"]
               for doc in map(json.loads, out.splitlines())}  # fmt: skip
    assert counted == {GHOST: 5, "198.51.100.7": 2}


def test_names_stand_beside_addresses(whence: Whence, office: str) -> None:
    assert "(old-log.example.org)" in whence("flows", office)[1]
    assert "[old-log.example.org]" in whence("findings", office)[1]
    assert "old-log.example.org" in whence("talkers", office, "--by", "pair")[1]


def test_a_target_by_the_name_that_the_capture_knows(whence: Whence, office: str) -> None:
    assert GHOST in whence("path", "old-log.example.org", office)[1]


def test_a_target_by_a_name_that_it_does_not_know(whence: Whence, office: str) -> None:
    status, _, err = whence("path", "unknown.example.org", office)
    assert status == 65
    assert "do not say which address" in err


def test_a_ghost_is_found(whence: Whence, office: str) -> None:
    status, out, _ = whence("findings", office, *SITE)
    assert status == 0
    assert "192.0.2.9 calls 203.0.113.62 port 514/udp and never gets an answer" in out
    hint = out.partition("not checked: first-contacts  → ")[2]
    option, moment = shlex.split(hint)
    assert option == "--known-until"
    assert NOON < datetime.fromisoformat(moment).timestamp() < NOON + 86_400
    known = whence("findings", office, *SITE, option, moment)[1]
    assert "not checked" not in known


def test_a_mirror_that_copies_each_packet_twice_is_said(whence: Whence, tmp_path: Path) -> None:
    frames = [
        frame
        for n in range(12)
        for frame in conversation("192.0.2.9", "203.0.113.80", (40000 + n, 443), NOON + n)
    ]
    _, _, errors = whence("findings", str(write_pcap(tmp_path / "once.pcap", frames)))
    assert "twice" not in errors
    twice = [copy for frame in frames for copy in (frame, frame)]
    _, _, errors = whence("findings", str(write_pcap(tmp_path / "twice.pcap", twice)))
    assert "12 of 12 connections begin so" in errors


def test_one_kind_alone(whence: Whence, office: str) -> None:
    status, out, _ = whence("findings", office, "--only", "scans")
    assert (status, out) == (1, "nothing found: scans\n")
    assert whence("findings", office, "--only", "nonsense")[0] == 2


def test_a_neighbour_that_nobody_is(whence: Whence, tmp_path: Path) -> None:
    asks = [Frame(NOON + n, arp(1, (MAC, "192.0.2.9"), ("00:00:00:00:00:00", "192.0.2.77")))
            for n in range(30)]  # fmt: skip
    file = write_pcap(tmp_path / "arp.pcap", asks)
    _, out, _ = whence("findings", str(file), "--only", "unanswered-arp", "--json")
    assert "192.0.2.9 looks for 192.0.2.77 by ARP 30 times" in json.loads(out)["whence"]["sentence"]


def test_nothing_but_arp_is_not_silence(whence: Whence, tmp_path: Path) -> None:
    asks = [Frame(NOON + n, arp(1, (MAC, "192.0.2.9"), ("00:00:00:00:00:00", "192.0.2.77")))
            for n in range(30)]  # fmt: skip
    _, out, _ = whence("talkers", str(write_pcap(tmp_path / "arp.pcap", asks)))
    assert out.strip() == "There is no IP traffic in it."


def test_only_a_span_of_time(whence: Whence, office: str) -> None:
    _, out, _ = whence("flows", office, "--json", "--until", "2026-11-18T12:00:19.5Z")
    assert {json.loads(line)["destination"]["ip"] for line in out.splitlines()} == {
        GHOST,
        "192.0.2.2",
    }


def test_a_packed_capture(whence: Whence, office: str) -> None:
    packed = Path(office).with_suffix(".pcap.gz")
    packed.write_bytes(gzip.compress(Path(office).read_bytes()))
    assert whence("flows", str(packed))[1].count("\n") == 43


def test_no_such_file(whence: Whence) -> None:
    status, out, err = whence("flows", "/no/such/file.pcap")
    assert status == 65
    assert not out
    assert "there is no file /no/such/file.pcap" in err
    assert "Traceback" not in err


def test_a_file_that_is_no_capture(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all, " * 100)
    status, out, err = whence("talkers", str(tmp_path / "letter.txt"))
    assert (status, out) == (65, "")
    assert "letter.txt" in err


def test_a_damaged_capture_is_shown_as_far_as_it_goes(whence: Whence, office: str) -> None:
    damaged = Path(office)
    damaged.write_bytes(damaged.read_bytes()[:5000])
    status, out, err = whence("flows", office)
    assert status == 0
    assert "192.0.2.9:40000" in out
    assert "office.pcap" in err
    assert "stop" in err


def test_a_filter_that_is_none(whence: Whence, office: str) -> None:
    status, _, err = whence("flows", office, "--filter", "port and and")
    assert status in (2, 65)
    assert "port and and" in err


def test_a_filter_that_nothing_passes(whence: Whence, office: str) -> None:
    status, _, err = whence("flows", office, "--filter", "host 192.0.2.250")
    assert (status, err) == (1, "There are no flows in it.\n")
    assert whence("talkers", office, "--filter", "host 192.0.2.250")[0] == 1


EVIL = "=evil\x1b]0;x\x07\x9b31m\u202e\u2066"
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """A capture in which DNS, and a server that is asked by HTTP, have names that would steer."""
    call = ("192.0.2.9", GHOST, (40000, 80))
    asked = f"GET / HTTP/1.1\r\nHost: {EVIL}\r\n\r\n".encode()
    frames = [
        *conversation(*call, NOON, asked),
        Frame(NOON + 1, ethernet(dns_answer("192.0.2.9", "192.0.2.2", EVIL, GHOST))),
        *(Frame(NOON + n, ethernet(udp("192.0.2.9", GHOST, (1, 2)))) for n in range(2, 9)),
    ]
    return str(write_pcap(tmp_path / "evil.pcap", frames))


@pytest.mark.parametrize(
    "words",
    ["flows", "flows --csv", "flows --json", "talkers", "talkers --by pair", "talkers --json",
     "findings", "findings --json", f"path {GHOST}", f"path {GHOST} --json"],
)  # fmt: skip
def test_a_hostile_name_cannot_steer_the_terminal(whence: Whence, hostile: str, words: str) -> None:
    _, out, err = whence(*words.split(), hostile)
    assert not STEERS.search(out.rstrip("\n") + err)
    # The table of flows as CSV has no column for it.
    assert "evil" in out or "--csv" in words


def test_even_if_the_native_part_let_it_through(
    whence: Whence, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = {GHOST: EVIL, "192.0.2.9": EVIL}
    monkeypatch.setattr("whence.api.loudness.names_of", lambda tables: evil)
    monkeypatch.setattr("whence.api.flow_lines.best_names", lambda said: evil)
    monkeypatch.setattr("whence.analysis.captured_sums.best_names", lambda told: evil)
    for words in ("flows", "talkers", "talkers --by pair", "findings", f"path {GHOST}",
                  "flows --json", "talkers --json", "findings --json"):  # fmt: skip
        _, out, err = whence(*words.split(), office)
        assert "evil" in out
        assert not STEERS.search(out + err)


def test_talkers_wants_captures_or_an_interface(whence: Whence, office: str) -> None:
    assert whence("talkers")[0] == 2
    assert whence("talkers", office, "-i", "eth0")[0] == 2


def test_a_capture_becomes_part_of_a_case(whence: Whence, firewall: str) -> None:
    status, out, _ = whence(f"{GHOST}:514", "--read", firewall)
    assert status == 1  # no process was seen
    assert "it was captured, and starts here" in out
    assert "5 packets, never answered" in out
    assert "192.0.2.1 → 203.0.113.62 port 514/udp starts here" in whence("show", "E1")[1]
    assert whence("case", "replay")[::2] == (0, "the replay came to the same facts\n")


def test_standard_input_is_read_too(office: str) -> None:
    whence = Path(sys.executable).with_name("whence")
    with Path(office).open("rb") as file:
        done = subprocess.run([whence, "flows", "-"], stdin=file, capture_output=True, check=True)
    assert done.stdout.count(b"\n") == 43
    assert done.stderr == b""  # no progress where there is no terminal


@pytest.fixture
def busy() -> list[Frame]:
    """A flow that goes on for two hundred seconds, and a connection every ten."""
    frames = [
        Frame(NOON + n, ethernet(udp("192.0.2.9", GHOST, (40000, 514), b"%d" % n)))
        for n in range(200)
    ]
    for n in range(20):
        frames += conversation("192.0.2.9", "198.51.100.7", (41000 + n, 443), NOON + 10 * n + 0.5)
    return sorted(frames, key=lambda frame: frame.seconds)


def later(frames: list[Frame], seconds: float) -> list[Frame]:
    return [replace(frame, seconds=frame.seconds + seconds) for frame in frames]


def amounts(flows: str) -> dict[int, tuple[int, int]]:
    """Give how many rows and packets each destination port has."""
    found: dict[int, tuple[int, int]] = {}
    for flow in map(json.loads, flows.splitlines()):
        rows, packets = found.get(flow["destination"]["port"], (0, 0))
        sent = flow["source"]["packets"] + flow["destination"]["packets"]
        found[flow["destination"]["port"]] = (rows + 1, packets + sent)
    return found


@pytest.mark.parametrize("apart", [0, 0.00003])
def test_what_two_files_have_both_is_counted_once(
    whence: Whence, tmp_path: Path, busy: list[Frame], apart: float
) -> None:
    first = str(write_pcap(tmp_path / "a.pcap", busy[:234]))
    second = str(write_pcap(tmp_path / "b.pcap", later(busy[126:], apart)))
    both = 234 - 126
    for files in ((first, second), (second, first)):
        _, out, err = whence("flows", "--json", *files)
        assert amounts(out) == {514: (2, 200), 443: (20, 160)}
        assert f"{files[1]}: {both} packets left out, from 2026-11-18 12:01:" in err
        _, out, err = whence("talkers", "--by", "port", "--json", *files)
        counted = {doc["whence"]["name"]: doc["network"]["packets"]
                   for doc in map(json.loads, out.splitlines())}  # fmt: skip
        assert counted == {"514/udp": 200, "443/tcp": 160}
        assert f"{both} packets left out" in err


def test_what_one_of_two_tools_lost_is_taken_from_the_other(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    first = write_pcap(tmp_path / "a.pcap", [*busy[:150], *busy[170:234]])
    second = write_pcap(tmp_path / "b.pcap", [*busy[126:200], *busy[210:]])
    _, out, _ = whence("flows", "--json", str(first), str(second))
    assert sum(packets for _, packets in amounts(out).values()) == 360


def test_two_places_at_the_same_time_keep_what_they_saw(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    first = str(write_pcap(tmp_path / "a.pcap", busy[:234]))
    second = str(write_pcap(tmp_path / "b.pcap", later(busy[126:], 0.005)))
    _, out, err = whence("flows", "--json", first, second)
    assert sum(packets for _, packets in amounts(out).values()) == 234 + 234
    assert not err
    lan, wan = (write_pcapng(tmp_path / f"{name}.pcapng", frames, [name])
                for name, frames in (("lan0", busy[:234]), ("wan0", busy[126:])))  # fmt: skip
    _, out, err = whence("flows", "--json", str(lan), str(wan))
    assert sum(packets for _, packets in amounts(out).values()) == 234 + 234
    assert not err


def test_files_that_overlap_and_cannot_be_read_again(tmp_path: Path, busy: list[Frame]) -> None:
    first = write_pcap(tmp_path / "a.pcap", busy[:234])
    second = write_pcap(tmp_path / "b.pcap", busy[126:])
    whence = Path(sys.executable).with_name("whence")
    with second.open("rb") as file:
        done = subprocess.run(
            [whence, "talkers", first, "-"], stdin=file, capture_output=True, check=True
        )
    assert re.search(rf"{first} and - overlap by 59 s, from .* may be counted twice",
                     done.stderr.decode())  # fmt: skip


def test_a_clock_that_was_set_back_is_said(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    frames = [*busy, *later(busy, -3600)]
    file = str(write_pcap(tmp_path / "back.pcap", frames))
    back = (
        "time goes back by 63.3 min at packet 361, from 2026-11-18 12:03:19 to 2026-11-18 11:00:00"
    )
    for words in ("talkers", "talkers --by pair", "talkers --over-time", "flows", "findings"):
        _, out, err = whence(*words.split(), file)
        assert f"whence: {file}: {back} UTC" in err
        assert "twice" not in err
    _, out, _ = whence("talkers", file)
    assert "720 packets" not in out.splitlines()[0]
    assert " in 6.63 min" in out.splitlines()[0]
    assert "captured for 7 min: time stamps go back in it" in out
    _, out, _ = whence("talkers", file, "--over-time")
    assert "│ parts stretches between which the clock was set back" in out
    assert "begin at 2026-11-18 12:00:00 and 2026-11-18 11:00:00 UTC" in out
    rows = map(json.loads, whence("talkers", file, "--over-time", "--json")[1].splitlines())
    [server] = [row["whence"]["over_time"] for row in rows if row["source"]["ip"] == "198.51.100.7"]
    before, behind = (each["buckets"] for each in server["stretches"])
    assert len(server["sent"]) == before + behind
    assert sum(server["sent"][:before]) == pytest.approx(60)
    assert sum(server["sent"][before:]) == pytest.approx(60)
    first = json.loads(whence("talkers", file, "--json")[1].splitlines()[0])["whence"]
    assert first["captured_seconds"] == pytest.approx(398)
    assert first["clock_set_back"] == [
        {
            "file": file,
            "packet": 361,
            "from": "2026-11-18T12:03:19.000000Z",
            "to": "2026-11-18T11:00:00.000000Z",
        }
    ]
    for flow in map(json.loads, whence("flows", file, "--json")[1].splitlines()):
        assert flow["event"]["start"] <= flow["event"]["end"]
    _, out, _ = whence("talkers", file, "--since", "2026-11-18T12:00:00Z")
    assert " in 3.32 min" in out.splitlines()[0]


def test_packets_out_of_order_by_a_moment_are_no_news(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    frames = [replace(frame, seconds=frame.seconds - 0.9 * (n % 2)) for n, frame in enumerate(busy)]
    file = str(write_pcap(tmp_path / "disorder.pcap", frames))
    for words in ("talkers", "flows"):
        assert whence(words, file)[2] == ""
    first = json.loads(whence("talkers", file, "--json")[1].splitlines()[0])["whence"]
    assert "clock_set_back" not in first


def test_a_single_packet_with_a_wrong_time_sets_no_clock_back(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    frames = [*busy[:100], replace(busy[100], seconds=1.0), *busy[101:]]
    file = str(write_pcap(tmp_path / "odd.pcap", frames))
    _, out, err = whence("talkers", file)
    assert "1 packet is dated too early: time goes back by" in err
    assert "set back" not in err
    assert " in 3.32 min" in out.splitlines()[0]


@pytest.mark.parametrize("words", ["talkers", "talkers --by mac", "flows", "path 203.0.113.80"])
def test_every_command_says_that_each_packet_is_in_it_twice(
    whence: Whence, tmp_path: Path, words: str
) -> None:
    frames = [
        frame
        for n in range(12)
        for frame in conversation("192.0.2.9", "203.0.113.80", (40000 + n, 443), NOON + n)
    ]
    lost = [frame for n, frame in enumerate(frames) for _ in range(1 + (n % 8 == 0))]
    assert "twice" not in whence(*words.split(), str(write_pcap(tmp_path / "lost.pcap", lost)))[2]
    twice = [copy for frame in frames for copy in (frame, frame)]
    _, _, err = whence(*words.split(), str(write_pcap(tmp_path / "twice.pcap", twice)))
    assert err.count("12 of 12 connections begin so") == 1


def test_a_filter_is_asked_of_each_link_type_as_it_is(whence: Whence, tmp_path: Path) -> None:
    raw = 101  # LINKTYPE_RAW: IP without anything before it
    frames = [
        each
        for frame in conversation("192.0.2.9", "198.51.100.7", (40000, 443))
        for each in (frame, Frame(frame.seconds, frame.data[14:], 1))
    ]
    mixed = str(write_pcapng(tmp_path / "mixed.pcapng", frames, ["eth0", "tun0"], [1, raw]))
    _, out, err = whence("flows", "--json", "--filter", "tcp port 443", mixed)
    assert amounts(out) == {443: (2, 16)}
    assert not err
    assert whence("flows", "--filter", "tcp port 444", mixed)[1] == ""
    _, out, err = whence("flows", "--json", "--filter", f"ether host {MAC}", mixed)
    assert amounts(out) == {443: (1, 8)}
    assert "8 packets were left out: the filter makes no sense for its link type" in err


@pytest.mark.parametrize("words", ["flows", "talkers"])
def test_packets_without_a_time_are_said(whence: Whence, tmp_path: Path, words: str) -> None:
    file = write_pcapng(tmp_path / "simple.pcapng", [], ["eth0"])
    packet = ethernet(udp("192.0.2.9", GHOST, (40000, 514)))
    packet += b"\0" * (-len(packet) % 4)
    size = struct.pack("<I", 16 + len(packet))  # of a Simple Packet Block
    block = struct.pack("<I", 3) + size + struct.pack("<I", len(packet)) + packet + size
    file.write_bytes(file.read_bytes() + block)
    status, _, err = whence(words, str(file))
    assert status == 0
    assert err.startswith("whence: packets have no time stamp: they count as of 1970-01-01")


def rotated(tmp_path: Path, busy: list[Frame]) -> tuple[str, str]:
    return (str(write_pcap(tmp_path / "all.pcap", busy)),
            str(write_pcap(tmp_path / "part.pcap", busy[100:200])))  # fmt: skip


def test_a_file_inside_of_another_counts_once(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    whole, part = rotated(tmp_path, busy)
    for files in ((whole, part), (part, whole)):
        _, out, err = whence("flows", "--json", *files)
        assert sum(packets for _, packets in amounts(out).values()) == 360
        assert f"{files[1]}: 100 packets left out" in err
        assert f"{files[0]} has the same" in err


@pytest.mark.parametrize("again", ["all.pcap", "copy.pcap"])
def test_the_same_capture_given_twice_counts_once(
    whence: Whence, tmp_path: Path, busy: list[Frame], again: str
) -> None:
    first = str(write_pcap(tmp_path / "all.pcap", busy))
    second = str(write_pcap(tmp_path / again, busy))
    _, out, err = whence("flows", "--json", first, second)
    assert sum(packets for _, packets in amounts(out).values()) == 360
    assert f"{second}: 360 packets left out" in err
    _, out, _ = whence("talkers", "--by", "port", "--json", first, second)
    assert sum(json.loads(line)["network"]["packets"] for line in out.splitlines()) == 360


def test_two_places_of_the_same_hour_are_no_copies(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    first = str(write_pcap(tmp_path / "a.pcap", busy))
    second = str(write_pcap(tmp_path / "b.pcap", later(busy, 0.00003)))
    _, out, err = whence("flows", "--json", first, second)
    assert sum(packets for _, packets in amounts(out).values()) == 720
    assert not err


def test_what_the_snap_length_cut_off_is_said_to_be_so(
    whence: Whence, tmp_path: Path, busy: list[Frame]
) -> None:
    data = write_pcap(tmp_path / "all.pcap", busy).read_bytes()
    cut, at = data[:24], 24
    while at < len(data):
        stamp, size = data[at : at + 8], int.from_bytes(data[at + 8 : at + 12], "little")
        cut += stamp + struct.pack("<II", 36, size) + data[at + 16 : at + 16 + 36]
        at += 16 + size
    file = tmp_path / "cut.pcap"
    file.write_bytes(cut)
    _, _, err = whence("talkers", str(file))
    assert "360 packets are in no flow: the capture has too little of each" in err
    assert "not what they should be" not in err


def test_an_icmp_error_is_told_of_the_flow_that_it_quotes(whence: Whence, tmp_path: Path) -> None:
    call = udp("192.0.2.9", "203.0.113.62", (40000, 514))
    other = udp("192.0.2.9", "203.0.113.63", (40001, 514))
    error = ipv4("192.0.2.1", "192.0.2.9", 1, bytes([3, 1, 0, 0, 0, 0, 0, 0]) + call[:28])
    frames = [
        Frame(NOON + n, ethernet(packet)) for n in range(4) for packet in (call, other, error)
    ]
    file = str(write_pcap(tmp_path / "refused.pcap", frames))
    _, out, _ = whence("flows", file)
    [told, silent] = [line for line in out.splitlines() if ":514 " in line]
    assert told.endswith("· 192.0.2.1 told 192.0.2.9: host unreachable")
    assert "told" not in silent
    documents = [json.loads(line) for line in whence("flows", "--json", file)[1].splitlines()]
    assert [flow["whence"].get("refused") for flow in documents[:2]] == [
        "192.0.2.1 told 192.0.2.9: host unreachable",
        None,
    ]
    _, out, _ = whence("findings", "--only", "ghosts", file, "--json")
    ghosts = {
        flow["destination"]["ip"]: flow["whence"] for flow in map(json.loads, out.splitlines())
    }
    assert ghosts["203.0.113.62"]["ghost"]["refused"] == ["192.0.2.1 says host unreachable"]
    assert ghosts["203.0.113.63"]["ghost"]["refused"] == []
    assert "(192.0.2.1 says host unreachable)" in whence("talkers", file)[1]
    assert (
        "192.0.2.1 told 192.0.2.9 4 times: host unreachable"
        in whence("path", "203.0.113.62", file)[1]
    )


def test_a_mirror_that_copies_datagrams_twice_is_said(whence: Whence, tmp_path: Path) -> None:
    frames = []
    for n in range(1, 60):
        packet = bytearray(udp("192.0.2.9", "203.0.113.62", (40000, 53)))
        packet[4:6] = n.to_bytes(2, "big")
        frames += [Frame(NOON + n, ethernet(bytes(packet)))] * 2
    _, _, err = whence("talkers", str(write_pcap(tmp_path / "twice.pcap", frames)))
    assert "59 of 59 packets came again at once" in err


LOG = "Nov 27 10:00:01 fw1 sshd[123]: Failed password for root from 192.0.2.7 port 22\n" * 2


@pytest.mark.parametrize("words", [["flows"], ["talkers"], ["findings"], ["path", "192.0.2.7"]])
def test_a_log_that_is_given_to_a_reader_of_captures_is_told_who_reads_it(
    whence: Whence, tmp_path: Path, words: list[str]
) -> None:
    file = tmp_path / "app.log"
    file.write_text(LOG)
    status, _, err = whence(*words, str(file))
    assert (status, "it is a log" in err, f"whence logs parse {file}" in err) == (65, True, True)


def test_what_an_import_takes_is_told_so_by_a_reader_of_captures(
    whence: Whence, tmp_path: Path
) -> None:
    file = tmp_path / "told.txt"
    file.write_text("? (192.0.2.1) at 00:14:22:03:04:05 [ether] on eth0\n")
    status, _, err = whence("flows", str(file))
    assert (status, f"whence import {file}" in err) == (65, True)


def test_noise_is_told_what_a_capture_is(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "noise"
    file.write_bytes(bytes(range(256)) * 9)
    status, _, err = whence("flows", str(file))
    assert (status, "pcap or pcapng" in err, "whence import" in err) == (65, True, False)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("words", [["parse"], ["load"], ["rate"], ["explain"]])
def test_a_capture_that_is_given_to_a_reader_of_logs_is_told_who_reads_it(
    whence: Whence, tmp_path: Path, office: str, words: list[str], packed: bool
) -> None:
    file = tmp_path / "x.bin"
    whole = Path(office).read_bytes()
    file.write_bytes(gzip.compress(whole) if packed else whole)
    status, out, err = whence("logs", *words, str(file))
    assert (status, out) == (65, "")
    assert "is a capture of packets, and no log" in err
    assert f"whence flows {file}" in err
