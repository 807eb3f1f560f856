"""docker ps and podman ps, as a table and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._containers import IDENTIFIER, MOST_PORTS, passed_on, published
from whence.inquiry.imports._declare import LONGEST_ROW, Given, Head, Lines, kind
from whence.inquiry.imports._json_objects import (
    LONGEST,
    Object,
    first_objects,
    listed,
    objects,
    word,
)
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Contained, Row, Socket

_HEADING = re.compile(r"CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES.*")
# What matched is never tried in another way: lines that nearly are rows would take long.
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_SINCE = (  # when it was made, and its state
    r"(?P<created>[^\s\"]++(?: [^\s\"]++){1,5}+)\s{2,}+"
    r"(?P<state>(?:Up|Exited|Created|Paused|Restarting|Removal|Dead|Initialized|Stopp)"
    r"[^\s\"]*+(?: [^\s\"]++)*+)"
)
_PORTS = r"(?:\s{2,}+(?P<ports>(?=\S*\d(?:->\d|/(?:tcp|udp|sctp)))\S++(?: \S++)*+))?"
_ROW = re.compile(
    r"(?P<id>[0-9a-f]{12,64}+)\s++(?P<image>\S++)\s++"
    rf"(?:(?:{_QUOTED}|\S++(?: \S++)*+)\s{{2,}}+)?{_SINCE}{_PORTS}\s{{2,}}+(?P<names>\S++)(?:\s.*)?"
)
_COMPOSE_HEADING = re.compile(r"NAME\s+IMAGE\s+COMMAND\s+SERVICE\s+CREATED\s+STATUS\s+PORTS\s*")
_COMPOSE_ROW = re.compile(
    rf"(?P<names>[\w.-]++)\s++(?P<image>\S++)\s++{_QUOTED}\s++(?P<service>[\w.-]++)\s{{2,}}+"
    rf"{_SINCE}{_PORTS}\s*+"
)
DOCKER = frozenset({"ID", "Image", "Names", "Status"})
PODMAN = frozenset({"Id", "Image", "Names", "State"})
WHOLE = ("docker.io/", "localhost/", "quay.io/")  # so podman begins names of images
NEWEST = 1 << 33  # seconds since 1970: beyond it there are no dates


def _looks_like(head: Head) -> float:
    if any(map(_row, head.lines)):
        return 0.95
    if any(_runtime(told) for told in first_objects(head)):
        return 0.95
    return 0.9 if head.lines and all(map(_is_heading, head.lines)) else 0.0


@kind(_looks_like, longest=LONGEST)
def docker_ps(lines: Lines, given: Given) -> Iterator[Row]:
    """Containers of docker ps and podman ps: as a table, also with --no-trunc, or --format json.

    Also docker compose ps as a table. Which name, image and state they have, and which ports of the
    machine are passed on to them. Addresses are in docker_inspect alone.
    """
    found: list[Row] = []
    for number, text, told in objects(lines, source=_table(lines, given, found)):
        if rows := [*_rows(number, told)]:
            lines.several(len(rows))
            found += rows
        else:
            lines.strange(number, text)
    yield from found


def _table(lines: Lines, given: Given, found: list[Row]) -> Iterator[tuple[int, str]]:
    """Take rows of a table; give the other lines, which may be of JSON."""
    for number, text in lines:
        if row := _row(text):
            name, image = row["names"].partition(",")[0], row["image"]
            ports = [*published(number, row["ports"] or "", name, image)]
            runtime = "podman" if image.startswith(WHOLE) else "docker"
            identifier = row.groupdict().get("id", "")
            box = Contained(
                number,
                name,
                runtime=runtime,
                identifier=identifier,
                image=image,
                state=row["state"],
            )
            lines.several(1 + len(ports))
            found += [box, *ports]
        elif _is_heading(text) or ('"' not in text and look_time(text, given) is not None):
            lines.part()
        else:
            yield number, text


def _row(text: str) -> re.Match[str] | None:
    """Read a row of a table; a line that is longer than any of them takes no time."""
    if len(text) >= LONGEST_ROW:
        return None
    return _ROW.fullmatch(text) or _COMPOSE_ROW.fullmatch(text)


def _is_heading(text: str) -> bool:
    return bool(_HEADING.fullmatch(text) or _COMPOSE_HEADING.fullmatch(text))


def _runtime(told: Object) -> str:
    if told.keys() >= DOCKER and isinstance(told["Names"], str):
        return "docker"
    is_podman = told.keys() >= PODMAN and isinstance(told["Names"], list)
    return "podman" if is_podman else ""


def _rows(line: int, told: Object) -> Iterator[Contained | Socket]:
    runtime = _runtime(told)
    identifier, image = word(told, "ID", "Id"), word(told, "Image")
    name = word(told, "Names").partition(",")[0]
    if runtime == "podman":
        name = next((one for one in told["Names"] if isinstance(one, str)), "")
        name = word({"name": name}, "name")
    if not runtime or not name or not IDENTIFIER.fullmatch(identifier):
        return
    began = told.get("StartedAt")
    is_time = type(began) is int and 0 < began < NEWEST
    yield Contained(
        line,
        name,
        runtime=runtime,
        identifier=identifier,
        image=image,
        state=word(told, "Status") or word(told, "State"),
        network=word(told, "Networks"),
        began=began * 1_000_000 if is_time and isinstance(began, int) else None,
    )
    yield from published(line, word(told, "Ports"), name, image)
    for port in listed(told, "Ports", MOST_PORTS):
        outer, inner = word(port, "host_port"), word(port, "container_port")
        transport = word(port, "protocol") or "tcp"
        if row := passed_on(line, word(port, "host_ip"), outer, transport, inner, name, image):
            yield row
