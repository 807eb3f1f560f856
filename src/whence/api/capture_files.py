"""Capture files, and files of nfcapd among them, before anything is read."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whence.api.given_files import what_takes
from whence.api.span import Span
from whence.model.errors import BadInput
from whence.model.file_beginnings import CAPTURE

if TYPE_CHECKING:
    from whence.world.captures import Captures, Listening, ReadSummary


@dataclass(frozen=True, slots=True)
class Opened:
    """Captures, of which nothing was read yet, and files that have only flows."""

    captures: Captures
    exported: Sequence[Path]  # of nfcapd


def open_captures(
    files: Sequence[str],
    filter_: str,
    span: Span,
    names: Listening,
    *,
    threads: int | None = None,
) -> Opened:
    """Open files, as ``read_captures`` says, to read them on so many threads."""
    from whence.world.captures import Captures  # large; see read_captures
    from whence.world.nfcapd_files import is_nfcapd

    paths = [Path(file) for file in files]
    exported = [path for path in paths if is_nfcapd(path)]
    if exported and filter_:
        raise BadInput(
            f"a filter cannot choose in {exported[0]}",
            because="it is about packets, and the file has only flows",
            try_=f"nfdump -r {exported[0]} -w chosen 'host 192.0.2.9', and read what it wrote",
        )
    captures = Captures.open(
        [path for path in paths if path not in exported],
        filter=filter_,
        since=span.since,
        until=span.until,
        split=("vlan", "tunnel"),
        names=names,
        threads=threads,
    )
    return Opened(captures, exported)


def check_read(summary: ReadSummary) -> None:
    """Refuse files of which nothing could be read."""
    if summary.damage and not summary.packets:
        because = "; ".join(map(str, summary.damage[:3]))
        try_ = (
            "give captures: pcap or pcapng, as they are or packed by gzip, xz, bzip2 or zstd, or "
            "files of nfcapd"
        )
        told = what_takes(summary.damage[0].file)
        if told and told[0] != CAPTURE[0]:
            because, try_ = f"{because}; it is {told[0]}", told[1]
        raise BadInput("nothing could be read", because=because, try_=try_)


def site_networks(texts: Sequence[str]) -> Sequence[str]:
    """Check networks of the own site, and write them as they are."""
    try:
        return [str(ipaddress.ip_network(text, strict=False)) for text in texts]
    except ValueError as e:
        raise BadInput(str(e), try_="write a network as 198.51.100.0/24") from e
