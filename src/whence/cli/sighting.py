"""A sighting in one line, as a person reads it."""

from __future__ import annotations

import shlex

from whence.cli.say import safe
from whence.model import ACCEPTED, LISTENING, Confidence, Flow, ProcessRecord, Sighting

LONGEST = 100  # characters of a command line; --json has all of it


def headline(seen: Sighting) -> str:
    """Say when, who, to whom, and from whom it descends."""
    flow, maker = seen.flow, seen.maker
    listened = Flow(flow.source, flow.source_port, transport=flow.transport)
    peer = {ACCEPTED: f"← {flow}", LISTENING: f"listens on {listened}"}.get(
        seen.action, f"{flow}" if flow.source and flow.destination else f"→ {flow}"
    )
    many = f" ×{seen.count}" if seen.count > 1 else ""
    who = describe(maker) if maker else "a process that could not be told"
    parents = " ← ".join(f"{name_of(record)}[{record.process.pid}]" for record in seen.lineage[1:])
    sure = "" if seen.confidence is Confidence.CERTAIN else f"  ({seen.confidence})"
    line = f"{seen.last:%H:%M:%S}  {who}  {peer}{many}{sure}"
    return safe(f"{line}  ← {parents}" if parents else line)


def describe(record: ProcessRecord) -> str:
    """Name a process by its command line and pid."""
    run = record.execution
    command = shlex.join(run.args) if run and run.args else ""
    if len(command) > LONGEST:
        command = f"{command[:LONGEST]}…"
    return f"{command or name_of(record)} [{record.process.pid}]"


def name_of(record: ProcessRecord) -> str:
    """Name a process by the last part of its executable, or by what it calls itself."""
    run = record.execution
    return (run.executable.rpartition("/")[2] if run else "") or record.name or "?"
