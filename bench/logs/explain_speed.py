"""How long does it take to explain five million rows? ``python -m bench.logs.explain_speed FILE``.

FILE is made by ``generator/flood.py``. Its lines are stored once, as the lake does, which is not
timed; then the same engine, with one thread, answers simpler questions of the same two times for
comparison, and explains. CPU seconds; all in one run, since a busy machine slows all alike.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from whence.analysis._log_interval import Interval
from whence.analysis._log_window import extent, reference_of, unusual_window
from whence.analysis.log_explanation import explanation
from whence.analysis.log_increase import increase
from whence.world.log_file_rows import LogRows
from whence.world.this_host import utc_now

DIMENSIONS = ("host", "template", "source", "destination", "destination_port", "source_interface",
              "destination_interface")  # fmt: skip


def main() -> None:
    """Read, measure, and write down what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    truth = json.loads(Path(f"{asked.file}.json").read_text())
    tables = duckdb.connect()
    tables.execute("SET threads = 1; SET enable_progress_bar = false")
    rows = LogRows([asked.file], utc_now())
    tables.register("incoming", rows.rows)
    stored = asked.file.with_suffix(".parquet")
    tables.execute(
        f"""COPY (FROM incoming) TO '{stored}'
        (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2)"""
    )
    tables.execute(f"CREATE VIEW logs AS FROM '{stored}'")
    end = datetime.fromisoformat(truth["end"])
    window = Interval(datetime.fromisoformat(truth["onset"]), end)
    reference = window.moved(timedelta(days=-7))
    both = f"({window.sql()}) OR ({reference.sql()})"
    names = ", ".join(DIMENSIONS)
    sets = ", ".join(f"({name})" for name in DIMENSIONS)
    whole = extent(tables)
    assert whole is not None
    questions: dict[str, Callable[[], object]] = {
        "count by host and kind": lambda: tables.execute(
            f"SELECT host, template, count(*) FROM logs WHERE {both} GROUP BY ALL"
        ).fetchall(),
        "7 single dimensions (GROUPING SETS)": lambda: tables.execute(
            f"SELECT {names}, count(*) FROM logs WHERE {both} GROUP BY GROUPING SETS ({sets})"
        ).fetchall(),
        "find the window": lambda: unusual_window(tables, whole),
        "patterns (increase)": lambda: increase(
            tables, window, reference_of(tables, window, whole).intervals
        ),
        "the whole explanation": lambda: explanation(tables),
    }
    found = {}
    for name, ask in questions.items():
        begin = time.process_time()
        ask()
        found[name] = round(time.process_time() - begin, 2)
        print(f"{found[name]:6.2f} CPU s  {name}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps({"lines": truth["lines"], "cpu_s": found}, indent=1))


if __name__ == "__main__":
    main()
