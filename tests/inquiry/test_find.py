"""On prepared hosts, the place from which a program has an address comes first."""

from __future__ import annotations

import dbm
import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whence.inquiry.explain import replay
from whence.inquiry.find import Hunt, find, program_record
from whence.inquiry.means import Means
from whence.model import Execution, Flow, ProcessRecord
from whence.store.case_file import CaseFile
from whence.world import DeepSearch, Search, ThisHost
from whence.world.this_search import ThisSearch

ADDRESS = "10.9.3.77"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AGENT = "/usr/bin/acme-agent"
DECOYS = {
    "etc/hosts": "127.0.0.1 localhost\n10.9.3.77 db-old.example.org db-old\n",
    "etc/firewall/allow.conf": "allow 10.0.0.0/8\nallow 0.0.0.0/0\nallow 192.168.0.0/16\n",
    "etc/other/similar.conf": "a 110.9.3.77\nb 10.9.3.7\nc 10.9.3.771\nd 10.9.4.0/24\n",
    "etc/other/notes.conf": "# the old server was 10.9.3.77, see ticket 12\nserver 10.9.3.78\n",
    "etc/other/config.bak": "server 10.9.3.77\n",
    "etc/ssl/digest": "9c0a09034dffee0a09034d11\n",
    "var/log/acme/agent.log": "2026-11-20 connect to 10.9.3.77 failed\n" * 40,
    "var/lib/other/cache/list.json": '{"seen": ["10.9.3.77"]}\n',
    "usr/share/doc/example.txt": "such as 10.9.3.77\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in DECOYS.items():
        write(tmp_path / "host", name, text)
    write(tmp_path / "host", AGENT[1:], "\x7fELF\0 /etc/acme-agent/agent.conf \0")
    return tmp_path / "host"


def write(root: Path, name: str, data: str | bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def hunt(root: Path, *lineage: ProcessRecord, address: str = ADDRESS, **depth: str) -> Hunt:
    host = ThisHost("here", lambda: NOW, str(root))
    search = ThisSearch(None, "here", lambda: NOW, str(root))
    means = Means(host, (), lambda: NOW, others={Search: search, DeepSearch: search})
    makers = lineage or (program_record(AGENT, "here", "recorded", NOW),)
    folder = root.parent / "cases"
    with closing(CaseFile.create(folder, Flow(address), lambda: NOW)) as case:
        found = find(case, means, makers, lambda event: None)
        assert not case.verify()
        assert not [one for one in replay(case)[1] if "configured-in" in one]
    return found


def plain_file(root: Path) -> str:
    write(root, "etc/acme-agent/agent.conf", "[remote]\nport = 443\nhost = 10.9.3.77\n")
    return "/etc/acme-agent/agent.conf:3 ([remote] host)"


def unit(root: Path) -> str:
    write(root, "etc/systemd/system/acme-agent.service",
          f"[Service]\nExecStart={AGENT}\nEnvironment=UPSTREAM=10.9.3.77\n")  # fmt: skip
    return "/etc/systemd/system/acme-agent.service:3 ([Service] Environment)"


def sqlite_row(root: Path) -> str:
    path = write(root, "var/lib/acme-agent/state.db", "")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE hosts (name TEXT, address TEXT)")
        rows = [(f"host{n}", f"10.9.4.{n % 250}") for n in range(1000)]
        rows[411] = ("backup", ADDRESS)
        database.executemany("INSERT INTO hosts VALUES (?, ?)", rows)
        database.commit()
    return "/var/lib/acme-agent/state.db (table hosts, column address, row 412)"


def number_in_sqlite(root: Path) -> str:
    path = write(root, "var/lib/acme-agent/state.db", "")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE peers (id INTEGER PRIMARY KEY, address INTEGER)")
        database.execute("INSERT INTO peers VALUES (7, ?)", (0x0A09034D,))
        database.commit()
    return "/var/lib/acme-agent/state.db (table peers, column address, row 7)"


def hostname_only(root: Path) -> str:
    write(root, "etc/acme-agent/agent.yaml", "upstream:\n  servers:\n    - db-old.example.org\n")
    return "/etc/acme-agent/agent.yaml:3 (upstream.servers)"


def range_in_a_list(root: Path) -> str:
    write(root, "etc/acme-agent/scan.json", '{"targets": ["192.0.2.0/24", "10.9.3.0/24"]}\n')
    return "/etc/acme-agent/scan.json:1 ($.targets[1])"


def bytes_in_a_binary(root: Path) -> str:
    write(root, "var/lib/acme-agent/peers.bin", b"PEER\0\x01\0\0" + b"\x0a\x09\x03\x4d" + b"\0" * 9)
    return "/var/lib/acme-agent/peers.bin (byte 8)"


def hexadecimal_text(root: Path) -> str:
    write(root, "etc/acme-agent/lease", "next-server 0x0A09034D\n")
    return "/etc/acme-agent/lease:1"


def compressed(root: Path) -> str:
    write(root, "var/lib/acme-agent/hosts.csv.gz",
          gzip.compress(b"name,address\nold,10.9.3.1\ndb,10.9.3.77\n"))  # fmt: skip
    return "/var/lib/acme-agent/hosts.csv.gz:3 (row 3, column address)"


def dbm_key(root: Path) -> str:
    path = root / "var/lib/acme-agent/state"
    path.parent.mkdir(parents=True)
    with dbm.open(str(path), "n") as database:
        database["other"] = "10.9.3.2"
        database["master"] = ADDRESS
    [file] = [f for f in path.parent.iterdir() if ADDRESS.encode() in f.read_bytes()]
    return f"/{file.relative_to(root)} (key master)"


PREPARED = (
    plain_file, unit, sqlite_row, number_in_sqlite, hostname_only, range_in_a_list,
    bytes_in_a_binary, hexadecimal_text, compressed, dbm_key,
)  # fmt: skip


@pytest.mark.parametrize("prepare", PREPARED, ids=lambda prepare: prepare.__name__)
def test_the_right_place_is_first(root: Path, prepare: Callable[[Path], str]) -> None:
    right = prepare(root)
    found = hunt(root)
    assert str(found.places[0].setting) == right
    assert found.places[0].setting.why
    assert found.sentence.startswith(f"{ADDRESS} stands in {right}")


def test_who_runs_a_unit_has_its_files(root: Path) -> None:
    write(root, "etc/systemd/system/odd-name.service",
          "[Service]\nEnvironmentFile=-/srv/odd/place.env\nExecStart=/usr/bin/x\n")  # fmt: skip
    write(root, "srv/odd/place.env", "TARGET=10.9.3.77\n")
    maker = ProcessRecord(
        program_record("/usr/bin/x", "here", "recorded", NOW).process, NOW,
        executions=(Execution(NOW, "/usr/bin/x"),), cgroup="/system.slice/odd-name.service",
    )  # fmt: skip
    [first, *_] = hunt(root, maker).places
    assert str(first.setting) == "/srv/odd/place.env:1"
    assert first.setting.why == "EnvironmentFile of the unit odd-name.service"


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        ("/home/ops/agent/agent.py", "/home/ops/agent/conf.json"),
        ("/usr/local/lib/scand/bin/scand", "/usr/local/lib/scand/settings.json"),
        ("/var/www/app/public/index.php", "/var/www/app/config.json"),
        ("/usr/local/bin/agent.py", "/usr/local/bin/agent.json"),
    ],
)
def test_settings_that_lie_where_the_program_is(root: Path, program: str, settings: str) -> None:
    write(root, program[1:], "#!/bin/sh\n")
    write(root, settings[1:], '{"server": "10.9.3.77"}\n')
    maker = program_record(program, "here", "recorded", NOW)
    [first, *_] = hunt(root, maker).places
    assert str(first.setting) == f"{settings}:1 ($.server)"
    assert first.setting.why == "where the program is"


def test_an_address_in_the_program_itself(root: Path) -> None:
    write(root, "usr/bin/report", "#!/bin/sh\ncurl -s http://10.9.3.77/report\n")
    [first, *_] = hunt(root, program_record("/usr/bin/report", "here", "recorded", NOW)).places
    assert (str(first.setting), first.setting.why) == ("/usr/bin/report:2", "the program itself")


def test_large_private_ranges_are_told_only_if_nothing_is_better(root: Path) -> None:
    for name in ("etc/hosts", "etc/other/notes.conf", "etc/other/config.bak"):
        (root / name).unlink()
    assert {place.mention.written for place in hunt(root).places} == {"10.0.0.0/8", "0.0.0.0/0"}
    plain_file(root)
    assert all(not place.mention.is_range for place in hunt(root).places)


def test_a_program_that_names_no_file_is_no_reason_to_look_everywhere(root: Path) -> None:
    write(root, AGENT[1:], "\x7fELF\0")
    assert {str(place.setting).split("/")[1] for place in hunt(root).places} == {"etc"}


def test_an_address_that_is_nowhere(root: Path) -> None:
    found = hunt(root, address="203.0.113.9")
    assert (found.places, found.sentence) == (
        (), "203.0.113.9 was not found where it was looked for.",
    )  # fmt: skip
    assert {entry.try_ for entry in found.not_checked} >= {
        "whence find 203.0.113.9 --everywhere", "whence find 203.0.113.9 --database URL",
    }  # fmt: skip


def test_secrets_beside_it_are_hidden(root: Path) -> None:
    write(root, "etc/acme-agent/agent.conf", "url = db://me:hunter2horse@10.9.3.77/x\n")
    found = hunt(root)
    assert "[redacted]@10.9.3.77" in found.places[0].says
    cases = b"".join(path.read_bytes() for path in (root.parent / "cases").iterdir())
    assert b"hunter2horse" not in cases
