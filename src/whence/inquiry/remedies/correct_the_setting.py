"""A line of a file that names the address is the reason itself."""

from __future__ import annotations

from collections.abc import Iterator

from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.wide_ranges import is_wide_range
from whence.model import Confidence, Fact, Setting
from whence.model.suggestions import Invasive, Suggestion, all_or_none, command

MOST = 3  # places
COPY = "/var/tmp/before-the-change"  # not beside it: many programs read all files of a folder
NO_TEXT = ("byte ", "member ", "table ")  # parts of what no editor shows


@remedy
def correct_the_setting(chain: Chain) -> Iterator[Suggestion]:
    """Put the line right that has the address."""
    for fact in chain.known.about(chain.subject, "configured-in")[:MOST]:
        setting = fact.value
        if not isinstance(setting, Setting) or not setting.place.startswith("/"):
            continue
        if not setting.why and _is_range(chain, setting):
            continue  # 10.0.0.0/8 in a comment of somebody else's is no reason
        if chain.flow and is_wide_range(chain.known, chain.flow, setting):
            continue  # nor is it the reason for one address where it is near
        if setting.line and not any(part in setting.part for part in NO_TEXT):
            yield _edit(setting, fact, _says(chain, setting))
        elif not setting.part.startswith("table "):
            text = f"Change the address in {setting} by the program that keeps this file"
            yield Suggestion(f"{text}.", Invasive.CORRECTION, fact.evidence,
                             undo_text="the former value, by the same program",
                             confidence=fact.confidence)  # fmt: skip


def _edit(setting: Setting, fact: Fact, says: str) -> Suggestion:
    path, line = setting.place, setting.line
    # The line is in its name: a copy of a second correction must not take the place of the first.
    copy = f"{COPY}-{path.strip('/').replace('/', '-')}-{line}"
    keep = command("cp", "-p", path, copy)
    text = f"Put line {line} of {path} right" + (f", which says “{says}”" if says else "")
    return Suggestion(
        f"{text}. Who reads the file must be told to read it again, or started again.",
        Invasive.CORRECTION,
        fact.evidence,
        all_or_none(keep, command("vi", f"+{line}", path)),
        command("cp", "-p", copy, path),
        breaks=(_all_that_reads(path),),
        confidence=_sure(fact),
    )


def _sure(fact: Fact) -> Confidence:
    """Say how sure it is that the traffic comes of it: never more than likely."""
    return Confidence.LIKELY if fact.confidence is Confidence.CERTAIN else fact.confidence


def _is_range(chain: Chain, setting: Setting) -> bool:
    written = chain.known.best(setting, "written-as")
    return written is not None and str(written.value).startswith("range")


def _says(chain: Chain, setting: Setting) -> str:
    said = chain.known.best(setting, "says")
    return str(said.value).strip() if said else ""


def _all_that_reads(path: str) -> str:
    return f"whatever else uses that line of {path}"
