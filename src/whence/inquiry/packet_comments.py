"""A process in the comment of a packet, laid out as ptcpdump does. Pure."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

from whence.model import ProcessRecord, Sighting
from whence.model.secrets import redact_args
from whence.world.capture_process import Told

LONGEST = 500  # characters of a command line or a path
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told(seen: Sighting) -> Told | None:
    """Say whose packets a flow's are; None where the sensor could not tell."""
    if seen.maker is None:
        return None
    since = (seen.first - EPOCH) // timedelta(microseconds=1) * 1000
    how = f"Obtained: sensor {seen.sensor}, same addresses and ports, {seen.confidence}"
    when = f"{seen.first:%Y-%m-%d %H:%M:%S} UTC"
    who = _process(seen.maker, "") + (
        _process(seen.lineage[1], "Parent") if seen.lineage[1:] else ""
    )
    return Told(
        seen.flow,
        since,
        f"{who}{how}, seen {when}",
        f"{who}{how}, but first seen after this packet, {when}",
    )


def _process(record: ProcessRecord, prefix: str) -> str:
    run = record.execution
    args = shlex.join(redact_args(run.args)) if run else ""
    lines = (
        ("PID", str(record.process.pid)),
        ("Cmd", (run.executable if run else "") or record.name),
        ("Args", args),
    )
    return "".join(f"{prefix}{name}: {_plain(value)}\n" for name, value in lines)


def _plain(text: str) -> str:
    """Keep what a process calls itself on its line: a line break would begin another field."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in shown)
