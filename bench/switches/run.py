"""How long a forwarding table takes, against snmpbulkwalk; and 200 switches, against one by one.

    python -m bench.switches.run > bench/results/switches.md

Needs snmpbulkwalk (Debian: snmp).
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from itertools import count

from bench.switches.agents import FDB_PORT, served, switch_values

from whence.inquiry.side_by_side import SideBySide, look
from whence.switches.snmp import SnmpSwitch
from whence.world import RecordedHost, utc_now
from whence.world.ber import oid_text
from whence.world.snmp import SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_device import device_of
from whence.world.switch_list import Way
from whence.world.switch_settings import SwitchSettings

ROWS, RUNS = 10_000, 9
SWITCHES, EACH, DELAY = 200, 300, 0.02  # answers of real switches take 10 to 50 ms


def main() -> None:
    print("# Switches\n")
    print(
        f"One run on {platform.machine()}, Linux {platform.release()}, Python"
        f" {platform.python_version()}, two shared cores; repeat it with `python -m"
        " bench.switches.run`. Ratios say more than times.\n"
    )
    _walk()
    _many()


def _walk() -> None:
    print(f"## A forwarding table of {ROWS:,} rows\n")
    oid = oid_text(FDB_PORT)
    with served([switch_values("sw", ROWS)]) as [port]:
        bulkwalk = ["snmpbulkwalk", "-v2c", "-cpublic", "-On", "-Cr40", f"127.0.0.1:{port}", oid]
        access = SnmpAccess("127.0.0.1", port)

        def theirs() -> int:
            return subprocess.run(bulkwalk, capture_output=True, check=True).stdout.count(b"\n") - 1

        def ours() -> int:
            with SnmpAgent(access) as agent:
                return sum(1 for _ in agent.walk(oid))

        def rows() -> int:
            with SnmpAgent(access) as agent:
                switch = SnmpSwitch(SnmpDevice("sw", agent, utc_now), Way("sw", "snmp"))
                return sum(1 for _ in switch.learned())

        print("| what | median s | times snmpbulkwalk |\n|---|---|---|")
        first, second, third = _medians(theirs, ours, rows)
    print(f"| `snmpbulkwalk -Cr40`, started anew | {first:.3f} | 1 |")
    print(f"| our walk, as rows in Python | {second:.3f} | {second / first:.2f} |")
    print(
        f"| all of `learned()`: 6 tables, cited line by line | {third:.3f} | {third / first:.2f} |"
    )
    print("\nThe agent is a process on the same machine that answers from memory.\n")


def _medians(*what: Callable[[], int]) -> list[float]:
    """Time each in turn, so that whatever else the machine does hits all of them."""
    taken: list[list[float]] = [[] for _ in what]
    for _ in range(RUNS):
        for times, run in zip(taken, what, strict=True):
            began = time.perf_counter()
            if (found := run()) != ROWS:
                raise SystemExit(f"{found} rows instead of {ROWS}")
            times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]


def _many() -> None:
    numbers = count()
    switches = [switch_values(f"sw{next(numbers)}", EACH) for _ in range(SWITCHES)]
    print(f"## {SWITCHES} switches with {EACH} addresses each, {DELAY * 1000:.0f} ms an answer\n")
    with served(switches, DELAY) as ports:
        urls = " ".join(f"snmp://127.0.0.1:{port}" for port in ports)
        known = SwitchSettings.read({"WHENCE_SWITCHES": urls, "HOME": "/nonexistent"}).switches
        host = RecordedHost()
        began = time.perf_counter()
        asked = SideBySide(known, host, utc_now, lambda *_: None)
        found = len(asked.wiring().views)
        together = time.perf_counter() - began
        began = time.perf_counter()
        some = known[:20]
        for one in some:
            look(device_of(one, host, utc_now), one.way)
        alone = (time.perf_counter() - began) * SWITCHES / len(some)
    print("| how | s |\n|---|---|")
    print(f"| side by side, all {found} | {together:.1f} |")
    print(f"| one after the other (20 asked, times ten) | {alone:.1f} |")
    print(f"\n{alone / together:.0f} times as fast; {len(asked.silent)} switches did not answer.")


if __name__ == "__main__":
    main()
