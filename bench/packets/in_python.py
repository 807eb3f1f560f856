"""Read a capture through the Python interface, ask all that the benchmark checks, print it.

``flows`` only counts what the reader gives; ``analysis`` fills the tables and asks who is loud, who
gets no answer, and who comes again and again.
"""

from __future__ import annotations

import json
import sys

from bench.packets.ours import Told


def main(what: str, file: str) -> None:
    print(json.dumps(_flows(file) if what == "flows" else _analysis(file)))


def _flows(file: str) -> Told:
    import duckdb
    from whence.world.captures import Captures

    with Captures.open([file]) as captures:
        tables = duckdb.connect()
        tables.register("incoming", captures.flows())
        found = tables.execute(
            """SELECT count(*)::BIGINT, sum(source_packets + destination_packets)::BIGINT,
            sum(source_bytes + destination_bytes)::BIGINT FROM incoming"""
        ).fetchone()
    rows, packets, total = found or (0, 0, 0)
    return {"rows": rows, "packets": packets, "bytes": total}


def _analysis(file: str) -> Told:
    from whence import api

    with api.read_captures([file]) as traffic:
        found = {
            analysis.name: findings
            for analysis, findings in api.findings(traffic, ["ghosts", "beacons"])
        }
        return {
            "talkers": api.as_builtins(api.talkers(traffic)),
            "ghosts": [
                (ghost.source, destination)
                for ghost in found["ghosts"]
                for destination in getattr(ghost, "destinations", ())
            ],
            "beacons": [
                (beacon.source, beacon.destination, beacon.period.total_seconds())  # type: ignore[attr-defined]
                for beacon in found["beacons"]
            ],
        }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
