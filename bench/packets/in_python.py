"""Read a capture through the Python interface, ask all that the benchmark checks, print it.

``flows`` only counts the conversations that the reader gives, without names, on one thread or with
``all-cores`` on as many as there are cores to run on; ``analysis`` fills the tables and asks who
is loud, who gets no answer, and who comes again and again.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import duckdb
from bench.packets.ours import Told

from whence.world.captures import Captures

# What a table of conversations has, with the peers too.
CONVERSATIONS = (
    "first", "last", "source_ip", "destination_ip", "source_port", "destination_port", "protocol",
    "source_packets", "source_bytes", "destination_packets", "destination_bytes",
)  # fmt: skip


def main(what: str, file: Path) -> None:
    cores = len(os.sched_getaffinity(0)) if what == "all-cores" else 1
    print(json.dumps(_analysis(file) if what == "analysis" else _flows(file, cores)))


def _flows(file: Path, threads: int) -> Told:
    tables = duckdb.connect()
    captures = Captures.open([file], threads=threads, names="none")
    tables.register("incoming", captures.flows(CONVERSATIONS))
    found = tables.execute(
        """SELECT count(*)::BIGINT, sum(source_packets + destination_packets)::BIGINT,
        sum(source_bytes + destination_bytes)::BIGINT FROM incoming"""
    ).fetchone()
    rows, packets, total = found or (0, 0, 0)
    return {"rows": rows, "packets": packets, "bytes": total}


def _analysis(file: Path) -> Told:
    from whence.analysis._declare import Context
    from whence.analysis._tables import ready
    from whence.analysis.beacons import Beacon, beacons
    from whence.analysis.ghosts import ghosts
    from whence.analysis.talkers import talkers
    from whence.store.flow_tables import filled_tables

    with filled_tables(Captures.open([file], names="addresses")) as tables:
        ready(tables)
        found = asdict(talkers(tables))
        return {
            "talkers": {
                "totals": {name: found["totals"][name] for name in ("packets", "bytes")},
                "rows": found["rows"],
            },
            "ghosts": [
                (ghost.source, destination)
                for ghost in ghosts(tables, Context())
                for destination in getattr(ghost, "destinations", ())
            ],
            "beacons": [
                (beacon.source, beacon.destination, beacon.period.total_seconds())
                for beacon in beacons(tables, Context())
                if isinstance(beacon, Beacon)
            ],
        }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
