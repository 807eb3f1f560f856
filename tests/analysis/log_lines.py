"""Log lines as a table, made of groups of alike lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from whence.analysis._log_interval import Interval
from whence.model.log_tables import LOGS

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NIGHT = Interval(MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4))
WEEK_BEFORE = NIGHT.moved(timedelta(days=-7))


class Lines:
    """A table ``logs``, to which groups of lines are added."""

    def __init__(self) -> None:
        self.tables = duckdb.connect()
        columns = ", ".join(f'"{name}" {kind}' for name, kind in LOGS.items())
        self.tables.execute(f"CREATE TABLE logs ({columns})")
        self._next = 0

    def add(self, count: int, when: Interval, **cells: object) -> Lines:
        """Add lines, evenly spread; a text that begins with “=” is SQL over the number ``i``."""
        step = when.length / count if count else timedelta()
        values: dict[str, str] = {}
        bound: dict[str, object] = {"begin": when.begin.replace(tzinfo=None), "step": step}
        for name, value in ({"weight": 1, "size": 100} | cells).items():
            if isinstance(value, str) and value.startswith("="):
                values[name] = value[1:]
            else:
                values[name], bound[name] = f"${name}", value
        names = ", ".join(f'"{name}"' for name in values)
        self.tables.execute(
            f"""INSERT INTO logs ("position", received, {names})
            SELECT {self._next} + i, $begin::TIMESTAMP + i * $step::INTERVAL,
                {", ".join(values.values())} FROM range({count}) AS t(i)""",
            bound,
        )
        self._next += count
        return self


def asa(code: str, source: str, destination: str, port: int, **more: object) -> dict[str, object]:
    """Give the cells of a firewall's line."""
    return {
        "host": "fw1", "vendor": "cisco_asa", "code": code, "template": f"cisco_asa:{code}",
        "severity": 4, "source": source, "destination": destination, "destination_port": port,
        "transport": "tcp", "source_interface": "inside", "destination_interface": "outside",
    } | more  # fmt: skip
