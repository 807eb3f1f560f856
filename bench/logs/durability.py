"""Kill -9 a process that fills, joins and sums up a lake, at random moments.

After each kill every acknowledged line must be there exactly once, the sums must be those of the
lines, and the writer goes on from what the lake has. The disk does not lose power.

    .venv/bin/python bench/logs/durability.py [KILLS]
"""

from __future__ import annotations

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

from whence.model.log_tables import LOGS
from whence.store.log_lake import LogLake
from whence.store.log_upkeep import Upkeep

BATCH, LONGEST = 500, 0.4
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


def write(folder: Path, acknowledge: Acknowledge) -> None:
    with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
        appends = 0
        while True:
            begin = lake.reached()
            lake.append(rows(tables, begin), begin, begin + BATCH)
            acknowledge(str(begin + BATCH))
            appends += 1
            if appends % 4 == 0:
                lake.tidy(UPKEEP, FIRST + timedelta(days=1))


def killed(folder: Path) -> list[int]:
    """Run a writer and kill it at a random moment; give what it acknowledged.

    The moment is counted from the first append on, but in one of four cases from the beginning.
    """
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hearing)
        run(lambda say: write(folder, say), saying)
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


def problems(folder: Path, acknowledged: int) -> tuple[list[str], int]:
    """Say what is not as it should be, and how many lines there are."""
    found = []
    with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
        reached = lake.reached()
        lake.relation(tables)
        [(count, distinct, highest)] = tables.execute(
            "SELECT count(*), count(DISTINCT position), coalesce(max(position) + 1, 0) FROM logs"
        ).fetchall()
        if not count == distinct == highest == reached:
            found.append(f"{count} rows, {distinct} positions up to {highest}, reached {reached}")
        if reached < acknowledged:
            found.append(f"{acknowledged - reached} lines lost")
        lake.sums(tables)
        [(lines, weight)] = tables.execute(
            "SELECT coalesce(sum(lines), 0)::BIGINT, coalesce(sum(weight), 0)::BIGINT FROM sums"
        ).fetchall()
        if (lines, weight) != (count, 2 * count):
            found.append(f"sums say {lines} lines and weight {weight}, there are {count}")
        found += [str(reason) for reason in lake.unreadable.values()]
    return found, count


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else None)
    begun, acknowledged, count = time.monotonic(), 0, 0
    found: list[str] = []
    swept = 0
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        for kill in range(kills):
            acknowledged = max([acknowledged, *killed(lake)])
            swept += len([*lake.glob(".*draft*")]) if lake.exists() else 0
            wrong, count = problems(lake, acknowledged)
            found += [f"kill {kill}: {text}" for text in wrong]
    result = {
        "kills": kills, "acknowledged": acknowledged, "there": count, "drafts_left": swept,
        "problems": found, "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip
    print(json.dumps(result, indent=2))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
