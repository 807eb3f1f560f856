"""All that whence can do, as functions. The faces call nothing else."""

from __future__ import annotations

import msgspec

from whence.analysis._declare import Analysis
from whence.analysis._sums import Talker
from whence.analysis._tables import COLUMNS as ANALYSED_COLUMNS
from whence.analysis.course import Course
from whence.analysis.path import Route, Way
from whence.analysis.talkers import Talkers
from whence.api.asking import (
    beside,
    explain,
    history,
    open_case,
    open_program,
    open_remote,
    open_station,
)
from whence.api.data import absent_tables, address_tables, mac_registry, update_makers
from whence.api.flow_lines import Flows, Received, read_flows, receive
from whence.api.kept_cases import (
    Verified,
    case,
    cases,
    export_case,
    forget_case,
    import_case,
    record_case,
    verify_case,
)
from whence.api.looked_at import LookedAt, look_at
from whence.api.loudness import (
    GROUPS,
    MEASURES,
    SUMMED_GROUPS,
    TALKER_COLUMNS,
    names_in,
    read_sums,
    talkers,
)
from whence.api.span import Span
from whence.api.tables import Summed, Traffic
from whence.api.traffic import (
    analyses,
    course,
    doubled,
    findings,
    halfway,
    paths,
    read_captures,
    read_exporters,
    read_interfaces,
    unreachable_here,
)
from whence.api.watching import (
    capture,
    capture_settings,
    count_live,
    doctor,
    interfaces,
    live,
    live_with_packets,
    notifier,
    passing_now,
    present,
    record,
    record_install,
    record_remove,
    record_status,
    sensors,
    talkers_live,
    watch,
)
from whence.inquiry.capture import Capture
from whence.inquiry.doctor import Checked
from whence.inquiry.explain import Answer, NotChecked, answer_of, replay, taken_as_they_stand
from whence.inquiry.known import Verdict
from whence.inquiry.look import Waiting
from whence.inquiry.passing import Call, Passing, Station
from whence.inquiry.program_story import CODE, SECTIONS
from whence.inquiry.recorder import Recording
from whence.inquiry.run import Outcome
from whence.inquiry.stations import Station as Machine
from whence.inquiry.talks import Talk
from whence.model import Sighting
from whence.model.capture import Around, CaptureSettings, CaptureStatus, Limits
from whence.model.counted_flows import Counted, CountedFlow
from whence.model.findings import Finding
from whence.store.case_file import CaseFile
from whence.store.case_list import CaseRow
from whence.store.history import Span as WatchedSpan
from whence.world.these_programs import Allowed

__all__ = [
    "ANALYSED_COLUMNS",
    "CODE",
    "GROUPS",
    "MEASURES",
    "SECTIONS",
    "SUMMED_GROUPS",
    "TALKER_COLUMNS",
    "Allowed",
    "Analysis",
    "Answer",
    "Around",
    "Call",
    "Capture",
    "CaptureSettings",
    "CaptureStatus",
    "CaseFile",
    "CaseRow",
    "Checked",
    "Counted",
    "CountedFlow",
    "Course",
    "Finding",
    "Flows",
    "Limits",
    "LookedAt",
    "Machine",
    "NotChecked",
    "Outcome",
    "Passing",
    "Received",
    "Recording",
    "Route",
    "Sighting",
    "Span",
    "Station",
    "Summed",
    "Talk",
    "Talker",
    "Talkers",
    "Traffic",
    "Verdict",
    "Verified",
    "Waiting",
    "WatchedSpan",
    "Way",
    "absent_tables",
    "address_tables",
    "analyses",
    "answer_of",
    "as_builtins",
    "beside",
    "capture",
    "capture_settings",
    "case",
    "cases",
    "count_live",
    "course",
    "doctor",
    "doubled",
    "explain",
    "export_case",
    "findings",
    "forget_case",
    "halfway",
    "history",
    "import_case",
    "interfaces",
    "live",
    "live_with_packets",
    "look_at",
    "mac_registry",
    "names_in",
    "notifier",
    "open_case",
    "open_program",
    "open_remote",
    "open_station",
    "passing_now",
    "paths",
    "present",
    "read_captures",
    "read_exporters",
    "read_flows",
    "read_interfaces",
    "read_sums",
    "receive",
    "record",
    "record_case",
    "record_install",
    "record_remove",
    "record_status",
    "replay",
    "sensors",
    "taken_as_they_stand",
    "talkers",
    "talkers_live",
    "unreachable_here",
    "update_makers",
    "verify_case",
    "watch",
]


def as_builtins(value: object) -> dict[str, object]:
    """Turn a record of the api into what JSON can hold."""
    record: dict[str, object] = msgspec.to_builtins(value)
    return record
