"""Kill ``whence logs receive`` at random moments: is each line in the lake, exactly once?

``python bench/logs/kill_receiver.py 100 [SEED]``. Each round starts the command, appends lines to a
file and sends others over TCP, reads along in the spool (what was seen there is acknowledged), and
kills the command, its receiver, or both with SIGKILL. Now and then the file is rotated.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from whence.store.log_lake import LogLake
from whence.world.log_spool import Kind, SpoolReader

MAIN = "from whence.cli.start import main; main()"


class Round:
    """A run of the command that will be killed."""

    def __init__(self, folder: Path, *words: str) -> None:
        argv = [sys.executable, "-c", MAIN, "logs", "receive", "--floor", "0", "--from-start"]
        argv += ["--state", str(folder / "state"), "--tail", str(folder / "app.log*")]
        self.command = subprocess.Popen(
            [*argv, "--tcp", "127.0.0.1:0", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.command.stderr
        said = self.command.stderr.readline()
        found = re.search(r"127.0.0.1:(\d+)", said)
        assert found, said + self.command.stderr.read()
        self.port = int(found[1])
        children = Path(f"/proc/{self.command.pid}/task/{self.command.pid}/children")
        self.receiver = int(children.read_text().split()[0])

    def kill(self, which: str) -> None:
        for name, pid in (("receiver", self.receiver), ("command", self.command.pid)):
            if which in (name, "both"):
                os.kill(pid, signal.SIGKILL)
        self.command.wait()
        while Path(f"/proc/{self.receiver}").exists():  # it completes the spool
            stat = Path(f"/proc/{self.receiver}/stat")
            with contextlib.suppress(OSError):
                if stat.read_text().rpartition(") ")[2].startswith("Z"):
                    break
            time.sleep(0.01)


def main() -> None:
    rounds = int(sys.argv[1])
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        folder = Path(made)
        log, spool = folder / "app.log", folder / "state/spool"
        log.touch()
        written: list[str] = []
        sent = 0
        acknowledged: set[str] = set()
        kills: Counter[str] = Counter()
        for number in range(rounds):
            one = Round(folder)
            reader = SpoolReader(spool)
            end = time.monotonic() + chance.uniform(0, 1.5)
            with socket.create_connection(("127.0.0.1", one.port)) as out:
                while time.monotonic() < end:
                    lines = [f"file {len(written) + n} {'x' * chance.randrange(150)}"
                             for n in range(chance.randrange(200))]  # fmt: skip
                    with log.open("a") as file:
                        file.writelines(f"{line}\n" for line in lines)
                    written += lines
                    count = chance.randrange(200)
                    out.sendall(b"".join(b"<13>tcp %d\n" % (sent + n) for n in range(count)))
                    sent += count
                    time.sleep(0.005)
                    acknowledged |= {
                        record.payload.decode()
                        for record in reader.records()
                        if record.kind is Kind.TCP
                    }
                which = chance.choice(("receiver", "command", "both"))
                kills[which] += 1
                one.kill(which)
            if number % 10 == 4:
                log.rename(folder / f"app.log.{number}")
                log.touch()
            if number % 10 == 9:
                (folder / f"app.log.{number}").write_bytes(log.read_bytes())
                os.truncate(log, 0)
            if number % 10 == 0:
                print(f"{number} rounds, {len(written)} lines, {sent} sent", file=sys.stderr)
        last = Round(folder, "--for", "5s")
        assert last.command.wait(300) in (0, 1)  # 1: nothing was left to receive
        with LogLake(folder / "state/lake") as lake, duckdb.connect() as connection:
            rows = lake.relation(connection).select("original").fetchall()
        there = Counter(row[0] for row in rows)
        files = Counter(written)
        by_tcp = {text: count for text, count in there.items() if text.startswith("<13>tcp ")}
        whole = {f"<13>tcp {number}" for number in range(sent)}
        halves = sum(text not in whole for text in by_tcp)
        print(
            json.dumps(
                {
                    "kills": dict(kills),
                    "lines of files": len(written),
                    "of these missing": sum((files - there).values()),
                    "of these twice": sum(max(0, there[text] - n) for text, n in files.items()),
                    "sent over TCP": sent,
                    "acknowledged": len(acknowledged),
                    "acknowledged and missing": len(acknowledged - there.keys()),
                    "over TCP twice": sum(
                        count > 1 for text, count in by_tcp.items() if text in whole
                    ),
                    "halves, kept and marked": halves,
                },
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
