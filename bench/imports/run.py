"""How fast files of other tools are taken in, and what memory that takes; beside awk, jq, DuckDB.

    .venv/bin/python bench/imports/run.py [--rows 1000000] [--only KIND]

Each kind is taken in twice, once with a tenth of the rows, which shows whether memory grows with
the file. Writes bench/results/imports.json and imports.md; kinds that were not measured keep what
an earlier run found.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
WHENCE = HERE.parent.parent / ".venv" / "bin" / "whence"
SEED = 7


def port(chance: random.Random) -> int:
    return chance.randrange(1024, 65536)


def zeek(rows: int) -> Iterator[str]:
    yield "#separator \\x09\n#unset_field\t-\n#empty_field\t(empty)\n#path\tconn\n#fields\tts\tuid"
    yield "\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes"
    yield "\tresp_bytes\tconn_state\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n"
    chance = random.Random(SEED)
    for n in range(rows):
        yield (
            f"{1_700_000_000 + n / 50:.6f}\tC{n:x}\t10.{n % 9}.{n % 200}.{n % 250}"
            f"\t{port(chance)}"
            f"\t203.0.113.{chance.randrange(256)}\t{chance.choice((443, 53, 17777))}"
            "\ttcp\t-\t0.5\t100\t200"
            f"\t{chance.choice(('SF', 'S0', 'RSTO'))}\t5\t360\t4\t400\n"
        )


def eve(rows: int) -> Iterator[str]:
    chance = random.Random(SEED)
    for n in range(rows):
        yield (
            f'{{"timestamp":"2026-11-17T09:{n // 60 % 60:02}:{n % 60:02}.123456+0000",'
            f'"flow_id":{n},"event_type":"flow","src_ip":"10.{n % 9}.0.{n % 250}",'
            f'"src_port":{port(chance)},'
            f'"dest_ip":"203.0.113.{chance.randrange(256)}","dest_port":443,"proto":"TCP","flow":'
            '{"pkts_toserver":5,"pkts_toclient":4,"bytes_toserver":360,"bytes_toclient":400,'
            '"start":"2026-11-17T09:00:00.000000+0000","end":"2026-11-17T09:00:01.000000+0000",'
            '"state":"closed"}}\n'
        )


def netstat(rows: int) -> Iterator[str]:
    chance = random.Random(SEED)
    for n in range(rows):
        if n % 100 == 0:
            yield "\nActive Connections\n\n  Proto  Local Address  Foreign Address  State  PID\n"
        yield (
            f"  TCP    10.9.1.4:{50000 + n % 9000}         10.9.3.{chance.randrange(250)}:17777"
            f"        SYN_SENT        {chance.randrange(4, 9000)}\n [inventory.exe]\n"
        )


def tcpdump(rows: int) -> Iterator[str]:
    chance = random.Random(SEED)
    for n in range(rows):
        yield (
            f"2026-11-17 09:{n // 6000 % 60:02}:{n // 100 % 60:02}.{n % 100:02}0001"
            f" IP 10.9.1.{n % 250}.{port(chance)} > 203.0.113.9.443: Flags [S], seq {n},"
            " win 64240, length 0\n"
        )


def nfdump(rows: int) -> Iterator[str]:
    yield "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out\n"
    chance = random.Random(SEED)
    for n in range(rows):
        yield (
            f"2026-11-17 09:{n // 60 % 60:02}:{n % 60:02}.000,2026-11-17 09:59:59.500,1.5,"
            f"10.9.1.{n % 250},203.0.113.9,{port(chance)},443,TCP,......S.,0,0,2,120,0,0,0,0\n"
        )


FILES: dict[str, Callable[[int], Iterator[str]]] = {
    "zeek_conn": zeek, "suricata_eve": eve, "windows_netstat": netstat, "tcpdump": tcpdump,
    "nfdump_csv": nfdump,
}  # fmt: skip
# The least that somebody would do by hand: pick the ends and the time of each row, keep nothing.
PICK = {
    "zeek_conn": ["awk", "-F\t", "!/^#/{print $1,$3,$4,$5,$6,$12}"],
    "suricata_eve": ["jq", "-c", "[.timestamp,.src_ip,.src_port,.dest_ip,.dest_port,.flow.state]"],
    "windows_netstat": ["awk", "/TCP|UDP/{print $2,$3,$4,$5}"],
    "tcpdump": ["awk", "/ > /{print $1,$2,$4,$6}"],
    "nfdump_csv": ["awk", "-F,", "{print $1,$4,$5,$6,$7,$8}"],
}
# Whoever wants to ask again keeps it: a table of DuckDB, with all columns, and no index.
KEEP = {
    "zeek_conn": "read_csv('{file}', delim='\t', skip=5, header=false, nullstr='-')",
    "suricata_eve": "read_json('{file}', format='newline_delimited')",
    "nfdump_csv": "read_csv('{file}')",
}
DUCKDB = """import duckdb, sys
duckdb.connect(sys.argv[1]).execute("CREATE TABLE kept AS FROM " + sys.argv[2])"""


def measured(
    command: list[str], env: dict[str, str], ends: tuple[int, ...] = (0,)
) -> tuple[float, float, float]:
    """Run a command; give seconds, seconds of the processor, and MB of its memory."""
    began = time.monotonic()
    program = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
    )
    _, status, usage = os.wait4(program.pid, 0)
    if os.waitstatus_to_exitcode(status) not in ends:
        raise SystemExit(f"{command} failed: {status}")
    took: resource.struct_rusage = usage
    return time.monotonic() - began, took.ru_utime + took.ru_stime, took.ru_maxrss / 1024


def imported(name: str, rows: int, *, peers: bool) -> dict[str, object]:
    """Take in a file of so many rows; with peers, let others have the same file."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        file = Path(folder) / "file"
        with file.open("w") as out:
            out.writelines(FILES[name](rows))
        env = {**os.environ, "WHENCE_STATE": f"{folder}/state"}
        clock, processor, memory = measured([str(WHENCE), "import", str(file)], env)
        (kept,) = Path(folder, "state", "imports").glob("*.import")
        row: dict[str, object] = {
            "kind": name, "rows": rows, "megabytes": round(file.stat().st_size / 1e6, 1),
            "seconds": round(clock, 1), "processor_seconds": round(processor, 1),
            "rows_per_processor_second": round(rows / processor), "memory_mb": round(memory),
            "stored_megabytes": round(kept.stat().st_size / 1e6, 1),
        }  # fmt: skip
        if not peers:
            return row
        clock, _, memory = measured([str(WHENCE), "203.0.113.9:443"], env, ends=(0, 1))
        row["answer_seconds"], row["answer_memory_mb"] = round(clock, 1), round(memory)
        pick = PICK[name]
        if shutil.which(pick[0]):
            _, processor, memory = measured([*pick, str(file)], env)
            row["picked"] = f"{pick[0]} {processor:.1f} s, {memory:.0f} MB"
        if name in KEEP:
            table = Path(folder) / "table.duckdb"
            asked = [sys.executable, "-c", DUCKDB, str(table), KEEP[name].format(file=file)]
            _, processor, memory = measured(asked, env)
            size = table.stat().st_size / 1e6
            row["duckdb"] = f"{processor:.1f} s, {memory:.0f} MB, {size:.1f} MB kept"
        return row


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--rows", type=int, default=1_000_000)
    wanted.add_argument("--only", choices=[*FILES], action="append")
    chosen = wanted.parse_args()
    file = RESULTS / "imports.json"
    results = {row["kind"]: row for row in json.loads(file.read_text())} if file.exists() else {}
    for name in chosen.only or FILES:
        few = imported(name, chosen.rows // 10, peers=False)
        row = imported(name, chosen.rows, peers=True)
        row["memory_mb_of_a_tenth"] = few["memory_mb"]
        results[name] = row
        print(row, file=sys.stderr, flush=True)
        rows = [results[kind] for kind in FILES if kind in results]
        file.write_text(json.dumps(rows, indent=1) + "\n")
        RESULTS.joinpath("imports.md").write_text(report(rows))


def report(results: list[dict[str, object]]) -> str:
    lines = [
        "# Files of other tools, taken in\n",
        "`.venv/bin/python bench/imports/run.py --rows 1000000`: files of made-up rows, imported by"
        " `whence import FILE` from start to end, with the text, the connections and their index on"
        " the disk. Processor time, since others used the machine at the same time. Memory in"
        " brackets is that of a file with a tenth of the rows. *Asked* is `whence 203.0.113.9:443`"
        " afterwards, by the clock of a machine with twenty to forty others waiting for its two"
        " cores. Of the peers, awk and jq only pick six fields of each row and keep nothing; DuckDB"
        " keeps a table, without the text and without an index; it cannot read the texts of netstat"
        " and tcpdump.\n",
        "| kind | rows | file | rows per second | processor | memory | kept | asked | picked by"
        " | kept by DuckDB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in results:
        few = f" ({row['memory_mb_of_a_tenth']})" if "memory_mb_of_a_tenth" in row else ""
        asked = f"{row['answer_seconds']} s" if "answer_seconds" in row else ""
        lines.append(
            f"| `{row['kind']}` | {row['rows']:,} | {row['megabytes']} MB |"
            f" {row['rows_per_processor_second']:,} | {row['processor_seconds']} s |"
            f" {row['memory_mb']} MB{few} | {row['stored_megabytes']} MB"
            f" | {asked} | {row.get('picked', '')} | {row.get('duckdb', '')} |"
        )
    notes = [f"`{row['kind']}`: {row['note']}" for row in results if "note" in row]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


if __name__ == "__main__":
    main()
