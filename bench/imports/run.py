"""How fast files of other tools are taken in, and what memory that takes; beside awk and jq.

    .venv/bin/python bench/imports/run.py [ROWS]

Writes bench/results/imports.json and imports.md.
"""

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
PEERS = {  # the least that somebody would do by hand: pick the ends and the time of each row
    "zeek_conn": ["awk", "-F\t", "!/^#/{print $1,$3,$4,$5,$6,$12}"],
    "suricata_eve": ["jq", "-c", "[.timestamp,.src_ip,.src_port,.dest_ip,.dest_port,.flow.state]"],
}


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Run a command; give seconds, seconds of the processor, and MB of its memory."""
    began = time.monotonic()
    program = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
    )
    _, status, usage = os.wait4(program.pid, 0)
    if status:
        raise SystemExit(f"{command} failed: {status}")
    took: resource.struct_rusage = usage
    return time.monotonic() - began, took.ru_utime + took.ru_stime, took.ru_maxrss / 1024


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = []
    for name, make in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file"
            with file.open("w") as out:
                out.writelines(make(rows))
            env = {**os.environ, "WHENCE_STATE": f"{folder}/state"}
            clock, processor, memory = measured([str(WHENCE), "import", str(file)], env)
            (kept,) = Path(folder, "state", "imports").glob("*.import")
            size, stored = file.stat().st_size, kept.stat().st_size
            asked = measured([str(WHENCE), "import", "--list"], env)[1]
            row = {
                "kind": name, "rows": rows, "megabytes": round(size / 1e6, 1),
                "seconds": round(clock, 1), "processor_seconds": round(processor, 1),
                "rows_per_processor_second": round(rows / processor), "memory_mb": round(memory),
                "stored_megabytes": round(stored / 1e6, 1), "list_seconds": round(asked, 2),
            }  # fmt: skip
            peer = PEERS.get(name)
            if peer and shutil.which(peer[0]):
                row["peer"] = peer[0]
                row["peer_processor_seconds"] = round(measured([*peer, str(file)], env)[1], 1)
            results.append(row)
            print(row, file=sys.stderr)
    RESULTS.joinpath("imports.json").write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.joinpath("imports.md").write_text(report(results, rows))


def report(results: list[dict[str, object]], rows: int) -> str:
    lines = [
        "# Files of other tools, taken in\n",
        f"`.venv/bin/python bench/imports/run.py {rows}`: files of {rows:,} made-up rows each,"
        " imported by `whence import FILE` from start to end, with the text, the connections and"
        " their index on the disk. Processor time (half a second of it is the start of Python),"
        " since others used the machine at the same time. The peer only picks six fields of each"
        " row, and keeps nothing.\n",
        "| kind | file | rows per second of the processor | processor | memory | kept | peer |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in results:
        peer = f"{row['peer']} {row['peer_processor_seconds']} s" if "peer" in row else ""
        lines.append(
            f"| `{row['kind']}` | {row['megabytes']} MB | {row['rows_per_processor_second']:,} |"
            f" {row['processor_seconds']} s | {row['memory_mb']} MB | {row['stored_megabytes']} MB"
            f" | {peer} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
