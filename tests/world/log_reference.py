"""The slow, obvious twin of the native parser: headers, ASA, CEF, LEEF, and lines inside of JSON.

It knows one form of each message, as Cisco documents it; what it does not know it leaves out.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

_PRIORITY = re.compile(r"<(\d{1,3})>")
_TIME = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?P<day>\d{1,2}) "
    r"(?:(?P<year>\d{4}) )?(?P<clock>\d\d:\d\d:\d\d)"
)
_CONTAINER = re.compile(r"(?P<time>\S+Z) std(?:out|err) [FP] ")
_SIGN = re.compile(r"(?:(?P<host>\S+) )?(?:: )?%(?:ASA|FTD)-(?P<severity>[0-7])-(?P<code>\d+): ")
_TAG = re.compile(r"(?P<host>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: (?P<text>.*)")
_EVENT = re.compile(r"(?P<host>\S+) (?P<form>CEF|LEEF):(?P<fields>.*)")
_BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")
_PAIR = re.compile(r"(?:^| )([\w.\[\]]+)=((?:[^=\\]|\\.)*?)(?= [\w.\[\]]+=|$)")
_OF_CEF = {"src": "source", "spt": "source_port", "dst": "destination", "dpt": "destination_port",
           "suser": "user", "cnt": "weight", "reason": "reason"}  # fmt: skip
_OF_LEEF = {"src": "source", "srcPort": "source_port", "dst": "destination",
            "dstPort": "destination_port", "usrName": "user", "policy": "rule"}  # fmt: skip
_OBJECT = re.compile(r"(?:@cee: ?)?(\{.*\})$")
_OF_OBJECT = {"level": "level", "src_ip": "source", "src_port": "source_port", "dst_ip":
              "destination", "user": "user", "pid": "pid", "host.name": "host"}  # fmt: skip
_LEVELS = {"trace": 7, "info": 6, "warn": 4, "error": 3, "fatal": 2}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _end(name: str) -> str:
    """An end as `interface:address/port`; an interface may have colons, an address as well."""
    address = r"\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*|[A-Za-z][\w.-]*"
    return rf"(?P<{name}_interface>[A-Za-z][\w:-]*?):(?P<{name}>{address})/(?P<{name}_port>\d+)"


_NAT = r" \((?P<{0}_nat>[^/()]+)/\d+\)"
_BODIES = {
    "419002": rf"(?:Received d|D)uplicate TCP SYN from {_end('source')} to "
    rf"{_end('destination')} with",
    "106023": rf"Deny (?P<transport>tcp|udp) src {_end('source')} dst {_end('destination')} "
    r'by access-group "(?P<rule>[^"]*)"',
    "302013": r"Built (?P<direction>inbound|outbound) (?P<transport>TCP) connection \d+ for "
    + _end("source") + _NAT.format("source") + " to " + _end("destination")
    + _NAT.format("destination"),
    "302014": rf"Teardown (?P<transport>TCP) connection \d+ for {_end('source')} to "
    rf"{_end('destination')} duration (?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d) bytes (?P<bytes>\d+)"
    r"(?: (?P<reason>.+))?",
}  # fmt: skip
_ACTIONS = {"419002": "duplicate-syn", "106023": "deny", "302013": "built", "302014": "teardown"}


def reference(line: str, now: datetime) -> dict[str, Any]:
    """Say what a line means, by the columns of LOGS that this twin knows; others are left out."""
    if line.startswith("{"):
        return _wrapped(json.loads(line), now)
    if found := _CONTAINER.match(line):
        return _contained(line[found.end() :], datetime.fromisoformat(found["time"]), now)
    row: dict[str, Any] = {}
    if found := _PRIORITY.match(line):
        row["facility"], row["severity"] = divmod(int(found[1]), 8)
        line = line[found.end() :]
    if found := _TIME.match(line):
        row["time"] = _moment(found, now)
        line = line[found.end() :].lstrip(": ")
    if found := _SIGN.match(line):
        row["host"], row["code"] = found["host"], found["code"]
        row["severity"] = int(found["severity"])
        _message(line[found.end() :], row)
    elif found := _EVENT.match(line):
        row["host"] = found["host"]
        row |= _cef(found["fields"]) if found["form"] == "CEF" else _leef(found["fields"])
    elif found := _TAG.match(line):
        row["host"], row["program"] = found["host"], found["program"]
        row["pid"] = int(found["pid"]) if found["pid"] else None
        if text := _OBJECT.match(found["text"]):
            return row | _said_behind(json.loads(text[1]), row)
    return row


def _said_behind(fields: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """Read what an object says that stands behind a header."""
    row = {name: fields[key] for key, name in _OF_OBJECT.items() if key in fields}
    if "source" not in row:  # a port alone is no end
        row.pop("source_port", None)
    if "level" in row:
        row["severity"] = _LEVELS[row.pop("level")]
    if "time" in fields:
        row["time"] = datetime.fromisoformat(fields["time"])
        row["received"] = header["time"].replace(tzinfo=None)
    return row


def _wrapped(fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    if "log" in fields:
        return _contained(fields["log"].rstrip("\n"), datetime.fromisoformat(fields["time"]), now)
    text = fields["MESSAGE"]
    text = text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")
    row = reference(f"{fields['_HOSTNAME']} {text}", now) if text.startswith("%") else {}
    return {"program": None if row else fields["SYSLOG_IDENTIFIER"]} | row | {
        "time": datetime.fromtimestamp(0, UTC)
        + timedelta(microseconds=int(fields["__REALTIME_TIMESTAMP"])),
        "host": fields["_HOSTNAME"],
    }  # fmt: skip


def _contained(text: str, received: datetime, now: datetime) -> dict[str, Any]:
    """Read what a container wrote, and what wrote it down later."""
    row = reference(text, now)
    return {"time": received} | row | {"received": received.replace(tzinfo=None)}


def _moment(found: re.Match[str], now: datetime) -> datetime | None:
    clock = datetime.strptime(found["clock"], "%H:%M:%S").replace(tzinfo=UTC).time()
    month, day = _MONTHS.index(found["month"]) + 1, int(found["day"])
    years = [int(found["year"])] if found["year"] else range(now.year + 1, now.year - 8, -1)
    for year in years:
        try:
            moment = datetime.combine(datetime(year, month, day, tzinfo=UTC), clock)
        except ValueError:  # 29 February, of a year that has none
            continue
        if found["year"] or moment.replace(tzinfo=UTC) <= now + timedelta(days=2):
            return moment
    return None


def _message(text: str, row: dict[str, Any]) -> None:
    found = re.match(_BODIES[row["code"]], text)
    assert found, text
    row |= found.groupdict()
    for side in ("source", "destination"):
        row[f"{side}_port"] = int(row[f"{side}_port"])
        if row.get(f"{side}_nat") == row[side]:
            row[f"{side}_nat"] = None
    row["transport"] = row.get("transport", "tcp").lower()
    row["action"] = _ACTIONS[row["code"]]
    if "h" in row:
        row["duration"] = int(row.pop("h")) * 3600 + int(row.pop("m")) * 60 + int(row.pop("s"))
        row["bytes"] = int(row["bytes"])
    if "rule" in row:
        row["rule"] = row["rule"] or None
    if direction := row.get("direction"):
        row["initiator"] = "destination" if direction == "outbound" else "source"
    row["unsure"] = (
        "a port above 65535" if max(row["source_port"], row["destination_port"]) > 65535 else None
    )


def _cef(text: str) -> dict[str, Any]:
    _version, _vendor, product, _release, code, name, _severity, extension = _BAR.split(text, 7)
    row = {"vendor": "cef", "program": product, "code": code, "reason": name}
    return row | _columns(dict(_PAIR.findall(extension)), _OF_CEF)


def _leef(text: str) -> dict[str, Any]:
    version, _vendor, product, _release, code, rest = text.split("|", 5)
    between, attributes = ("\t", rest) if version == "1.0" else rest.split("|", 1)
    pairs = (part.split("=", 1) for part in attributes.split(between))
    return {"vendor": "leef", "program": product, "code": code} | _columns(dict(pairs), _OF_LEEF)


def _columns(pairs: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in pairs.items():
        if name := names.get(key):
            row[name] = int(value) if name.endswith("port") or name == "weight" else value
    return row
