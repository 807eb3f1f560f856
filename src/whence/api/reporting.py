"""Reports of cases, in the forms that people and other programs read."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path

from whence import __version__
from whence.api.kept_cases import cases
from whence.inquiry.explain import answer_of
from whence.inquiry.reporting.commented_packets import commented
from whence.inquiry.reporting.ecs_lines import ecs_lines
from whence.inquiry.reporting.gathering import report_of
from whence.inquiry.reporting.html_page import html_page
from whence.inquiry.reporting.json_document import json_document
from whence.inquiry.reporting.markdown_text import markdown
from whence.inquiry.reporting.ocsf_lines import ocsf_lines
from whence.inquiry.reporting.redaction import redacted
from whence.inquiry.reporting.report import Redaction, Report
from whence.inquiry.reporting.stix_bundle import stix_bundle
from whence.model import BadInput
from whence.world import utc_now
from whence.world.durable import replace
from whence.world.packet_files import read_packets
from whence.world.page_printing import printed

MODE = 0o600  # a report tells of one's own network


class Format(enum.StrEnum):
    """The forms of a report."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"
    PDF = "pdf"
    STIX = "stix"
    ECS = "ecs"
    OCSF = "ocsf"
    PCAPNG = "pcapng"

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show it."""
        return self not in (Format.PDF, Format.PCAPNG)


# The longest ending first: x.stix.json is no plain JSON.
ENDINGS = {
    ".stix.json": Format.STIX,
    ".stix": Format.STIX,
    ".ecs.ndjson": Format.ECS,
    ".ecs.jsonl": Format.ECS,
    ".ocsf.ndjson": Format.OCSF,
    ".ocsf.jsonl": Format.OCSF,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".json": Format.JSON,
    ".pdf": Format.PDF,
    ".pcapng": Format.PCAPNG,
}
TEXTS: dict[Format, Callable[[Report], str]] = {
    Format.HTML: html_page,
    Format.MARKDOWN: markdown,
    Format.JSON: json_document,
    Format.STIX: stix_bundle,
    Format.ECS: lambda report: "".join(f"{line}\n" for line in ecs_lines(report)),
    Format.OCSF: lambda report: "".join(f"{line}\n" for line in ocsf_lines(report)),
}


def format_of(name: str) -> Format:
    """Choose a format by the ending of a file's name.

    Raises
    ------
    BadInput
        If the ending says nothing.

    """
    for ending, found in ENDINGS.items():
        if name.lower().endswith(ending):
            return found
    raise BadInput(
        f"“{name}” does not say which form the report is to have",
        because=f"known endings are {' '.join(ENDINGS)}",
        try_=f"add --format {'|'.join(Format)}",
    )


def has_ending(name: str) -> bool:
    """Whether a name is one that a report may be written to."""
    return name.lower().endswith((*ENDINGS,))


def report(name: str, redaction: Redaction = Redaction.NONE) -> Report:
    """Make the report of a case.

    A case whose journal is broken cannot be opened. What else is wrong with it, such as a text
    that is missing, is told by the report itself, in ``custody.problems``.

    Raises
    ------
    BadInput
        If there is no such case, or it is damaged.

    """
    folder = cases()
    path = folder.find(name)
    case = folder.open(name)
    try:
        problems = folder.verify(path.name.removesuffix(path.suffix))
        made = report_of(case, answer_of(case), problems, utc_now(), __version__)
    finally:
        case.close()
    return redacted(made, redaction)


def rendered(made: Report, form: Format, capture: Path | None = None) -> bytes:
    """Give a report one of its forms; ``capture`` is what the pcapng form comments.

    Raises
    ------
    BadInput
        If a capture is wanting, cannot be read, or was to be redacted, which packets cannot be.
    CannotAsk
        If nothing is installed that makes a PDF.

    """
    if form is Format.PCAPNG:
        return _with_packets(made, capture)
    if form is Format.PDF:
        return printed(html_page(made))
    return TEXTS[form](made).encode("utf-8", "replace")


def write(path: Path, content: bytes) -> None:
    """Write a report to a file, which appears whole or not at all."""
    replace(path, content, MODE)


def _with_packets(made: Report, capture: Path | None) -> bytes:
    if capture is None:
        raise BadInput(
            "there are no packets to comment",
            because="a case keeps none",
            try_="add --read FILE, with a capture of the traffic",
        )
    if made.redaction is not Redaction.NONE:
        raise BadInput(
            "packets cannot be redacted",
            because="addresses and names stand in their bytes",
            try_="leave out --redact, or choose another form",
        )
    return commented(read_packets(capture), made)
