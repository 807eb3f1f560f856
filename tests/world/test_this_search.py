"""Real files, processes and databases are looked through, hostile ones too, and all is counted."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import os
import sqlite3
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from whence.model import BadInput, CannotAsk
from whence.model.address_forms import Finder, Wanted
from whence.model.mentions import Mention, NotRead, mentions_of
from whence.world.database_address import DatabaseAddress
from whence.world.database_rows import database_rows
from whence.world.process_mentions import memory
from whence.world.scanners import scan
from whence.world.this_search import Depth, ThisSearch

ADDRESS = "10.9.3.77"
WANTED = Wanted(ADDRESS)


def search(folder: Path, wanted: Wanted = WANTED) -> tuple[list[Mention], NotRead]:
    not_read = NotRead()
    reading = ThisSearch().mentions(wanted, [str(folder)])
    return [mention for mention, _ in mentions_of(reading.lines(), not_read)], not_read


def test_what_is_no_ordinary_file_is_counted_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "kernel").symlink_to("/proc")
    with (tmp_path / "giant").open("wb") as giant:
        giant.truncate(1 << 40)
    (tmp_path / "conf").write_text(f"a\nserver {ADDRESS}\n")
    began = time.process_time()
    found, not_read = search(tmp_path)
    assert [(Path(one.place).name, one.line) for one in found] == [("conf", 2)]
    assert not_read.counts == {"larger than 16 MB": 1, "no ordinary files": 1}
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", ["depot", "site 12", "(moved)"])
def test_a_range_in_a_row_where_another_text_ends_right_before_it(
    tmp_path: Path, name: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "scan.db")) as database:
        database.execute("CREATE TABLE sites (id INTEGER PRIMARY KEY, name TEXT, network TEXT)")
        database.execute("INSERT INTO sites VALUES (7, ?, '10.9.3.72/29')", [name])
        database.commit()
    [found], _ = search(tmp_path)
    assert (found.part, found.written) == ("table sites, column network, row 7", "10.9.3.72/29")


def test_ranges_as_scanners_have_them(tmp_path: Path) -> None:
    ranges = [
        "10.9.0-5.1-254", "10.9.1-5.77", "10.9.0-5.*", "10.9.*.77", "10.9,11.3.77",
        "10.9.3.1,70-80", "9-11.9.*.77", "8.0.0.0/5",
        "9.255.0.0-10.255.255.255", "9.255.0.0 to 10.9.255.255",
    ]  # fmt: skip
    for number, text in enumerate(ranges):
        (tmp_path / f"{number}.list").write_text(f"{text}\n")
    (tmp_path / "other.list").write_text("10.9.4-9.*\n16.0.0.0/5\n10.10.0.0-11.0.0.0\n")
    found, _ = search(tmp_path)
    assert sorted(one.written for one in found) == sorted(ranges)


def test_databases_that_settings_name(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "a.ini").write_text(
        'url = "postgresql+psycopg://me:hunter2@db.example/scan?sslmode=require"\nx = postgresql:\n'
    )
    (folder / "b.properties").write_bytes(b"\0\xffjdbc:mysql://10.0.0.9:3306/acme;x\n")
    (folder / "c").symlink_to("/dev/zero")
    places = (f"{folder}/", f"{folder}/a.ini", str(folder), f"{tmp_path}/none")
    assert ThisSearch().databases(places).text == (
        f"postgresql://me:[redacted]@db.example/scan?sslmode=require\t{folder}/a.ini\n"
        f"mysql://10.0.0.9:3306/acme\t{folder}/b.properties\n"
    )
    assert not ThisSearch(Depth(database="postgresql://x@y/z")).databases(places).text


@functools.cache
def bombs() -> tuple[tuple[str, bytes], ...]:
    return tuple(made_bombs())


def made_bombs() -> Iterator[tuple[str, bytes]]:
    zeros = b"\0" * (1 << 20)
    for name, pack in (("gz", zlib.compressobj(wbits=31)), ("bz2", bz2.BZ2Compressor()),
                       ("xz", lzma.LZMACompressor(preset=0))):  # fmt: skip
        data = b"".join(pack.compress(zeros) for _ in range(17)) + pack.flush()
        yield name, data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(str(number), zeros * 6)
    yield "zip", packed.getvalue()


def test_bombs_are_unpacked_to_a_bound(tmp_path: Path) -> None:
    for name, data in bombs():
        (tmp_path / f"bomb.{name}").write_bytes(data)
    _, not_read = search(tmp_path)
    assert not_read.counts == {"unpacked only to 16 MB": 4}


def test_compressed_files(tmp_path: Path) -> None:
    text = f"x\n[remote]\nhost = {ADDRESS}\n".encode()
    (tmp_path / "a.ini.gz").write_bytes(gzip.compress(text[:5]) + gzip.compress(text[5:]))
    (tmp_path / "a.ini.bz2").write_bytes(bz2.compress(text))
    (tmp_path / "a.ini.xz").write_bytes(lzma.compress(text))
    zstd = subprocess.run(["zstd", "-qc"], input=text, capture_output=True, check=True)
    (tmp_path / "a.ini.zst").write_bytes(zstd.stdout)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/a.ini", text)
    found, not_read = search(tmp_path)
    told = {Path(one.place).name: (one.line, one.part) for one in found}
    plain = (3, "[remote] host")
    assert told == {
        "a.ini.gz": plain, "a.ini.bz2": plain, "a.ini.xz": plain, "a.ini.zst": plain,
        "a.zip": (3, "member in/a.ini, [remote] host"),
    }  # fmt: skip
    assert not not_read.counts


def test_damaged_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 500)[:9] + b"\xff" * 90)
    (tmp_path / "b.xz").write_bytes(lzma.compress(b"x" * 500)[:20] + b"\0" * 60)
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04" + b"\xff" * 300)
    (tmp_path / "d.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 900 + ADDRESS.encode())
    found, not_read = search(tmp_path)
    assert not_read.counts == {"compressed, and damaged": 3, "SQLite that cannot be read": 1}
    assert [Path(one.place).name for one in found] == ["d.db"]  # its bytes still tell


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2", "zst"])
def test_a_compressed_file_that_was_cut_off(tmp_path: Path, kind: str) -> None:
    text = f"host {ADDRESS}\n".encode() + os.urandom(200_000)
    packed: dict[str, Callable[[], bytes]] = {
        "gz": lambda: gzip.compress(text),
        "xz": lambda: lzma.compress(text),
        "bz2": lambda: bz2.compress(text),
        "zst": lambda: subprocess.check_output(["zstd", "-qc"], input=text),
    }
    data = packed[kind]()
    (tmp_path / f"whole.{kind}").write_bytes(data)
    assert not search(tmp_path)[1].counts
    (tmp_path / f"cut.{kind}").write_bytes(data[:150_000])
    _, not_read = search(tmp_path)
    assert not_read.counts == {"compressed, and damaged": 1}
    assert not_read.examples["compressed, and damaged"] == f"{tmp_path}/cut.{kind}: it is cut off"


@contextmanager
def another_writes(path: Path, *statements: str) -> Iterator[None]:
    """Let another process have a database open in which it did this, and nothing was put in."""
    code = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    code += "for each in sys.argv[2:]: base.execute(each)\nprint(1, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, path, *statements], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline()
        yield
        process.kill()  # so that it does not tidy up


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


MADE = ("PRAGMA journal_mode = wal", "CREATE TABLE h (id INTEGER PRIMARY KEY, a TEXT)")


@pytest.mark.parametrize("place", ["", "w.db"])
def test_a_row_that_is_only_in_the_log_of_a_database(tmp_path: Path, place: str) -> None:
    path = tmp_path / "w.db"
    added = f"INSERT INTO h VALUES (7, '{ADDRESS}')"
    with another_writes(path, *MADE, added):
        os.utime(path, (1e9, 1e9))
        before = state(tmp_path)
        assert (*before,) != ("w.db",)
        [found], not_read = search(tmp_path / place)
        assert before == state(tmp_path)
    assert (found.place, found.part) == (str(path), "table h, column a, row 7")
    assert found.modified > 1.7e9  # when the row came, not when the file last changed
    assert not not_read.counts


def test_a_row_in_a_database_and_its_log_is_told_once(tmp_path: Path) -> None:
    added = f"INSERT INTO h VALUES (7, '{ADDRESS}')"
    again = ("PRAGMA wal_checkpoint(truncate)", f"UPDATE h SET a = '{ADDRESS} new'")
    with another_writes(tmp_path / "w.db", *MADE, added, *again):
        assert all(ADDRESS.encode() in data for name, (data, _) in state(tmp_path).items()
                   if not name.endswith("-shm"))  # fmt: skip
        [found], _ = search(tmp_path)
    assert (found.part, found.text) == ("table h, column a, row 7", f"{ADDRESS} new")


def test_a_row_that_a_change_under_way_would_take_away(tmp_path: Path) -> None:
    """It is there until the change is made for good: the old page is in the journal."""
    path = tmp_path / "j.db"
    with closing(sqlite3.connect(path)) as base:
        base.execute(MADE[1])
        base.executemany("INSERT INTO h (a) VALUES (?)", [[ADDRESS], *[["x" * 900]] * 50])
        base.commit()
    begun = ("PRAGMA cache_size = 1", "BEGIN", "UPDATE h SET a = substr(a, 9)")
    with another_writes(path, *begun):
        assert ADDRESS.encode() not in path.read_bytes()
        before = state(tmp_path)
        [found], _ = search(tmp_path)
        assert before == state(tmp_path)
    assert (found.place, found.part) == (str(path), "table h, column a, row 1")


def test_what_is_named_as_the_log_of_a_database_and_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing\n")
    (tmp_path / "notes-wal").write_text(f"to {ADDRESS}\n")
    (tmp_path / "pipe-journal").write_text(f"to {ADDRESS}\n")
    os.mkfifo(tmp_path / "pipe")
    found, _ = search(tmp_path)
    assert {str(one) for one in found} == {
        f"{tmp_path}/{n}:1" for n in ("notes-wal", "pipe-journal")
    }


def test_what_is_no_more_in_a_database_but_in_its_log(tmp_path: Path) -> None:
    added = f"INSERT INTO h VALUES (7, '{ADDRESS}')"
    with another_writes(tmp_path / "w.db", *MADE, added, "DELETE FROM h", "VACUUM"):
        [*found], _ = search(tmp_path)
    assert {one.place for one in found} == {str(tmp_path / "w.db-wal")}
    assert found[0].part.startswith("byte ")


@pytest.mark.parametrize(
    ("made", "row", "part"),
    [
        ("name TEXT PRIMARY KEY, a TEXT", ("depot", ADDRESS), "column a, row name=depot"),
        ("id INT PRIMARY KEY, a TEXT", (7, ADDRESS), "column a, row id=7"),
        ("a TEXT, n INT, s BLOB, PRIMARY KEY (s, n)", (ADDRESS, 7, b"\xff"),
         "column a, row s=ff, n=7"),
    ],
)  # fmt: skip
def test_a_row_without_a_number(
    tmp_path: Path, made: str, row: tuple[object, ...], part: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "w.db")) as base:
        base.execute(f"CREATE TABLE h ({made}) WITHOUT ROWID")
        base.execute(f"INSERT INTO h VALUES ({','.join('?' * len(row))})", row)
        base.commit()
    [found], _ = search(tmp_path)
    assert found.part == f"table h, {part}"


@pytest.mark.parametrize(
    ("wanted", "heads", "values", "bits"),
    [
        (ADDRESS, ("start_ip", "end_ip"), ("10.9.3.64", "10.9.3.95"), 5),
        (ADDRESS, ("net", "mask"), ("10.9.3.0", "255.255.255.0"), 8),
        ("2001:db8::77", ("RangeStart", "RangeEnd"), ("2001:db8::", "2001:db8::ff"), 8),
    ],
)
def test_a_range_in_two_columns(
    tmp_path: Path, wanted: str, heads: tuple[str, str], values: tuple[str, str], bits: int
) -> None:
    with closing(sqlite3.connect(tmp_path / "scan.db")) as base:
        base.execute(f"CREATE TABLE h (id INTEGER PRIMARY KEY, name, {heads[0]}, {heads[1]}, n)")
        base.execute("INSERT INTO h VALUES (6, 'other', '10.9.4.0', '10.9.4.9', 1)")
        base.execute("INSERT INTO h VALUES (7, 'depot', ?, ?, 443)", values)
        base.commit()
    [found], _ = search(tmp_path, Wanted(wanted))
    assert found.part == f"table h, columns {heads[0]} and {heads[1]}, row 7"
    assert (found.form, found.free_bits) == ("range", bits)


def test_the_two_ends_of_a_connection_are_no_range(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "flows.db")) as base:
        heads = "source, destination, frontend, backend, first_ip, last_seen_ip, a, sender"
        base.execute(f"CREATE TABLE f ({heads})")
        base.execute(f"INSERT INTO f VALUES ({','.join('?' * 8)})", ["10.0.0.1", "10.200.0.1"] * 4)
        base.commit()
    assert not [one for one in search(tmp_path)[0] if one.part.startswith("table")]


def test_names_with_control_characters(tmp_path: Path) -> None:
    name = "a\nb\x1b]0;x\x07.conf"
    (tmp_path / name).write_text(f"{ADDRESS}\n")
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_text(f"{ADDRESS}\n")
    found, _ = search(tmp_path)
    assert len(found) == 2
    assert str(tmp_path / name) in {one.place for one in found}


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 5_000_000 + f" {ADDRESS} " + "y" * 5_000_000)
    [one], _ = search(tmp_path)
    assert ADDRESS in one.text
    assert len(one.text) < 400


def test_a_file_full_of_it_is_told_briefly(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{ADDRESS}\n" * 5000)
    found, _ = search(tmp_path)
    assert (len(found), found[-1].more) == (5, 59)


def test_an_address_that_begins_with_a_line_end(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1\2\3" + b"\x0a\x09\x03\x4d" + b"\0")
    [one], _ = search(tmp_path)
    assert (one.form, one.part) == ("packed bytes", "byte 4")


def test_changed_bytes_do_no_harm(tmp_path: Path) -> None:
    """Valid files of each kind with bytes changed by chance: found, counted or nothing."""
    import random

    with closing(sqlite3.connect(tmp_path / "seed")) as database:
        database.execute("CREATE TABLE a (b, c)")
        database.executemany("INSERT INTO a VALUES (?, ?)", [(ADDRESS, n) for n in range(50)])
        database.commit()
    seeds = [(tmp_path / "seed").read_bytes(), gzip.compress(ADDRESS.encode() * 20),
             lzma.compress(ADDRESS.encode() * 20), next(d for n, d in bombs() if n == "zip")[:4000],
             b'{"a": ["10.9.3.77"]}']  # fmt: skip
    chance = random.Random(7)
    folder = tmp_path / "changed"
    folder.mkdir()
    for number in range(60):
        data = bytearray(seeds[number % len(seeds)])
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (folder / f"{number}.{chance.choice(('gz', 'json', 'db', 'xml'))}").write_bytes(data)
    search(folder)


def test_what_holds_and_what_does_not(tmp_path: Path) -> None:
    texts = ("to 10.9.3.77 now", "allow 10.9.0.0/16", "version 10.9.3 of it")
    for number, text in enumerate(texts):
        (tmp_path / f"{number}").write_text(text)
    names = [Path(path).name for path in scan([str(tmp_path)], WANTED, True, NotRead())]
    assert names == ["0", "1"]
    assert [*scan([str(tmp_path)], WANTED, False, NotRead())] == [str(tmp_path / "0")]


def test_a_scan_that_takes_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(400):
        with (tmp_path / f"{number}").open("wb") as sparse:
            sparse.truncate(16 << 20)
    monkeypatch.setattr("whence.world.scanners.PATIENCE", 0.0)
    not_read = NotRead()
    assert scan([str(tmp_path)], WANTED, False, not_read) == []
    assert not_read.examples == {"not looked at within 0 s": str(tmp_path)}


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[bytes]]:
    """A process that knows the address from nowhere but its memory."""
    code = "import sys; kept = '.'.join(('10','9','3','77')) + ' upstream'; print(1, flush=True); "
    code += "sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout
        process.stdout.readline()
        yield process
        process.communicate()


def test_the_memory_of_a_process(holder: subprocess.Popen[bytes]) -> None:
    found = [*memory(holder.pid, Finder(WANTED), NotRead())]
    assert any("upstream" in one.text for one in found)
    assert not [*memory(holder.pid, Finder(Wanted("203.0.113.251")), NotRead())]


def test_a_process_that_is_gone() -> None:
    with pytest.raises(CannotAsk):
        [*memory(4194304999, Finder(WANTED), NotRead())]


def test_what_is_not_allowed_is_not_looked_at() -> None:
    search = ThisSearch(Depth())
    with pytest.raises(CannotAsk):
        search.memory(WANTED, os.getpid())
    with pytest.raises(CannotAsk):
        search.everywhere(WANTED)
    with pytest.raises(CannotAsk):
        search.rows(WANTED)


@pytest.mark.parametrize("url", ["oracle://x", "nothing", "postgresql://h:port/x", "", "://"])
def test_what_is_no_database(url: str) -> None:
    with pytest.raises(BadInput):
        database_rows(url, Finder(WANTED), NotRead())


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(CannotAsk) as refused:
        database_rows("postgresql://me:hunter2@127.0.0.1:1/x", Finder(WANTED), NotRead())
    assert "hunter2" not in f"{refused.value} {refused.value.because} {refused.value.try_}"
    assert "hunter2" not in repr(DatabaseAddress.parse("mysql://me:hunter2@h/x"))
