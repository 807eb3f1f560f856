"""Rows of the tables that kubectl get prints: pods, services and nodes, with their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import LONGEST_ROW
from whence.inquiry.imports._ends import address
from whence.model.reported import Contained, InCluster

MOST = 100  # addresses and ports of a service
NONE = ("<none>", "None", "<pending>", "<unknown>", "<nodes>")
_HEADING = re.compile(
    r"(?:NAMESPACE\s+)?NAME\s+(?:READY\s+STATUS\s+RESTARTS\s+AGE|TYPE\s+CLUSTER-IP"
    r"|STATUS\s+ROLES\s+AGE\s+VERSION)(?:\s.*)?"
)
_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_AGE = r"(?:(?:\d{1,9}[smhdy])+|<invalid>|<unknown>)"
_IP = r"[0-9a-fA-F:.]+"
_POD = re.compile(
    rf"(?:(?P<namespace>{_NAME})\s+)?(?:pod/)?(?P<name>{_NAME})\s+\d{{1,4}}/\d{{1,4}}"
    r"\s+(?P<status>[A-Z]\S*)\s+\d{1,9}(?:\s+\([\w ]{1,30}\))?"
    rf"\s+{_AGE}(?:\s+(?P<ip>{_IP}|<none>)\s+(?P<node>\S+))?(?:\s.*)?"
)
_SERVICE = re.compile(
    rf"(?:(?P<namespace>{_NAME})\s+)?(?:service/)?(?P<name>{_NAME})"
    r"\s+(?P<sort>ClusterIP|NodePort|LoadBalancer|ExternalName)"
    rf"\s+(?P<inner>{_IP}|<none>|None)\s+(?P<outer>\S+)\s+(?P<ports>\S+)\s+{_AGE}"
    r"(?:\s+(?P<pods>\S+))?(?:\s.*)?"
)
_NODE = re.compile(
    rf"(?:node/)?(?P<name>{_NAME})\s+(?P<status>(?:Not)?Ready\S*|Unknown\S*)"
    rf"\s+(?P<roles>\S+)\s+{_AGE}\s+(?P<version>v\d\S*)"
    rf"(?:\s+(?P<inner>{_IP}|<none>)\s+(?P<outer>\S+))?(?:\s.*)?"
)
_PORT = re.compile(r"(?P<port>\d{1,5})(?::(?P<outer>\d{1,5}))?/(?P<transport>TCP|UDP|SCTP)")


def is_heading(text: str) -> bool:
    """Say whether a line is the heading of such a table."""
    return _HEADING.fullmatch(text) is not None


def rows_of(line: int, text: str) -> list[Contained | InCluster] | None:
    """Give what a row of a table tells, nothing if it is of no address; None: it is no row."""
    if len(text) >= LONGEST_ROW:
        return None
    if pod := _POD.fullmatch(text):
        return [*_pod(line, pod)]
    if service := _SERVICE.fullmatch(text):
        return [*_service(line, service)]
    if node := _NODE.fullmatch(text):
        return [*_node(line, node)]
    return None


def port_text(port: str, transport: str, name: str = "", inner: str = "", outer: str = "") -> str:
    """Say which port of a service it is, and where that leads."""
    text = f"{port}/{transport.lower()}{f' ({name})' if name else ''}"
    text += f" to port {inner}" if inner and inner != port else ""
    return f"{text}, port {outer} of nodes" if outer else text


def full_name(namespace: str, name: str) -> str:
    """Name a thing of a namespace."""
    return f"{namespace}/{name}" if namespace else name


def _pod(line: int, row: re.Match[str]) -> Iterator[Contained]:
    if ip := _address(row["ip"]):
        pod, node = full_name(row["namespace"], row["name"]), _told(row["node"])
        yield Contained(line, row["name"], ip, pod=pod, node=node, state=row["status"])


def _service(line: int, row: re.Match[str]) -> Iterator[InCluster]:
    ports = tuple(
        port_text(found["port"], found["transport"], outer=found["outer"] or "")
        for part in row["ports"].split(",")[:MOST]
        if (found := _PORT.fullmatch(part))
    )
    for ip in _addresses(row["inner"], *row["outer"].split(",")):
        yield InCluster(
            line, "service", full_name(row["namespace"], row["name"]), ip,
            sort=row["sort"], ports=ports, pods=_told(row["pods"]),
        )  # fmt: skip


def _node(line: int, row: re.Match[str]) -> Iterator[InCluster]:
    for ip in _addresses(row["inner"], row["outer"]):
        yield InCluster(line, "node", row["name"], ip, state=row["status"])


def _addresses(*texts: str | None) -> list[str]:
    return [*dict.fromkeys(ip for text in texts[:MOST] if (ip := _address(text)))]


def _address(text: str | None) -> str | None:
    return address(text) if _told(text) else None


def _told(text: str | None) -> str:
    return "" if text is None or text in NONE else text
