"""Sightings in words: a line for each program and peer, and the message around the lines."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from whence.model import ACCEPTED, LISTENING, Flow, ProcessRecord, Sighting, ecs
from whence.model.ecs import Document
from whence.model.secrets import redact_args
from whence.notify.declare import Message
from whence.notify.plain import encodable, plain

NAME = 60  # characters of a program's name in a subject
ANCESTORS = 6  # that a line names


def message(seen: Sequence[Sighting], at: datetime, notes: Sequence[str] = ()) -> Message:
    """Tell of sightings, each of which may stand for several."""
    lines = [line(each) for each in seen]
    documents = tuple(map(_document, seen, lines))
    total = sum(each.count for each in seen)
    return Message(_subject(seen, total), "\n".join(lines), documents, at, tuple(notes), total)


def line(seen: Sighting) -> str:
    """Say who did what how often, and what started it."""
    parts = [f"{_who(seen)} {_deed(seen)}", _times(seen)]
    if ancestors := [_name(record) for record in seen.lineage[1 : ANCESTORS + 1]]:
        parts.append("started by " + " ← ".join(ancestors))
    return ", ".join(parts)


def peer(seen: Sighting) -> Flow:
    """Keep of a flow what tells one peer from another: not the port that the caller drew."""
    flow = seen.flow
    if seen.action == LISTENING:
        return Flow(flow.source, flow.source_port, transport=flow.transport)
    if seen.action == ACCEPTED:
        return replace(flow, source_port=None)
    return replace(flow, source=None, source_port=None)


def without_secrets(seen: Sighting) -> Sighting:
    """Redact every command line: what is told leaves this machine."""
    return replace(seen, lineage=tuple(map(_redacted, seen.lineage)))


def _redacted(record: ProcessRecord) -> ProcessRecord:
    runs = tuple(replace(run, args=redact_args(run.args)) for run in record.executions)
    return replace(record, executions=runs)


def _document(seen: Sighting, text: str) -> Document:
    return {**encodable(ecs.from_sighting(seen)), "message": text}


def _subject(seen: Sequence[Sighting], total: int) -> str:
    host = plain(seen[0].observer, NAME) if seen else ""
    peers = {str(peer(each)) for each in seen}
    to = peers.pop() if len(peers) == 1 else f"{len(peers)} peers"
    who = {_name(each.maker) if each.maker else "somebody" for each in seen}
    by = who.pop() if len(who) == 1 else f"{len(who)} programs"
    times = "" if total == 1 else f", {total} times"
    return f"whence: {by} → {plain(to, NAME)}{times} on {host}"


def _who(seen: Sighting) -> str:
    if not (maker := seen.maker):
        return "a process that could not be told"
    user = "" if maker.user_id is None else f", uid {maker.user_id}"
    first = " first" if seen.count > 1 else ""  # the others may have been other processes
    return f"{_command(maker)} (pid {maker.process.pid}{first}{user})"


def _command(record: ProcessRecord) -> str:
    run = record.execution
    if run and run.args:
        return plain(shlex.join(run.args))
    return plain(run.executable if run else record.name)


def _name(record: ProcessRecord) -> str:
    run = record.execution
    path = run.file or run.executable if run else ""
    return plain(path.rpartition("/")[2] or record.name, NAME)


def _deed(seen: Sighting) -> str:
    flow = plain(str(peer(seen)))
    if seen.action == LISTENING:
        return f"listens on {flow}"
    return f"was called: {flow}" if seen.action == ACCEPTED else f"called {flow}"


def _times(seen: Sighting) -> str:
    if seen.count == 1:
        return _moment(seen.first)
    return f"{seen.count} times from {_moment(seen.first)} to {_moment(seen.last)}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
