"""The native parser beside its slow twin, on lines that chance makes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world.log_reference import reference
from tests.world.log_rows import NOW, parsed
from tests.world.log_samples import ALL

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UTC_NOW = datetime.fromtimestamp(NOW / 1e6, UTC)
INTERFACES = ("inside", "outside", "v1:outside", "dmz-2", "in_interface", "a:b-c")
REASONS = ("", " TCP FINs", " SYN Timeout", " TCP Reset-O from inside")


def _address(chance: Random) -> str:
    sort = chance.randrange(4)
    if sort == 0:
        return str(IPv6Address(chance.getrandbits(128)))
    if sort == 1:
        return chance.choice(["exp_srv", "mail-2", "2001:db8::7", "::1"])
    return str(IPv4Address(chance.getrandbits(32)))


def _message(chance: Random) -> str:
    one, other = _address(chance), _address(chance)
    port, other_port = chance.randrange(99_999), chance.randrange(70_000)
    source = f"{chance.choice(INTERFACES)}:{one}/{port}"
    destination = f"{chance.choice(INTERFACES)}:{other}/{other_port}"
    nat = one if chance.random() < 0.5 else _address(chance)
    forms = (
        f"%ASA-4-419002: {chance.choice(['Received d', 'D'])}uplicate TCP SYN from {source} to "
        f"{destination} with different initial sequence number",
        f"%ASA-4-106023: Deny {chance.choice(['tcp', 'udp'])} src {source} dst {destination} by "
        'access-group "in to" [0x0, 0x0]',
        f"%ASA-6-302013: Built {chance.choice(['inbound', 'outbound'])} TCP connection 7 for "
        f"{source} ({nat}/{port}) to {destination} ({_address(chance)}/{other_port})",
        f"%ASA-6-302014: Teardown TCP connection 7 for {source} to {destination} duration "
        f"{chance.randrange(99)}:{chance.randrange(60):02}:{chance.randrange(60):02} bytes {port}"
        f"{chance.choice(REASONS)}",
    )
    return chance.choice(forms)


def _event(chance: Random) -> str:
    """Make an event in CEF or LEEF, its keys in any order and its text with all that needs care."""
    pieces = ("a", "B", " ", "é", "\\=", "\\|", "\\\\", "/", "7")
    text = "".join(chance.choices(pieces, k=9))
    code, name = f"{chance.randrange(999)}", f"n{text.strip()}n"
    ends = {"src": _address(chance), "dst": _address(chance)}
    form, number = chance.choice(["CEF", "LEEF"]), f"{chance.randrange(1, 65536)}"
    if form == "CEF":
        pairs = ends | {"spt": number, "dpt": number, "suser": f"u{text.strip()}u", "cnt": number}
        chosen = chance.sample(sorted(pairs), chance.randrange(1, len(pairs)))
        said = " ".join(f"{key}={pairs[key]}" for key in chosen)
        return f"CEF:{chance.randrange(2)}|Acme|Wall {code}|1.0|{code}|{name}|5|{said}"
    pairs = ends | {"srcPort": number, "dstPort": number, "usrName": "al", "policy": "p q"}
    chosen = chance.sample(sorted(pairs), chance.randrange(1, len(pairs)))
    between, version = chance.choice([("\t", "1.0"), ("^", "2.0"), ("#", "2.0")])
    said = between.join(f"{key}={pairs[key]}" for key in chosen)
    head = f"LEEF:{version}|Acme|Scan {code}|4.1|{code}|"
    return head + (said if version == "1.0" else f"{between}|{said}")


def _lines(chance: Random, count: int) -> Iterator[str]:
    for _ in range(count):
        moment = UTC_NOW - timedelta(minutes=chance.randrange(500_000))
        stamp = chance.choice([f"{moment:%b %e %H:%M:%S}", f"{moment:%b %d %Y %H:%M:%S}"])
        begin = chance.choice(["", "<166>", "<0>", "<191>"]) + stamp
        host = chance.choice(["fw-1", "fw.example.org", "192.0.2.9", "2001:db8::9", "Edge2"])
        if chance.random() < 0.2:
            yield f"{begin} {host.lower()}-3 {_event(chance)}"
        elif chance.random() < 0.2:
            yield f"{begin} {host} {chance.choice(['cron', 'sshd[12]', 'postfix/smtpd[3]'])}: text"
        else:
            yield begin + chance.choice([f" {host} : ", f" {host} ", ": "]) + _message(chance)


def _wrapped(chance: Random, line: str) -> str:
    """Put a line into what the journal, Docker or Kubernetes write; texts with what is escaped."""
    received = UTC_NOW - timedelta(seconds=chance.randrange(9_000_000), microseconds=7)
    stamp = f"{received:%Y-%m-%dT%H:%M:%S.%f}"
    sort = chance.randrange(3)
    if sort == 0:
        return f"{stamp}321Z {chance.choice(['stdout F', 'stderr P'])} {line}"
    if sort == 1:
        said = {"log": f"{line}\n", "stream": "stdout", "time": f"{stamp}Z"}
        return json.dumps(said, ensure_ascii=chance.random() < 0.5)
    message = line.partition("%")
    text = "".join(message[1:]) if message[1] else 'é "quoted"\\ \t\N{BOMB} text'
    micros = round(received.timestamp() * 1e6)
    entry = {
        "__REALTIME_TIMESTAMP": str(micros), "SYSLOG_IDENTIFIER": "app", "_HOSTNAME": "web1",
        "MESSAGE": text if chance.random() < 0.7 else [*text.encode()],
        "_AUDIT": {"deep": [{"host": "no"}]},
    }  # fmt: skip
    return json.dumps(dict(chance.sample([*entry.items()], len(entry))))


def _object(chance: Random) -> str:
    """Make an object as a program writes one, with the cookie of CEE before it or without."""
    moment = UTC_NOW - timedelta(seconds=chance.randrange(9_000_000))
    fields = {
        "level": chance.choice(["trace", "info", "warn", "error", "fatal"]),
        "src_ip": str(IPv4Address(chance.getrandbits(32))), "src_port": chance.randrange(1, 65_536),
        "dst_ip": str(IPv6Address(chance.getrandbits(128))), "user": "al", "pid": 77,
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "host": "www.example.org", "host.name": "app-7",
        "other": {"pid": 5, "deep": [1, {"msg": "no"}]},
    }  # fmt: skip
    chosen = {key: fields[key] for key in chance.sample([*fields], chance.randrange(len(fields)))}
    text = json.dumps(chosen | {"msg": 'é "it" \\ {x} said'}, ensure_ascii=chance.random() < 0.5)
    return chance.choice(["", "@cee: ", "@cee:"]) + text


def test_the_native_parser_reads_objects_behind_headers_as_its_twin_does(tmp_path: Path) -> None:
    chance = Random(13)
    said = [
        f"{line.removesuffix('text')}{_object(chance)}"
        for line in _lines(chance, 9_000)
        if line.endswith(": text")
    ]
    read = parsed(tmp_path, said)
    assert [row["original"] for row in read] == said
    assert len(said) > 1_000
    for line, row in zip(said, read, strict=True):
        known = reference(line, UTC_NOW)
        known["time"] = known["time"].replace(tzinfo=None)
        assert {name: row[name] for name in known} == known, line
    assert len({row["template"] for row in read}) == 3  # one of each program


def test_the_native_parser_reads_what_is_wrapped_as_its_twin_does(tmp_path: Path) -> None:
    chance = Random(12)
    lines = [line.removesuffix("text") + _object(chance) if line.endswith(": text")
             and chance.random() < 0.5 else line for line in _lines(chance, 3_000)]  # fmt: skip
    said = [_wrapped(chance, line) for line in lines]
    read = parsed(tmp_path, said)
    assert [row["original"] for row in read] == said
    for line, row in zip(said, read, strict=True):
        known = reference(line, UTC_NOW)
        known["time"] = known["time"].replace(tzinfo=None)
        assert {name: row[name] for name in known} == known, line


def test_the_native_parser_says_what_its_twin_says(tmp_path: Path) -> None:
    said = [*_lines(Random(11), 4_000)]
    read = parsed(tmp_path, said)
    assert len(read) == len(said)
    for line, row in zip(said, read, strict=True):
        known = reference(line, UTC_NOW)
        if known.get("time"):
            known["time"] = known["time"].replace(tzinfo=None)
        assert {name: row[name] for name in known} == known, line


@QUICK
@given(st.data())
def test_a_line_that_chance_changed_is_a_row(data: st.DataObject) -> None:
    changed = []
    for line, _ in data.draw(st.lists(st.sampled_from(ALL), min_size=5, max_size=20)):
        raw = line.encode()
        at = data.draw(st.integers(0, len(raw)))
        to = data.draw(st.integers(at, min(len(raw), at + 30)))
        new = raw[:at] + data.draw(st.binary(max_size=12)) + raw[to:]
        changed.append(new.replace(b"\n", b" "))
    with tempfile.TemporaryDirectory() as folder:
        read = parsed(Path(folder), changed)
    assert [row["size"] for row in read] == [len(line) for line in changed]
