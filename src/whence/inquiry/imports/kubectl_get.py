"""kubectl get pods, services and nodes, as a table with -o wide, as JSON and as YAML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._json_objects import (
    LONGEST,
    Object,
    first_objects,
    items,
    listed,
    objects,
    word,
)
from whence.inquiry.imports._kubernetes_objects import ADDRESSED, is_known, is_pod
from whence.inquiry.imports._kubernetes_objects import rows_of as rows_of_object
from whence.inquiry.imports._kubernetes_tables import is_heading
from whence.inquiry.imports._kubernetes_tables import rows_of as rows_of_line
from whence.inquiry.imports._look_times import look_time
from whence.inquiry.imports._yaml_objects import BEGINNING, documents
from whence.model.reported import Contained, InCluster

ENDED = ("Completed", "Succeeded", "Failed", "Error", "Evicted")  # whose address may be another's
WITHOUT_ADDRESS = "pods, services or nodes without an address (kubectl get … -o wide tells most)"
OTHERS = "things of Kubernetes that have no addresses: neither pods nor services nor nodes"
_KINDS = rf"(?:{'|'.join(ADDRESSED)})(?:List)?"
_IN_LIST = re.compile(rf'"kind"\s*:\s*"{_KINDS}"')
_IN_YAML = re.compile(rf"^[- ]{{0,4}}kind: {_KINDS}\s*$", re.MULTILINE)
_Row = Contained | InCluster


def _looks_like(head: Head) -> float:
    if any(rows_of_line(0, line) is not None for line in head.lines):
        return 0.93
    text = head.text.lstrip()
    if text[:1] in ("{", "[") and '"apiVersion"' in text and _IN_LIST.search(text):
        return 0.93
    if any(line.startswith(BEGINNING) for line in head.lines) and _IN_YAML.search(head.text):
        return 0.93
    if any(is_pod(told) for told in first_objects(head)):
        return 0.93
    return 0.9 if head.lines and all(map(is_heading, head.lines)) else 0.0


@kind(_looks_like, longest=LONGEST)
def kubectl_get(lines: Lines, given: Given) -> Iterator[_Row]:
    """Pods, services and nodes of Kubernetes: kubectl get … -o wide, or -o json, or -o yaml.

    Which pod on which node has an address, which service with which ports, which node. JSON and
    YAML tell images and when a pod began, too. A pod on the network of its node has the node's
    address. Where -A and -n are missing, the namespace is not told. All three may be in one file,
    as of kubectl get pods,services,nodes -A -o yaml. Of YAML, aliases are not followed: kubectl
    writes none.
    """
    found: list[_Row] = []

    def take(line: int, text: str, told: Object) -> None:
        found.extend(_of_object(lines, line, text, told))

    others = documents(lines, items(lines), take)
    for line, text, told in objects(lines, source=_rows(lines, others, given, found)):
        take(line, text, told)
    yield from _with_nodes(found)


def _of_object(lines: Lines, line: int, text: str, told: Object) -> Iterator[_Row]:
    """Give the addresses of one object, or of each of a list; it is counted, whatever it is."""
    each = _listed(told)
    known = [[*rows_of_object(line, one)] for one in each if is_known(one)]
    if any(known):
        lines.several(sum(len(rows) or 1 for rows in known))
        for rows in known:
            yield from rows
            if not rows:
                lines.leave_out(WITHOUT_ADDRESS)
    elif known:
        lines.leave_out(WITHOUT_ADDRESS)
    elif word(told, "apiVersion") and word(told, "kind") not in ADDRESSED:
        lines.leave_out(OTHERS)
    else:
        lines.strange(line, text)


def _rows(
    lines: Lines, source: Iterable[tuple[int, str]], given: Given, found: list[_Row]
) -> Iterator[tuple[int, str]]:
    """Take rows of a table; give the other lines, which may be of JSON."""
    for number, text in source:
        if (rows := rows_of_line(number, text)) is not None:
            if not rows:
                lines.leave_out(WITHOUT_ADDRESS)
            lines.several(len(rows))
            found += rows
        elif is_heading(text) or ('"' not in text and look_time(text, given) is not None):
            lines.part()
        else:
            yield number, text


def _listed(told: Object) -> list[Object]:
    """Give what a list holds; something that is no list stands for itself."""
    return listed(told, "items") if "items" in told else [told]


def _with_nodes(found: list[_Row]) -> Iterator[_Row]:
    """Give rows; an address that several pods of a node have at once is the node's."""
    pods = [row for row in found if isinstance(row, Contained)]
    living = {(row.ip, row.node, row.pod) for row in pods if row.state not in ENDED}
    count = Counter((ip, node) for ip, node, _ in living)
    for row in found:
        if not isinstance(row, Contained):
            yield row
            continue
        shares = row.shares_network or (row.node != "" and count[row.ip, row.node] > 1)
        yield msgspec.structs.replace(row, shares_network=shares)
