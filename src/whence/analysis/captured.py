"""What captures have of one flow, as the lines of a reading that facts can cite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from whence.analysis._captured_station import captured_station
from whence.analysis.naming import RELATIONS
from whence.analysis.path import paths
from whence.model.evidence import Reading
from whence.model.flow_documents import time_text
from whence.model.flow_tables import ASKS, SKETCHES
from whence.model.observables import Flow
from whence.world.flow_lines import documents

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 200  # flows that are written out; the first line counts all


class Captured:
    """Somebody who read captures: a ``world.PacketWitness``."""

    def __init__(self, tables: DuckDBPyConnection, observer: str, taken: datetime) -> None:
        self._tables = tables
        self._observer = observer
        self._taken = taken
        self._known: dict[str, Reading] = {}

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow, one JSON object a line."""
        return self._once(
            f"captures {flow}",
            lambda: (*self._flows(flow), *self._ways(flow), *self._names(flow)),
        )

    def station(self, address: str) -> Reading:
        """Give what was captured of a machine, one JSON object a line."""
        return self._once(f"captures of {address}", lambda: captured_station(self._tables, address))

    def _once(self, source: str, read: Callable[[], Iterable[dict[str, Any]]]) -> Reading:
        if source not in self._known:
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in read())
            self._known[source] = Reading(source, text, self._taken, self._observer)
        return self._known[source]

    def _flows(self, flow: Flow) -> Iterator[dict[str, Any]]:
        paths(self._tables, flow, 1)  # fills ``chosen``
        [whole] = self._tables.execute(
            f"""SELECT count(*), sum(source_packets + destination_packets)::BIGINT,
                sum(destination_packets)::BIGINT, bool_or({ASKS}), min("first"), max("last")
            FROM counted SEMI JOIN chosen USING (flow)"""
        ).fetchall()
        if not whole[0]:
            return
        flows, packets, answers, asks, first, last = whole
        yield {
            "captured": {
                "flows": flows,
                "packets": packets,
                "answers": answers,
                "asks": asks,
                "first": time_text(first),
                "last": time_text(last),
            }
        }
        found = self._tables.sql(
            f"""SELECT * EXCLUDE ({", ".join(SKETCHES)})
            FROM flows SEMI JOIN chosen USING (flow) ORDER BY flow LIMIT $most""",
            params={"most": MOST},
        )
        for document in documents(found):
            yield {"flow": document}

    def _ways(self, flow: Flow) -> Iterator[dict[str, Any]]:
        for route in paths(self._tables, flow, 5):
            told = asdict(route)
            yield {
                "way": {name: str(told[name]) for name in ("way", "confidence", "sentence")}
                | {"evidence": list(route.evidence)}
            }

    def _names(self, flow: Flow) -> Iterator[dict[str, Any]]:
        found = self._tables.execute(
            """SELECT subject_ip, relation, value, source, arg_min(file, "time"),
                arg_min(packet, "time"), min("time"), arg_min(detail, "time")
            FROM names WHERE subject_ip IN ($destination, $source)
                AND list_contains($relations::VARCHAR[], relation)
            GROUP BY ALL ORDER BY subject_ip, relation, value LIMIT 50""",
            {
                "destination": flow.destination,
                "source": flow.source,
                "relations": [*RELATIONS],
            },
        ).fetchall()
        for ip, relation, value, source, file, packet, moment, detail in found:
            yield {
                "name": {
                    "ip": ip, "relation": relation, "value": value, "source": source,
                    "file": file, "packet": packet, "time": time_text(moment),
                }
                | ({"block": detail} if relation == "noted-as" else {})
            }  # fmt: skip
