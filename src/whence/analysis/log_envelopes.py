"""What a line says that is wrapped in JSON, or in what Kubernetes writes around it. Pure.

JSON is opened behind a header of syslog, too, with the cookie of CEE before it or without.

The fields are those that `native/logs` reads; see there for what else it knows of them.
"""

from __future__ import annotations

import json
import re

from whence._native import log_message_fields

MOST = 3  # wrappings inside each other
_PARAMETERS = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
_HEADER = (  # of RFC 5424, of RFC 3164 with a program or without, or only a priority
    rf"(?:(?:<\d{{1,3}}>)?1 (?:\S+ ){{5}}(?:-|(?:{_PARAMETERS})+)|"
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} +\d+ (?:\d{4} )?[\d:.]+|\d{4}-\d\d-\d\d[T ]\S+)(?: \S+)?|"
    r"<\d{1,3}>)"
)
_BEHIND = re.compile(
    rf"{_HEADER}(?: *[\w./-]+(?:\[\d+\])?:(?= ))? *\ufeff?(?:@cee: *)?(?=\{{)|@cee: *(?=\{{)"
)
_CONTAINER = re.compile(r"\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP]\S* ")
_MESSAGES = log_message_fields()


def unwrapped(line: str) -> str:
    """Give the innermost message of a line; a line that is none of these is given as it is."""
    if "{" not in line and " std" not in line:
        return line
    for _ in range(MOST):
        if found := _CONTAINER.match(line):
            line = line[found.end() :]
            continue
        begin = 0 if line.startswith("{") else found.end() if (found := _BEHIND.match(line)) else -1
        message = _message(line[begin:]) if begin >= 0 else None
        if message is None:
            break
        line = message
    return line


def _message(line: str) -> str | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    event = fields.get("event")
    if isinstance(event, dict):
        fields["event.original"] = event.get("original")
    for name in _MESSAGES:
        value = fields.get(name)
        if isinstance(value, list) and all(isinstance(one, int) for one in value):
            value = bytes(one & 0xFF for one in value).decode("utf-8", "replace")
        if isinstance(value, str) and value.strip():
            return value.rstrip("\r\n")
    return None
