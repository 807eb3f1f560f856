"""kubectl get pods, as a table with -o wide, as JSON and as YAML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from whence.inquiry.imports._containers import moment
from whence.inquiry.imports._declare import LONGEST_ROW, Given, Head, Lines, kind
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._json_objects import (
    LONGEST,
    Object,
    first_objects,
    items,
    listed,
    objects,
    within,
    word,
)
from whence.inquiry.imports._look_times import look_time
from whence.inquiry.imports._yaml_objects import BEGINNING, documents
from whence.model.reported import Contained

_HEADING = re.compile(r"(?:NAMESPACE\s+)?NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE(?:\s.*)?")
_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_ROW = re.compile(
    rf"(?:(?P<namespace>{_NAME})\s+)?(?:pod/)?(?P<name>{_NAME})\s+\d{{1,4}}/\d{{1,4}}"
    r"\s+(?P<status>[A-Z]\S*)\s+\d{1,9}(?:\s+\([\w ]{1,30}\))?"
    r"\s+(?:(?:\d{1,9}[smhdy])+|<invalid>|<unknown>)"
    r"(?:\s+(?P<ip>[0-9a-fA-F:.]+|<none>)\s+(?P<node>\S+))?(?:\s.*)?"
)
NONE = "<none>"
ENDED = ("Completed", "Succeeded", "Failed", "Error", "Evicted")  # whose address may be another's
MOST = 100  # containers and addresses of a pod
WITHOUT_ADDRESS = "pods without an address (kubectl get pods -o wide tells addresses)"
OTHERS = "things of Kubernetes that are no pods"
_IN_LIST = re.compile(r'"kind"\s*:\s*"(?:Pod|PodList)"')
_IN_YAML = re.compile(r"^[- ]{0,4}kind: (?:Pod|PodList)\s*$", re.MULTILINE)


def _looks_like(head: Head) -> float:
    if any(map(_row, head.lines)):
        return 0.93
    text = head.text.lstrip()
    if text[:1] in ("{", "[") and '"apiVersion"' in text and _IN_LIST.search(text):
        return 0.93
    if any(line.startswith(BEGINNING) for line in head.lines) and _IN_YAML.search(head.text):
        return 0.93
    if any(_is_pod(told) for told in first_objects(head)):
        return 0.93
    return 0.9 if head.lines and all(map(_HEADING.fullmatch, head.lines)) else 0.0


@kind(_looks_like, longest=LONGEST)
def kubectl_pods(lines: Lines, given: Given) -> Iterator[Contained]:
    """Pods of Kubernetes: kubectl get pods -o wide, also with -A, or -o json, or -o yaml.

    Which pod on which node has an address; JSON and YAML tell images and when it began, too. A pod
    on the network of its node has the node's address. Where -A and -n are missing, the namespace
    is not told. Of YAML, aliases are not followed: kubectl writes none.
    """
    found: list[Contained] = []

    def take(line: int, text: str, told: Object) -> None:
        found.extend(_pods(lines, line, text, told))

    others = documents(lines, items(lines), take)
    for line, text, told in objects(lines, source=_rows(lines, others, given, found)):
        take(line, text, told)
    yield from _with_nodes(found)


def _pods(lines: Lines, line: int, text: str, told: Object) -> Iterator[Contained]:
    """Give the pods of one object; it is counted, whatever it is."""
    each = _listed(told)
    pods = [[*_pod(line, one)] for one in each if _is_pod(one)]
    if any(pods):
        lines.several(sum(len(rows) or 1 for rows in pods))
        for rows in pods:
            yield from rows
            if not rows:
                lines.leave_out(WITHOUT_ADDRESS)
    elif word(told, "apiVersion") and word(told, "kind") != "Pod":
        lines.leave_out(OTHERS)
    elif pods:
        lines.leave_out(WITHOUT_ADDRESS)
    else:
        lines.strange(line, text)


def _rows(
    lines: Lines, source: Iterable[tuple[int, str]], given: Given, found: list[Contained]
) -> Iterator[tuple[int, str]]:
    """Take rows of a table; give the other lines, which may be of JSON."""
    for number, text in source:
        if row := _row(text):
            ip = address(row["ip"]) if row["ip"] and row["ip"] != NONE else None
            if ip is None:
                lines.leave_out(WITHOUT_ADDRESS)
                continue
            node = row["node"] if row["node"] != NONE else ""
            pod = f"{row['namespace']}/{row['name']}" if row["namespace"] else row["name"]
            found.append(
                Contained(number, row["name"], ip, pod=pod, node=node, state=row["status"])
            )
        elif _HEADING.fullmatch(text) or ('"' not in text and look_time(text, given) is not None):
            lines.part()
        else:
            yield number, text


def _row(text: str) -> re.Match[str] | None:
    """Read a row of a table; a line that is longer than any of them takes no time."""
    return _ROW.fullmatch(text) if len(text) < LONGEST_ROW else None


def _listed(told: Object) -> list[Object]:
    """Give what a list holds; something that is no list stands for itself."""
    return listed(told, "items") if "items" in told else [told]


def _is_pod(told: Object) -> bool:
    """Say whether it is a pod; those in a PodList of the API do not say so themselves."""
    metadata, status = within(told, "metadata"), within(told, "status")
    is_named = word(told, "kind") in ("Pod", "") and bool(word(metadata, "name"))
    return is_named and "containers" in within(told, "spec") and bool(status)


def _pod(line: int, told: Object) -> Iterator[Contained]:
    metadata, spec, status = (within(told, name) for name in ("metadata", "spec", "status"))
    name, namespace = word(metadata, "name"), word(metadata, "namespace")
    images = [word(one, "image") for one in listed(spec, "containers", MOST)]
    given = [word(one, "ip") for one in listed(status, "podIPs", MOST)]
    addresses = dict.fromkeys(filter(None, map(address, [word(status, "podIP"), *given])))
    for ip in addresses:
        yield Contained(
            line,
            name,
            ip.partition("%")[0],
            image=", ".join(dict.fromkeys(filter(None, images))),
            pod=f"{namespace}/{name}" if namespace else name,
            node=word(spec, "nodeName"),
            shares_network=spec.get("hostNetwork") is True,
            state=word(status, "phase"),
            began=moment(word(status, "startTime")),
        )


def _with_nodes(found: list[Contained]) -> Iterator[Contained]:
    """Give pods; an address that several of a node have at once is the node's."""
    living = {(row.ip, row.node, row.pod) for row in found if row.state not in ENDED}
    count = Counter((ip, node) for ip, node, _ in living)
    for row in found:
        shares = row.shares_network or (row.node != "" and count[row.ip, row.node] > 1)
        yield msgspec.structs.replace(row, shares_network=shares)
