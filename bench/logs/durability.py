"""Kill -9 a process that fills, joins and sums up a lake, at random moments.

After each kill every acknowledged line must be there exactly once, the sums must be those of the
lines, and the writer goes on from what the lake has. The disk does not lose power.

    .venv/bin/python bench/logs/durability.py [KILLS [SEED]]
    .venv/bin/python bench/logs/durability.py --native [KILLS [SEED]]

With ``--native`` the lines are those of a file, read and written by the native part, as
``whence logs load`` and the receiver's parser do it; else they are a relation of the engine's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "durability"))
from killing import Acknowledge, run

from whence import _native
from whence.model.log_tables import LOGS
from whence.store.log_lake import LogLake
from whence.store.log_upkeep import Upkeep

BATCH, LONGEST = 500, 0.4
LINES, BYTES = 400_000, 160  # of the file that the native part reads; each line is as long
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
UPKEEP = Upkeep(keep=None, keep_sums=None, most=None, fewest=3)


def rows(tables: duckdb.DuckDBPyConnection, begin: int) -> duckdb.DuckDBPyRelation:
    cells = {
        "position": "range", "host": "'fw-' || range % 3", "weight": "2", "size": "100",
        "received": f"make_timestamp({round(FIRST.timestamp() * 1e6)} + range * 10000)",
        "original": "'line ' || range",
    }  # fmt: skip
    texts = ", ".join(f'({cells.get(name, "NULL")})::{type_} AS "{name}"'
                      for name, type_ in LOGS.items())  # fmt: skip
    return tables.sql(f"SELECT {texts} FROM range({begin}, {begin + BATCH})")


def line(number: int) -> str:
    """Write a line of the file, which says which one it is."""
    moment = FIRST + timedelta(milliseconds=10 * number)
    text = (
        f"<166>{moment:%b %d %Y %H:%M:%S} fw-{number % 3} : %ASA-6-302013: Built outbound TCP "
        f"connection {number} for outside:192.0.2.{number % 250}/443 to inside:10.0.0.{number % 7}/"
        f"{1024 + number % 60000}"
    )
    return f"{text:{BYTES - 1}}\n"


def write(folder: Path, file: Path | None, acknowledge: Acknowledge) -> None:
    step = BATCH * (BYTES if file else 1)
    with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
        appends = 0
        while True:
            begin = lake.reached()
            if file:
                now = round((FIRST + timedelta(days=1)).timestamp() * 1e6)
                read, _ = _native.parse_logs([file], start=begin, most_rows=BATCH, now=now)
                lake.append(read, begin, begin + step)
            else:
                lake.append(rows(tables, begin), begin, begin + step)
            acknowledge(str(begin + step))
            appends += 1
            if appends % 4 == 0:
                lake.tidy(UPKEEP, FIRST + timedelta(days=1))


def killed(folder: Path, file: Path | None) -> list[int]:
    """Run a writer and kill it at a random moment; give what it acknowledged.

    The moment is counted from the first append on, but in one of four cases from the beginning.
    """
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hearing)
        run(lambda say: write(folder, file, say), saying)
    os.close(saying)
    if random.random() > 1 / 4:
        select.select([hearing], [], [], 30)
    time.sleep(random.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    with os.fdopen(hearing, "rb") as pipe:
        heard = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the writer ended by itself")
    return [int(line) for line in heard.split("\n")[:-1]]  # the last may be cut


def problems(folder: Path, acknowledged: int, native: bool) -> tuple[list[str], int]:
    """Say what is not as it should be, and how many lines there are."""
    found = []
    size, weight_of_each = (BYTES, 1) if native else (1, 2)
    with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
        reached = lake.reached()
        lake.relation(tables)
        [(count, distinct, highest, wrong)] = tables.execute(
            f"""SELECT count(*), count(DISTINCT position), coalesce(max(position) + {size}, 0),
            count(*) FILTER ({_wrong(native)}) FROM logs"""
        ).fetchall()
        if count != distinct or not count * size == highest == reached:
            found.append(f"{count} rows, {distinct} positions up to {highest}, reached {reached}")
        if wrong:
            found.append(f"{wrong} rows do not say what was written")
        if reached < acknowledged:
            found.append(f"{(acknowledged - reached) // size} lines lost")
        lake.sums(tables)
        [(lines, weight)] = tables.execute(
            "SELECT coalesce(sum(lines), 0)::BIGINT, coalesce(sum(weight), 0)::BIGINT FROM sums"
        ).fetchall()
        if (lines, weight) != (count, weight_of_each * count):
            found.append(f"sums say {lines} lines and weight {weight}, there are {count}")
        found += [str(reason) for reason in lake.unreadable.values()]
    return found, count


def _wrong(native: bool) -> str:
    """Write the condition that a row is not what was written at its position."""
    if not native:
        return "original IS DISTINCT FROM 'line ' || position"
    number = f"position // {BYTES}"
    return (
        f"regexp_extract(original, 'connection (\\d+) ', 1) IS DISTINCT FROM ({number})::VARCHAR "
        f"OR host IS DISTINCT FROM 'fw-' || ({number}) % 3 "
        f"OR source_port IS DISTINCT FROM 443 "
        f"OR destination_port IS DISTINCT FROM 1024 + ({number}) % 60000"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("seed", type=int, nargs="?")
    parser.add_argument("--native", action="store_true")
    asked = parser.parse_args()
    kills, native = asked.kills, asked.native
    random.seed(asked.seed)
    begun, acknowledged, count = time.monotonic(), 0, 0
    found: list[str] = []
    swept = 0
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        file = Path(folder) / "lines.log" if native else None
        if file:
            with file.open("w") as out:
                out.writelines(map(line, range(LINES)))
        for kill in range(kills):
            acknowledged = max([acknowledged, *killed(lake, file)])
            swept += len([*lake.glob(".*draft*")]) if lake.exists() else 0
            wrong, count = problems(lake, acknowledged, native)
            found += [f"kill {kill}: {text}" for text in wrong]
    acknowledged //= BYTES if native else 1
    result = {
        "writer": "native" if native else "engine", "kills": kills,
        "acknowledged": acknowledged, "there": count, "drafts_left": swept,
        "problems": found, "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip
    print(json.dumps(result, indent=2))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
