"""Who is loud: what of the api needs little, and is quick to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from whence.analysis.captured_sums import GROUPS as SUMMED_GROUPS
from whence.analysis.captured_sums import CapturedSums
from whence.analysis.naming import names_of
from whence.analysis.talkers import COLUMNS as TALKER_COLUMNS
from whence.analysis.talkers import GROUPS, MEASURES, Talkers, ranking
from whence.analysis.talkers import talkers as _talkers
from whence.api.capture_files import check_read, site_networks
from whence.api.span import Span
from whence.api.tables import Summed, Traffic

if TYPE_CHECKING:
    from whence.world.captures import Reached


__all__ = [
    "GROUPS",
    "MEASURES",
    "SUMMED_GROUPS",
    "TALKER_COLUMNS",
    "names_beside",
    "names_in",
    "read_sums",
    "talkers",
]


@contextmanager
def read_sums(
    files: Sequence[str],
    *,
    filter_: str = "",
    span: Span | None = None,
    internal: Sequence[str] = (),
    hear: Callable[[Reached], None] = lambda reached: None,
) -> Iterator[Summed | Traffic]:
    """Read captures for the question who is loud, for a ``with`` block; see ``read_captures``.

    Flows are added up while they are read, and not kept, which takes half of the time. Where
    only tables can say which packets count, they are read into tables: packets that were seen at
    several places count once, and a pipe cannot be read again to find that out.
    """
    summed = _summed(files, filter_, span or Span(), site_networks(internal), hear)
    if summed is not None:
        yield summed
        return
    from whence.api.traffic import read_captures  # large, and seldom needed

    with read_captures(
        files, filter_=filter_, span=span, internal=internal, columns=TALKER_COLUMNS,
        names="addresses", hear=hear,
    ) as traffic:  # fmt: skip
        yield traffic


def _summed(
    files: Sequence[str],
    filter_: str,
    span: Span,
    networks: Sequence[str],
    hear: Callable[[Reached], None],
) -> Summed | None:
    from whence.world.captures import Captures  # large; see read_captures
    from whence.world.nfcapd_files import is_nfcapd

    paths = [Path(file) for file in files]
    if len(paths) != 1 or not paths[0].is_file() or is_nfcapd(paths[0]):
        return None
    captures = Captures.open(
        paths, filter=filter_, since=span.since, until=span.until, split=("vlan", "tunnel"),
        names="addresses",
    )  # fmt: skip
    sums = captures.read(lambda: captures.sums(networks), hear)
    if sums is None:
        return None
    summary = captures.summary()
    check_read(summary)
    return Summed(CapturedSums(sums, captures.refused), summary=summary)


def names_in(traffic: Traffic) -> dict[str, str]:
    """Give what the traffic says that addresses are called."""
    return names_of(traffic.tables)


def names_beside(told: Talkers, traffic: Traffic | Summed) -> dict[str, str]:
    """Give what the traffic says that those are called who are told of; perhaps others too."""
    if isinstance(traffic, Traffic):
        return names_of(traffic.tables)
    loudest = told.sentence.partition(" ")[0]
    shown = {name for row in told.rows for name in (row.name, row.source, row.destination) if name}
    return traffic.sums.names([*shown, loudest])


def talkers(
    traffic: Traffic | Summed, *, by: str = "station", measure: str = "packets", most: int = 20
) -> Talkers:
    """Say who is loud, the loudest first, and how much louder than the others."""
    ran = traffic.summary.ran if traffic.summary else None
    if isinstance(traffic, Summed):
        return ranking(traffic.sums, by=by, measure=measure, most=most, ran=ran)
    return _talkers(traffic.tables, by=by, measure=measure, most=most, ran=ran)
