"""``whence TARGET --until-silent``: has it ceased?"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta

from whence import api
from whence.api.until_silent import Ceased, Vigil, until_silent
from whence.cli.say import Progress, duration, safe
from whence.inquiry.silence_words import figures
from whence.model import ecs
from whence.model.flow_documents import time_text, without_empty
from whence.store.case_file import CaseFile


def watch_for_silence(
    case: CaseFile,
    quiet: timedelta,
    *,
    after: datetime | None,
    grace: timedelta,
    level: str,
    as_json: bool,
) -> int:
    """Watch, and say what came of it; 0: silent as long as was asked."""
    progress = Progress()

    def hear(vigil: Vigil, left: timedelta) -> None:
        with_ = vigil.watched.sensor if vigil.watched else "the sensor, which is starting"
        progress.show(f"watching {case.subject} with {with_}: silent so far, {duration(left)} left")

    try:
        found = until_silent(case, quiet, after=after, grace=grace, level=level, hear=hear)
    finally:
        progress.clear()
    if as_json:
        print(ecs.encode(_document(found)))
    else:
        for line in _lines(found, duration(quiet).replace(" ", "")):
            print(line)
    if found.interrupted:
        return 130
    return 0 if found.is_silent else 1


def _lines(found: Ceased, asked: str) -> Iterator[str]:
    yield safe(found.sentence)
    for name, text in figures(found.silence):
        yield f"  {name:12} {safe(text)}"
    for what in found.cannot_see:
        yield f"  {'not seen':12} {safe(what)}"
    for what in found.passing:
        yield f"  {'passes':12} {safe(f'through here, and starts elsewhere: {what}')}"
    for reason in found.not_read:
        yield f"  {'not read':12} {safe(reason)}"
    if found.again:
        since = f"{found.silence.since:%Y-%m-%d %H:%M:%S}Z"
        words = ["whence", str(found.target), "--since", since, "--wait", "1h"]
        yield f"  {'who now':12} {safe(shlex.join(words))}"
    if found.interrupted:
        yield f"go on with: whence {found.case} --until-silent {asked}"
    yield f"case: {found.case}"


def _document(found: Ceased) -> ecs.Document:
    silence = found.silence
    action = "goes-on" if found.again else ("ceased" if found.is_silent else "watched")
    document: ecs.Document = {
        "@timestamp": time_text(silence.now),
        "event": {
            "kind": "state", "category": ["network"], "action": action,
            "start": time_text(silence.since), "end": time_text(silence.now),
            "reason": found.sentence,
        },
        "destination": without_empty(
            ip=found.target.destination, port=found.target.destination_port
        ),
        "whence": {
            "case": found.case,
            "target": str(found.target),
            "silence": api.as_builtins(silence)
            | {
                "not_watched": silence.not_watched,
                "enough_at": time_text(silence.enough_at) if silence.enough_at else None,
                "again": found.again,
                "interrupted": found.interrupted,
                "cannot_see": list(found.cannot_see),
                "not_read": list(found.not_read),
                "passing": list(found.passing),
            },
        },
    }  # fmt: skip
    if found.seen and found.seen.lineage:
        document["process"] = ecs.process_view(found.seen.lineage)
    return document
