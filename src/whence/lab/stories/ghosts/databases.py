"""The databases in which the programs are told whom to call: SQLite, and a real PostgreSQL."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from whence.lab.building import CannotBuild
from whence.lab.machines import Machine
from whence.lab.stories.ghosts.drawing import SITES, Drawn, Ghost
from whence.lab.stories.ghosts.packages import python

PROGRAMS = "/usr/lib/postgresql"
DATA = "/var/lib/postgresql/lab"
SOCKET = "/run/postgresql"
PATIENCE = 60.0

FILL = """\
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(sys.stdin.read())
database.commit()
"""


def fill_sqlite(machine: Machine, drawn: Drawn, ghost: Ghost) -> None:
    """Write the scanner's list of sites; one of them was closed, and its row has stayed."""
    dice = random.Random(drawn.seed)
    rows = []
    for number in range(1, 44):
        network = f"100.64.{number}.0/29"
        name, active = f"site {number}", 0
        if number == ghost.row:
            network, name, active = ghost.written, dice.choice(SITES), 1
        rows.append(f"({number}, '{name}', '{network}', {active})")
    script = (
        f"CREATE TABLE {ghost.table} (id INTEGER PRIMARY KEY, name TEXT, {ghost.column} TEXT, "
        f"active INTEGER);\nINSERT INTO {ghost.table} VALUES {', '.join(rows)};\n"
    )
    machine.run(python(), "-c", FILL, ghost.state, text=script)


def row_of_sqlite(ghost: Ghost) -> str:
    """Say where the stale row is, as an answer must."""
    return f"table {ghost.table}, column {ghost.column}, row {ghost.row}"


def correct_sqlite(machine: Machine, ghost: Ghost) -> None:
    """Do what somebody does on a host on which nobody can ask whence."""
    script = f"UPDATE {ghost.table} SET active = 0 WHERE id = {ghost.row};"
    machine.run(python(), "-c", FILL, ghost.state, text=script)


def start_postgresql(machine: Machine, ghost: Ghost) -> None:
    """Begin a database server that listens at its socket only, and fill it.

    Raises
    ------
    CannotBuild
        If it is not installed, or does not answer.

    """
    programs = newest_programs()
    _as_postgres(machine, "mkdir", "-p", "/run/postgresql", user="root")
    _as_postgres(machine, "chown", "postgres:", SOCKET, user="root")
    initdb = (str(programs / "initdb"), "-D", DATA, "--no-sync", "-A", "trust")
    _as_postgres(machine, *initdb, "--locale=C.UTF-8")
    server = (str(programs / "postgres"), "-D", DATA, "-k", SOCKET, "-h", "", "-F")
    machine.start(*run_as("postgres"), *server)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _as_postgres(machine, "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", SOCKET,
                         "postgres", text=_tables(ghost))  # fmt: skip
            return
        except CannotBuild:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def newest_programs() -> Path:
    """Give the folder of PostgreSQL's programs.

    Raises
    ------
    CannotBuild
        If it is not installed.

    """
    found = sorted(Path(PROGRAMS).glob("*/bin"))
    if not found or shutil.which("psql") is None:
        raise CannotBuild(
            "the lab needs PostgreSQL", because="it is not installed",
            try_="apt-get install postgresql",
        )  # fmt: skip
    return found[-1]


def correct_postgresql(machine: Machine, ghost: Ghost) -> None:
    """Do what somebody does on a host on which nobody can ask whence."""
    text = f"UPDATE {ghost.table} SET monitored = false WHERE {ghost.column} <> '127.0.0.1';"
    _as_postgres(machine, "psql", "-qX", "-h", SOCKET, "monitoring", text=text)


def row_of_postgresql(ghost: Ghost) -> str:
    """Say where the remnant is, as an answer must; rows have no number there."""
    return f"table public.{ghost.table}, column {ghost.column}"


def _tables(ghost: Ghost) -> str:
    values = ", ".join(f"('{target}', true)" for target in ghost.targets)
    return f"""\
DROP DATABASE IF EXISTS monitoring;
DROP ROLE IF EXISTS monitor;
CREATE ROLE monitor LOGIN;
CREATE DATABASE monitoring;
\\connect monitoring
CREATE TABLE {ghost.table} (id serial PRIMARY KEY, {ghost.column} text, monitored boolean);
INSERT INTO {ghost.table} ({ghost.column}, monitored)
  SELECT '100.65.3.' || n, false FROM generate_series(1, {20 + ghost.row}) n;
INSERT INTO {ghost.table} ({ghost.column}, monitored) VALUES {values};
GRANT SELECT ON {ghost.table} TO monitor;
"""


def run_as(user: str) -> tuple[str, ...]:
    """Give the words that make a command run as another user."""
    return ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")


def _as_postgres(machine: Machine, *argv: str, text: str = "", user: str = "postgres") -> None:
    machine.run(*(run_as(user) if user != "root" else ()), *argv, text=text)
