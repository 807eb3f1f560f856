"""What the lake costs: appends, readers beside them, joining, sums, and what is left of the bytes.

    .venv/bin/python bench/logs/lake.py [SECONDS] [--write]

As in the research: 20,000 rows are appended each second, and a reader counts by message every
half second from another process. Then the files are joined, summed up, and asked again.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from whence.model.log_tables import LOGS
from whence.store.log_lake import LogLake
from whence.store.log_upkeep import Upkeep

ROWS = 20_000
FIRST = datetime(2026, 11, 24, tzinfo=UTC)
KEEP_ALL = Upkeep(keep=None, keep_sums=None, most=None)
QUERY = "SELECT code, host, count(*) FROM logs GROUP BY ALL"


_MICROSECONDS = round(FIRST.timestamp() * 1e6)
_CODE = "['419002', '302013', '302014', '106023'][(1 + hash(range) % 4)::BIGINT]"
_INSIDE = "'10.20.' || hash(range) % 8 || '.' || hash(range + 1) % 250"
_OUTSIDE = "'203.0.113.' || hash(range + 3) % 250"
_PORT = "1024 + hash(range + 2) % 60000"
CELLS = {
    "position": "range",
    "received": f"make_timestamp({_MICROSECONDS} + range * 50)",
    "time": f"make_timestamp({_MICROSECONDS} + range * 50)",
    "peer": "'192.0.2.1'",
    "host": "'fw-' || hash(range) % 6",
    "vendor": "'cisco_asa'",
    "severity": "4 + hash(range) % 3",
    "code": _CODE,
    "template": f"'cisco_asa:' || {_CODE}",
    "source": _INSIDE,
    "source_port": _PORT,
    "destination": _OUTSIDE,
    "destination_port": "[443, 53, 10050, 80][(1 + hash(range + 4) % 4)::BIGINT]",
    "transport": "'tcp'",
    "weight": "1",
    "size": "150",
    "original": f"'<166>Nov 24 2026 03:17:00 fw-' || hash(range) % 6 || ' : %ASA-6-302013: Built "
    f"outbound TCP connection ' || range || ' for outside:' || {_OUTSIDE} || '/443 to inside:' || "
    f"{_INSIDE} || '/' || {_PORT}",
}


def rows(tables: duckdb.DuckDBPyConnection, begin: int) -> duckdb.DuckDBPyRelation:
    texts = ", ".join(
        f'({CELLS.get(name, "NULL")})::{type_} AS "{name}"' for name, type_ in LOGS.items()
    )
    return tables.sql(f"SELECT {texts} FROM range({begin}, {begin + ROWS})")


def read_on(folder: Path, over: Event, told: Connection) -> None:
    times, refused = [], 0
    while not over.is_set():
        begun = time.perf_counter()
        try:
            with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
                lake.relation(tables)
                tables.execute(QUERY).fetchall()
            times.append(time.perf_counter() - begun)
        except Exception:
            refused += 1
        time.sleep(0.5)
    told.send((len(times), refused, statistics.median(times) if times else 0.0))


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def asked(folder: Path, view: str, query: str) -> float:
    begun = cpu()
    with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
        getattr(lake, view)(tables)
        tables.execute(query).fetchall()
    return cpu() - begun


def main() -> None:
    numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
    seconds = int(numbers[0]) if numbers else 30
    fresh = multiprocessing.get_context("spawn")
    over, (hear, told) = fresh.Event(), fresh.Pipe()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "lake"
        reader = fresh.Process(target=read_on, args=(folder, over, told))
        reader.start()
        took, made = [], 0.0
        with duckdb.connect(config={"threads": 1}) as tables, LogLake(folder) as lake:
            for number in range(seconds):
                next_at = time.perf_counter() + 1
                begun = cpu()
                batch = rows(tables, number * ROWS)
                batch.write_parquet(str(Path(place) / "made.parquet"), compression="zstd")
                made += cpu() - begun
                begin, begun = time.perf_counter(), cpu()
                lake.append(batch, number * ROWS, (number + 1) * ROWS)
                took.append((time.perf_counter() - begin, cpu() - begun))
                time.sleep(max(0.0, next_at - time.perf_counter()))
            over.set()
            reads, refused, typical = hear.recv()
            reader.join()
            size = lake.size()
            files = len([*folder.iterdir()])
            many = asked(folder, "relation", QUERY)
            begun = cpu()
            kept = lake.tidy(KEEP_ALL, FIRST + timedelta(days=1))
            tidied = cpu() - begun
            rows_after = sum(path.stat().st_size for path in folder.glob("rows-*"))
            sums = sum(path.stat().st_size for path in folder.glob("[sl]*-*"))
        one = asked(folder, "relation", QUERY)
        summed = asked(folder, "sums", "SELECT code, host, sum(lines) FROM sums GROUP BY ALL")
    result = {
        "rows": seconds * ROWS, "files": files, "bytes": size,
        "append, wall seconds, median": round(statistics.median(wall for wall, _ in took), 3),
        "append, wall seconds, largest": round(max(wall for wall, _ in took), 3),
        "append, CPU seconds, with making the rows": round(
            statistics.fmean(used for _, used in took), 3
        ),
        "of these, plain write_parquet of the same rows": round(made / seconds, 3),
        "reads beside the writer": reads, "refused": refused,
        "read, wall seconds, median": round(typical, 3),
        "group by host and message, CPU seconds, before joining": round(many, 3),
        "… after joining": round(one, 3), "… from the sums": round(summed, 3),
        "files joined": kept.joined, "join and sum up, CPU seconds": round(tidied, 2),
        "bytes of lines after joining": rows_after, "bytes of sums": sums,
    }  # fmt: skip
    text = json.dumps(result, indent=2, ensure_ascii=False)
    print(text)
    if "--write" in sys.argv:
        Path(__file__).parents[1].joinpath("results", "logs-lake.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
