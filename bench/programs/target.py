"""What the questions about programs add to ``whence TARGET``: two installations, by turns.

    .venv/bin/python -m bench.programs.target OLD/bin/whence .venv/bin/whence [RUNS]

A script of Python holds a connection on loopback; it is what both explain. Processor time is what
counts on a machine that does other work, too.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRIPT = """import socket, time
server = socket.create_server(("127.0.0.1", 0))
call = socket.create_connection(server.getsockname())
print(server.getsockname()[1], flush=True)
time.sleep(3600)
"""


def once(whence: str, target: str, state: str) -> tuple[float, float]:
    """Explain the target; give processor time and time, in seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [whence, target], stdout=subprocess.DEVNULL, env=os.environ | {"WHENCE_STATE": state},
        check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.monotonic() - began


def main() -> None:
    """Measure both by turns, and print medians."""
    *installed, runs = sys.argv[1:] if len(sys.argv) > 3 else [*sys.argv[1:], "9"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "call.py")
        script.write_text(SCRIPT)
        with subprocess.Popen(["/usr/bin/python3", script], stdout=subprocess.PIPE) as process:
            assert process.stdout
            target = f"127.0.0.1:{int(process.stdout.readline())}"
            found: dict[str, list[tuple[float, float]]] = {one: [] for one in installed}
            for _ in range(int(runs)):
                for one in installed:
                    found[one].append(once(one, target, folder))
            process.kill()
    for name, one in zip(("before", "after"), installed, strict=True):
        spent, took = zip(*found[one], strict=True)
        print(json.dumps({
            "which": name, "runs": int(runs), "cpu_s_median": round(statistics.median(spent), 3),
            "cpu_s_least": round(min(spent), 3), "s_median": round(statistics.median(took), 3),
            "s_least": round(min(took), 3),
        }))  # fmt: skip


if __name__ == "__main__":
    main()
