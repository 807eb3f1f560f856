"""A row of a real PostgreSQL is found by table, column and row, and nothing is written there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, whence  # noqa: F401
from whence.model import CannotAsk
from whence.model.address_forms import Finder, Wanted
from whence.model.mentions import NotRead
from whence.world.database_rows import database_rows

pytestmark = pytest.mark.lab

ADDRESS = "10.9.3.77"
TABLES = """
CREATE TABLE inventory (id int primary key, name text, address text);
INSERT INTO inventory SELECT n, 'host' || n, '10.9.4.' || n % 250 FROM generate_series(1, 3000) n;
UPDATE inventory SET address = '10.9.3.77' WHERE id = 1411;
CREATE TABLE networks (range cidr, note text);
INSERT INTO networks VALUES ('10.9.3.0/24', 'the old scanner network'), ('10.8.0.0/16', 'x');
CREATE TABLE settings (value jsonb);
INSERT INTO settings VALUES ('{"targets": ["10.9.3.1-10.9.3.99"]}');
CREATE TABLE numbers (address bigint);
INSERT INTO numbers VALUES (168362829), (168362830);
CREATE TABLE hidden (address text);
INSERT INTO hidden VALUES ('10.9.3.77');
CREATE ROLE reader LOGIN PASSWORD 'hunter2horse';
GRANT SELECT ON inventory, networks, settings, numbers TO reader;
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A PostgreSQL of our own, that listens at a socket in a folder and nowhere else."""
    [*_, programs] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path("/run") / f"whence-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)

    def run(*argv: str, text: str = "") -> None:
        subprocess.run(
            argv, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd=folder,
            input=text, text=True, check=True, capture_output=True, timeout=100,
        )  # fmt: skip

    run(str(programs / "initdb"), "-D", str(folder / "data"), "--no-sync", "-A", "trust",
        "--locale=C.UTF-8")  # fmt: skip
    with subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", "-F"],
        user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd=folder,
        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
            end = time.monotonic() + 60
            while subprocess.run(ready, check=False).returncode and time.monotonic() < end:
                time.sleep(0.05)
            run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(folder), "postgres", text=TABLES)
            yield folder
        finally:
            process.terminate()
            process.wait(30)
            shutil.rmtree(folder)


def test_rows_ranges_numbers_and_documents(server: Path) -> None:
    not_read = NotRead()
    url = f"postgresql://postgres@/postgres?host={server}"
    found = database_rows(url, Finder(Wanted(ADDRESS)), not_read)
    told = {one.part.rpartition(", row")[0]: one.written for one in found}
    assert told == {
        "table public.hidden, column address": ADDRESS,
        "table public.inventory, column address": ADDRESS,
        "table public.networks, column range": "10.9.3.0/24",
        "table public.numbers, column address": "168362829",
        "table public.settings, column value": "10.9.3.1-10.9.3.99",
    }
    assert not not_read.counts


def test_what_the_user_may_not_read_is_not_read(server: Path) -> None:
    url = f"postgresql://reader:hunter2horse@/postgres?host={server}"
    found = database_rows(url, Finder(Wanted(ADDRESS)), NotRead())
    assert {one.part.split(",")[0] for one in found} == {
        f"table public.{name}" for name in ("inventory", "networks", "numbers", "settings")
    }


def test_the_command_tells_the_row_first(
    whence: Whence,  # noqa: F811  the fixture
    server: Path,
    tmp_path: Path,
) -> None:
    url = f"postgresql://reader:hunter2horse@/postgres?host={server}"
    status, out, err = whence("find", ADDRESS, "--program", "/bin/true", "--database", url)
    assert status == 0
    assert out.startswith(f"{ADDRESS} stands in postgresql://{server}/postgres (table public.")
    assert "inventory, column address" in out.splitlines()[0]
    kept = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())
    assert b"hunter2horse" not in kept + out.encode() + err.encode()


def test_a_database_that_is_not_there(server: Path) -> None:
    with pytest.raises(CannotAsk):
        database_rows(
            f"postgresql://postgres@/nothing?host={server}", Finder(Wanted(ADDRESS)), NotRead()
        )
