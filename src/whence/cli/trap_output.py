"""What a run wrote, as `whence trap` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from whence.cli.columns import size
from whence.cli.say import safe
from whence.model.output_words import missing
from whence.model.plural import many
from whence.model.run_output import RunOutput
from whence.model.visible_text import visible

SHOWN = 5  # lines at the beginning of what a run wrote, and at its end
LONGEST = 300  # characters of a line
MARGIN = " " * 10
MARKS = {"stdout": "out", "stderr": "err"}


def amount(output: RunOutput | None) -> str:
    """Say how much it was."""
    if output is None:
        return ""
    out, err = (one.written for one in output.streams)
    if not out and not err:
        return "; wrote nothing" if output.complete else ""
    to = f" ({size(err)} of it to stderr)" if out and err else " to stderr" if err else ""
    return f"; wrote {size(out + err)}{to}"


def output_lines(output: RunOutput | None, more: str, *, everything: bool = False) -> Iterator[str]:
    """Yield the lines to show, fit for a terminal; ``more`` says how all of it is shown."""
    if output is None:
        return
    written = [*_written(output, 0 if everything else LONGEST)]
    left = 0 if everything else len(written) - 2 * SHOWN
    if left > 0:
        yield from written[:SHOWN]
        yield f"{MARGIN}…    {many(left, 'line')} more; see: {safe(more)}"
        yield from written[-SHOWN:]
    else:
        yield from written
    for what in missing(output):
        yield f"{MARGIN}…    {safe(what)}"


def _written(output: RunOutput, longest: int) -> Iterator[str]:
    last = {chunk.stream: chunk for chunk in output.chunks}
    for chunk in output.chunks:
        text = chunk.text.removesuffix("\n")
        for line in text.split("\n") if chunk.text else ():
            yield f"{MARGIN}{MARKS[chunk.stream]}  {visible(line.expandtabs(), longest)}".rstrip()
        if chunk.skipped and chunk is not last[chunk.stream]:  # of the last, the reason is told
            yield f"{MARGIN}…    {chunk.skipped} bytes of {chunk.stream} are missing here"
