"""What a run wrote, as ECS has it (process.io), and what of it is missing, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model.flow_documents import without_empty
from whence.model.json_text import Document
from whence.model.run_output import STREAMS, RunOutput, StreamOutput

_TYPES = ("tty", "file", "socket", "pipe")  # ECS names the first three


def process_io(output: RunOutput) -> Document:
    """Write it as ECS process.io: the text of both streams, in the order in which it came."""
    kept = sum(one.kept for one in output.streams)
    written = sum(one.written for one in output.streams)
    kinds = [one.kind for one in output.streams if one.written and one.kind in _TYPES]
    return without_empty(
        type=kinds[0] if kinds else None,
        text=output.text,
        total_bytes_captured=kept,
        total_bytes_skipped=written - kept,
        bytes_skipped=[*_skipped(output)],
        max_bytes_per_process_exceeded=any(one.beyond for one in output.streams),
    )


def by_stream(output: RunOutput) -> Document:
    """Write what each of the two streams was, and what became of its bytes."""
    found: Document = {"complete": output.complete}
    if output.dropped:
        found["text_not_kept"] = True
    for name, one in zip(STREAMS, output.streams, strict=True):
        found[name] = without_empty(
            type=one.kind,
            text=output.of(name) or None,
            bytes=one.written,
            captured=one.kept,
            beyond_limit=one.beyond or None,
            passed_on_unseen=one.passed_on or None,
            lost=one.lost or None,
        )
    return found


def missing(output: RunOutput) -> Iterator[str]:
    """Say what is not here, and why."""
    for name, one in zip(STREAMS, output.streams, strict=True):
        parts = [*_reasons(one)]
        if parts:
            yield f"{name}: {', '.join(parts)}"
    if output.dropped:
        yield "the text was not kept, because the file of this trap is half full"
    if not output.complete:
        yield "there may have been more: nobody told that this was all"


def _reasons(one: StreamOutput) -> Iterator[str]:
    if one.beyond:
        yield f"{one.beyond} bytes beyond the first {one.written - one.beyond} were not kept"
    if one.passed_on:
        yield f"{one.passed_on} bytes were passed on by splice(2) or its kind, and not seen"
    if one.lost:
        yield f"{one.lost} bytes could not be read in time"


def _skipped(output: RunOutput) -> Iterator[Document]:
    at = 0
    for chunk in output.chunks:
        at += len(chunk.text.encode("utf-8", "replace"))
        if chunk.skipped:
            yield {"offset": at, "length": chunk.skipped}
