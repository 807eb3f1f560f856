"""Reading log lines beside the tools that people use: ``python -m bench.logs.parse FILE``.

Every method runs in a process of its own, the methods one after the other and the whole again as
often as ``--rounds`` says; the best CPU time (user and system) of each counts, and the ratio to
awk in the same run, since the machine is shared. Peers that are not installed are left out and
named. ``--peers PYTHON`` is an interpreter that has Polars and Drain3. Without FILE, a log is made.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

NOW = 1_772_600_000_000_000

OURS = f"""
import sys, duckdb
from whence import _native
file, sql, form, options = sys.argv[1], sys.argv[2], sys.argv[3], eval(sys.argv[4])
read = _native.count_logs if form == "count" else _native.parse_logs
stream, reading = read([file], now={NOW}, **options)
engine = duckdb.connect(config={{"threads": 1}})
if form == "parquet":
    stream.write_parquet(sql)
elif form == "none":
    while stream.texts((), "template", ()) is not None: pass
else:
    engine.register("logs", stream)
    engine.execute(sql).fetchall()
"""

AWK = r"""
{ p = index($0, "%ASA-"); id = p ? substr($0, p + 7, 6) : "-"; n[substr($0, 6, 12), id]++ }
END { for (k in n) c++; print c }
"""

DUCKDB = """
import sys, duckdb
duckdb.connect(config={"threads": 1}).execute('''
SELECT l[6:17], CASE WHEN strpos(l, '%ASA-') > 0 THEN substr(l, strpos(l, '%ASA-') + 7, 6) END,
count(*) FROM read_csv(?, columns={'l': 'VARCHAR'}, delim='\\x07', quote='', escape='',
header=false, auto_detect=false) GROUP BY ALL''', [sys.argv[1]]).fetchall()
"""

POLARS = """
import sys, polars as pl
(pl.scan_csv(sys.argv[1], has_header=False, separator='\\x07', quote_char=None, new_columns=['l'])
 .select(pl.col('l').str.slice(5, 12).alias('hour'),
         pl.col('l').str.extract(r'%ASA-\\d-(\\d+)').alias('id'))
 .group_by('hour', 'id').len().collect())
"""

# lnav knows no lines that begin with their priority: it is told of them, as a user would.
LNAV_FORMAT = {
    "$schema": "https://lnav.org/schemas/format-v1.schema.json",
    "relayed_log": {
        "title": "relayed",
        "description": "lines of syslog with their priority",
        "regex": {
            "all": {
                "pattern": r"^<\d+>(?<timestamp>\w{3} +\d+(?: \d{4})? \d\d:\d\d:\d\d) "
                r"(?<host>\S+) (?:: )?(?<body>.*)$"
            }
        },
        "timestamp-format": ["%b %d %Y %H:%M:%S", "%b %d %H:%M:%S"],
        "value": {"host": {"kind": "string", "identifier": True}},
        "sample": [{"line": "<38>Mar  1 00:00:01 app01 sshd[1]: Failed"}],
    },
}
LNAV = r"""
;SELECT strftime('%Y-%m-%d %H', log_time) AS hour, regexp_match('%ASA-\d-(\d+)', log_body) AS id,
count(*) FROM relayed_log GROUP BY 1, 2
""".strip().replace("\n", " ")

DRAIN3 = """
import sys
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
miner = TemplateMiner(config=TemplateMinerConfig())
with open(sys.argv[1]) as lines:
    for line in lines: miner.add_log_message(line.rstrip())
"""

PYTHON = r"""
import re, sys
header = re.compile(r'<(\d+)>(\w{3} +\d+(?: \d{4})? [\d:]{8}) (\S+) (?:: )?%ASA-(\d)-(\d+): (.*)')
ends = re.compile(r'([\w:-]+):([\w.]+|[\da-f:]+)/(\d+)')
for line in open(sys.argv[1]):
    found = header.match(line)
    if found: ends.findall(found[6])
"""


BEGIN = """
import atexit, resource
def used():
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime
import duckdb, re, sys
"""
MEASURED = """
begun = used()
atexit.register(lambda: print("cpu", used() - begun))
"""


def measured(imports: str, script: str) -> str:
    """Let a script of Python say what it used, without the imports."""
    return BEGIN.replace("duckdb, re, sys", imports) + MEASURED + script


def made(path: Path, lines: int, seed: int = 4) -> None:
    """Write a log of a firewall and some servers, the same for each seed."""
    chance = Random(seed)
    with path.open("w", encoding="ascii") as file:
        file.writelines(_lines(lines, chance))


def _lines(count: int, chance: Random) -> Iterator[str]:
    moment = datetime(2026, 3, 1)  # noqa: DTZ001 as devices write it
    for number in range(count):
        moment += timedelta(seconds=number % 40 == 0)
        inside = f"10.20.{chance.randrange(8)}.{chance.randrange(250)}/{chance.randrange(65535)}"
        outside = f"198.51.100.{chance.randrange(250)}/443"
        connection = chance.randrange(9_999_999)
        sort = chance.random()
        if sort < 0.8:
            stamp = f"<166>{moment:%b %d %Y %H:%M:%S} fw-{chance.randrange(3)} : %ASA-"
            if sort < 0.3:
                yield (
                    f"{stamp}4-419002: Received duplicate TCP SYN from inside:{inside} to "
                    "transit:192.168.77.10/10050 with different initial sequence number\n"
                )
            elif sort < 0.5:
                yield (
                    f"{stamp}6-302013: Built outbound TCP connection {connection} for "
                    f"outside:{outside} ({outside}) to inside:{inside} ({inside})\n"
                )
            elif sort < 0.7:
                yield (
                    f"{stamp}6-302014: Teardown TCP connection {connection} for outside:{outside} "
                    f"to inside:{inside} duration 0:00:30 bytes {connection} TCP FINs\n"
                )
            else:
                yield (
                    f"{stamp}4-106023: Deny udp src outside:{outside} dst inside:{inside} by "
                    'access-group "outside_in" [0x0, 0x0]\n'
                )
            continue
        stamp = f"<38>{moment:%b %e %H:%M:%S} app{chance.randrange(20):02}"
        if sort < 0.9:
            yield (
                f"{stamp} sshd[{connection % 9999}]: Failed password for root from "
                f"203.0.113.{chance.randrange(250)} port {chance.randrange(65535)} ssh2\n"
            )
        else:
            yield f"{stamp} systemd[1]: Started Session {connection} of user u{connection % 50}.\n"


def methods(file: Path, peers: str, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Give for each method what it does, and the command; some write to the folder."""
    python, out = sys.executable, folder / "out.parquet"
    formats = folder / "formats/relayed"
    formats.mkdir(parents=True)
    (formats / "format.json").write_text(json.dumps(LNAV_FORMAT))
    lnav = ["lnav", "-I", str(folder), "-n", "-c", LNAV, str(file)]

    def ours(sql: str, form: str, options: str) -> list[str]:
        return [
            python,
            "-c",
            measured("duckdb, sys, whence._native", OURS),
            str(file),
            sql,
            form,
            options,
        ]

    engine = measured("duckdb", DUCKDB)
    count, parse, wording = "count by hour, host and id", "parse all columns", "wordings"
    found = {
        "grep -c": ("find one id", ["grep", "-c", "%ASA-4-419002", str(file)]),
        "awk": ("count by hour and id", ["awk", AWK, str(file)]),
        "DuckDB read_csv": ("count by hour and id", [python, "-c", engine, str(file)]),
        "lnav": ("count by hour and id", lnav),
        "Polars": ("count by hour and id", [peers, "-c", measured("polars", POLARS), str(file)]),
        "whence count_logs": (count, ours("SELECT sum(lines) FROM logs", "count", "{}")),
        "Python, re": (parse + ", few of them", [python, "-c", measured("re", PYTHON), str(file)]),
        "whence parse_logs": (parse, ours("", "none", "{}")),
        "whence parse_logs, into DuckDB": (
            parse, ours("CREATE TABLE t AS FROM logs", "parse", "{'keep_original': False}"),
        ),
        "whence parse_logs, by DuckDB into Parquet": (
            parse,
            ours(f"COPY logs TO '{out}' (FORMAT parquet)", "parse", "{'keep_original': False}"),
        ),
        "whence parse_logs, into Parquet": (
            parse, ours(str(out), "parquet", "{'keep_original': False}"),
        ),
        "whence parse_logs, into Parquet with the lines": (parse, ours(str(out), "parquet", "{}")),
        "Drain3": (wording, [peers, "-c", measured("drain3", DRAIN3), str(file)]),
        "whence templates": (
            wording, ours("", "none", "{'columns': ['template'], 'keep_original': False}"),
        ),
    }  # fmt: skip
    return {name: one for name, one in found.items() if shutil.which(one[1][0]) is not None}


def cpu(command: list[str]) -> float | None:
    """Run it, and give its CPU seconds; None where it does not work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as said:
        # Into a pipe: grep reads no further than the first match where nobody looks.
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=said, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return None
    if b"cpu " in done.stdout:
        return max(float(done.stdout.rpartition(b"cpu ")[2]), 0.001)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return max(used, 0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--output", type=Path, default=Path("bench/results"))
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = told.file or Path(folder) / "made.log"
        if told.file is None:
            made(file, told.lines)
        with file.open("rb") as text:
            lines = sum(1 for _ in text)
        found = methods(file, told.peers, Path(folder))
        os.environ["HOME"] = folder  # where lnav keeps what it has seen
        best: dict[str, float] = {}
        for _ in range(told.rounds):
            for name, (_, command) in found.items():
                seconds = cpu(command)
                if seconds is not None:
                    best[name] = min(seconds, best.get(name, seconds))
        size = file.stat().st_size
    rows = [
        {"method": name, "does": does, "cpu_seconds": round(best[name], 2),
         "million_lines_per_cpu_second": round(lines / best[name] / 1e6, 2),
         "against_awk": round(best["awk"] / best[name], 2)}
        for name, (does, _) in found.items() if name in best
    ]  # fmt: skip
    absent = sorted({*found} - {*best})
    load = [round(os.getloadavg()[0], 1), os.cpu_count()]
    result = {
        "lines": lines, "bytes": size, "load": load, "methods": rows, "not_there": absent,
    }  # fmt: skip
    (told.output / "logs-parse.json").write_text(json.dumps(result, indent=1) + "\n")
    (told.output / "logs-parse.md").write_text(_page(result))
    print(_page(result))


def _page(result: dict[str, object]) -> str:
    rows = result["methods"]
    assert isinstance(rows, list)
    table = "\n".join(
        f"| {row['method']} | {row['does']} | {row['cpu_seconds']} | "
        f"{row['million_lines_per_cpu_second']} | {row['against_awk']} |"
        for row in rows
    )
    absent, load = result["not_there"], result["load"]
    assert isinstance(load, list)
    left_out = f"\nNot there, or did not work: {', '.join(absent)}.\n" if absent else ""  # type: ignore[arg-type]
    return f"""# Reading log lines

`python -m bench.logs.parse`: {result["lines"]:,} lines, {result["bytes"]:,} bytes, one after the
other on a machine that others share (load {load[0]} at the end, {load[1]} cores), the best of
some rounds; what counts is the ratio to awk in the same run. Each is a process of its own; imports
of Python are not counted. The Parquet file has
all columns but the original line, unless it says so.

| method | does | CPU s | million lines per CPU s | times awk |
|---|---|---|---|---|
{table}
{left_out}"""


if __name__ == "__main__":
    main()
