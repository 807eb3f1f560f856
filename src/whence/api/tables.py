"""Packets that were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from whence.analysis.captured_sums import CapturedSums
    from whence.model.counted_flows import Counted
    from whence.world.captures import CapturedExports, ReadSummary
    from whence.world.flow_exports import ExportTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reading says of itself."""

    summary: ReadSummary | None = None  # of captures: what was read, what was not, and why
    counted: Counted | None = None  # of interfaces
    exports: ExportTotals | None = None  # of flow exporters
    exported: CapturedExports | None = None  # of captures that were read for what exporters told
    estimates: int = 0  # flows whose numbers are estimates, since packets were sampled


@dataclass(frozen=True, slots=True)
class Traffic(Told):
    """Flows, ARP and names that were read, ready to be asked about."""

    tables: DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Summed(Told):
    """Flows that were only added up, which tells who is loud, and is faster."""

    sums: CapturedSums
