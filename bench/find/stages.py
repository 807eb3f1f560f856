"""Is the right place first, stage by stage, on prepared hosts?

    python -m bench.find.stages [--output bench/results]
    pg_virtualenv -t python -m bench.find.stages    … with a PostgreSQL, too

Each host has decoys: a hosts file, rules for wide ranges, comments, copies, digests, logs, caches.
The hosts are those of tests/inquiry/test_find.py; the process and the database are real.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.inquiry import test_find as prepared

from whence.api.finding_addresses import Depth, Hunt, find_address

ROWS = """DROP TABLE IF EXISTS inventory;
CREATE TABLE inventory (id int primary key, name text, address text);
INSERT INTO inventory SELECT n, 'host' || n, '10.9.4.' || n % 250 FROM generate_series(1, 3000) n;
UPDATE inventory SET address = '10.9.3.77' WHERE id = 1411;
DROP TABLE IF EXISTS notes; CREATE TABLE notes (text text);
INSERT INTO notes VALUES ('all of 10.0.0.0/8 is ours'), ('see 110.9.3.77');
"""


@dataclass(frozen=True)
class Stage:
    """What came of one."""

    name: str
    right: str
    first: str
    rank: int
    places: int


def on_hosts() -> Iterator[Stage]:
    for prepare in prepared.PREPARED:
        with tempfile.TemporaryDirectory() as folder:
            yield on_host(prepare, Path(folder) / "host")


def on_host(prepare: Callable[[Path], str], root: Path) -> Stage:
    for name, text in prepared.DECOYS.items():
        prepared.write(root, name, text)
    prepared.write(root, prepared.AGENT[1:], "\x7fELF\0 /etc/acme-agent/agent.conf \0")
    right = prepare(root)
    found = prepared.hunt(root)
    return told(prepare.__name__.replace("_", " "), right, found)


def told(name: str, right: str, found: Hunt) -> Stage:
    places = [str(place.setting) for place in found.places]
    rank = next((n for n, place in enumerate(places, 1) if place.startswith(right)), 0)
    return Stage(name, right, places[0] if places else "", rank, len(places))


def environment_only() -> Stage:
    with subprocess.Popen(["sleep", "60"], env={"UPSTREAM": prepared.ADDRESS}) as process:
        try:
            time.sleep(0.2)
            found = find_address(prepared.ADDRESS, pid=process.pid)
            right = f"the environment of pid {process.pid}"
            return told("environment only", right, found)
        finally:
            process.kill()


def postgresql() -> Stage:
    subprocess.run(["psql", "-q"], input=ROWS, text=True, check=True)
    where = f"{os.environ.get('PGHOST', 'localhost')}:{os.environ['PGPORT']}"
    url = f"postgresql://{where}/{os.environ['PGDATABASE']}"
    found = find_address(prepared.ADDRESS, program="/bin/true", depth=Depth(database=url))
    right = f"{url} (table public.inventory, column address"
    return told("row of PostgreSQL", right, found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as state:
        os.environ["WHENCE_STATE"] = state
        stages = [*on_hosts(), environment_only()]
        if "PGPORT" in os.environ:
            stages.append(postgresql())
    lines = ["| stage | rank of the right place | places told |", "|---|--:|--:|"]
    lines += [f"| {s.name} | {s.rank or 'not found'} | {s.places} |" for s in stages]
    text = "".join(f"{line}\n" for line in lines)
    print(text, end="")
    if chosen.output:
        with (chosen.output / "find.md").open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")


if __name__ == "__main__":
    main()
