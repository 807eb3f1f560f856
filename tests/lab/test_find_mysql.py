"""A row of a real MariaDB is found by table, column and key, whatever way the address is kept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.model.address_forms import Finder, Form, Wanted
from whence.model.mentions import Mention, NotRead
from whence.world.database_rows import database_rows

pytestmark = pytest.mark.lab

ADDRESS = "10.9.3.77"
TABLES = """
CREATE DATABASE site; USE site;
CREATE TABLE inventory (id int PRIMARY KEY, name text, address varchar(40));
INSERT INTO inventory SELECT seq, concat('host', seq), concat('10.9.4.', seq % 250)
    FROM seq_1_to_3000;
UPDATE inventory SET address = '10.9.3.77' WHERE id = 1411;
CREATE TABLE networks (span varchar(40), `100 %s` text);
INSERT INTO networks VALUES ('10.9.3.0/24', ''), ('10.8.0.0/16', '');
CREATE TABLE settings (value json);
INSERT INTO settings VALUES ('{"targets": ["10.9.3.1-10.9.3.99"]}');
CREATE TABLE numbers (address bigint, other int unsigned);
INSERT INTO numbers VALUES (168362829, 1), (168362830, 2);
CREATE TABLE typed (address inet4, packed varbinary(16), PRIMARY KEY (address, packed));
INSERT INTO typed VALUES ('10.9.3.77', ''), ('10.9.3.78', inet6_aton('10.9.3.77')),
    ('10.9.3.79', 0x1683628299);
CREATE TABLE hidden (address text);
INSERT INTO hidden VALUES ('10.9.3.77');
CREATE USER reader IDENTIFIED BY 'hunter2horse';
GRANT SELECT ON site.inventory TO reader;
"""


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    """A MariaDB of our own, that listens at a socket in a folder and nowhere else."""
    folder = Path("/run") / f"whence-mysql-{os.getpid()}"
    folder.mkdir(mode=0o755)
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    options = (f"--datadir={folder}/data", "--user=nobody")
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", *options, "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    at = folder / "socket"
    with subprocess.Popen(
        ["mariadbd", "--no-defaults", *options, f"--socket={at}", "--skip-networking"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            client = ["mariadb", "--no-defaults", "-S", str(at), "-uroot"]
            end = time.monotonic() + 60
            while subprocess.run([*client, "-e", ""], check=False, capture_output=True).returncode:
                assert time.monotonic() < end
                time.sleep(0.05)
            subprocess.run(client, input=TABLES, text=True, check=True, timeout=60)
            yield at
        finally:
            process.terminate()
            process.wait(30)
            shutil.rmtree(folder)


def found(url: str, not_read: NotRead | None = None) -> list[Mention]:
    return database_rows(url, Finder(Wanted(ADDRESS)), not_read or NotRead())


def test_texts_ranges_numbers_types_and_documents(socket: Path) -> None:
    not_read = NotRead()
    told = {one.part: one.written for one in found(f"mysql://root@/?host={socket}", not_read)}
    assert told == {
        "table site.hidden, column address": ADDRESS,
        "table site.inventory, column address, row id=1411": ADDRESS,
        "table site.networks, column span": "10.9.3.0/24",
        "table site.numbers, column address": "168362829",
        "table site.settings, column value": "10.9.3.1-10.9.3.99",
        "table site.typed, column address, row address=10.9.3.77, packed=": ADDRESS,
        "table site.typed, column packed, row address=10.9.3.78, packed=\n\t\x03M": "0A09034D",
    }
    assert not not_read.counts


def test_packed_bytes_are_called_so(socket: Path) -> None:
    forms = {one.part.split(",")[1]: one.form for one in found(f"mysql://root@/site?host={socket}")}
    assert forms[" column packed"] == Form.PACKED


def test_what_the_user_may_not_read_is_not_read(socket: Path) -> None:
    told = found(f"mariadb://reader:hunter2horse@/site?host={socket}")
    assert [one.part for one in told] == ["table site.inventory, column address, row id=1411"]


@pytest.mark.parametrize("who", ["reader:wrong@/site", "root@/nothing"])
def test_a_server_that_refuses_is_quoted_without_the_password(socket: Path, who: str) -> None:
    with pytest.raises(CannotAsk) as refused:
        found(f"mysql://{who}?host={socket}")
    assert "wrong" not in f"{refused.value} {refused.value.because}"
