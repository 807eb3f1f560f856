"""Objects of Kubernetes, as JSON and YAML have them: pods, services and nodes with addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whence.inquiry.imports._containers import moment
from whence.inquiry.imports._ends import address
from whence.inquiry.imports._json_objects import Object, listed, within, word
from whence.inquiry.imports._kubernetes_tables import MOST, full_name, port_text
from whence.model.reported import Contained, InCluster

ADDRESSED = ("Pod", "Service", "Node")
_OF_PORT = ("name", "targetPort", "nodePort")


def is_pod(told: Object) -> bool:
    """Say whether it is a pod; those in a PodList of the API do not say so themselves."""
    if not word(within(told, "metadata"), "name"):
        return False
    if kind := word(told, "kind"):
        return kind == "Pod"
    return "containers" in within(told, "spec") and bool(within(told, "status"))


def is_known(told: Object) -> bool:
    """Say whether it is something that has addresses."""
    if not word(within(told, "metadata"), "name"):
        return False
    return is_pod(told) or word(told, "kind") in ADDRESSED


def rows_of(line: int, told: Object) -> Iterator[Contained | InCluster]:
    """Give each address of a thing that is known."""
    if is_pod(told):
        yield from _pod(line, told)
    elif word(told, "kind") == "Service":
        yield from _service(line, told)
    else:
        yield from _node(line, told)


def _pod(line: int, told: Object) -> Iterator[Contained]:
    metadata, spec, status = (within(told, name) for name in ("metadata", "spec", "status"))
    name, namespace = word(metadata, "name"), word(metadata, "namespace")
    images = [word(one, "image") for one in listed(spec, "containers", MOST)]
    given = [word(one, "ip") for one in listed(status, "podIPs", MOST)]
    for ip in _addresses([word(status, "podIP"), *given]):
        yield Contained(
            line,
            name,
            ip,
            image=", ".join(dict.fromkeys(filter(None, images))),
            pod=full_name(namespace, name),
            node=word(spec, "nodeName"),
            shares_network=spec.get("hostNetwork") is True,
            state=word(status, "phase"),
            began=moment(word(status, "startTime")),
        )


def _service(line: int, told: Object) -> Iterator[InCluster]:
    metadata, spec = within(told, "metadata"), within(told, "spec")
    balancer = within(within(told, "status"), "loadBalancer")
    given = [
        word(spec, "clusterIP"), *_words(spec, "clusterIPs"), *_words(spec, "externalIPs"),
        *(word(one, "ip") for one in listed(balancer, "ingress", MOST)),
    ]  # fmt: skip
    ports = tuple(
        port_text(port, word(one, "protocol") or "TCP", *(word(one, name) for name in _OF_PORT))
        for one in listed(spec, "ports", MOST)
        if (port := word(one, "port"))
    )
    selector = within(spec, "selector")
    pods = ",".join(f"{name}={word(selector, name)}" for name in [*selector][:MOST])
    name = full_name(word(metadata, "namespace"), word(metadata, "name"))
    for ip in _addresses(given):
        yield InCluster(line, "service", name, ip, sort=word(spec, "type"), ports=ports, pods=pods)


def _node(line: int, told: Object) -> Iterator[InCluster]:
    status = within(told, "status")
    given = [word(one, "address") for one in listed(status, "addresses", MOST)]
    ready = [
        "Ready" if word(one, "status") == "True" else "NotReady"
        for one in listed(status, "conditions", MOST)
        if word(one, "type") == "Ready"
    ]
    name = word(within(told, "metadata"), "name")
    for ip in _addresses(given):
        yield InCluster(line, "node", name, ip, state=next(iter(ready), ""))


def _words(told: Object, name: str) -> list[str]:
    value = told.get(name)
    return [one for one in value[:MOST] if isinstance(one, str)] if isinstance(value, list) else []


def _addresses(texts: Iterable[str]) -> list[str]:
    """Give those that are addresses, each once: a node's may be names, a service's “None”."""
    found = filter(None, map(address, filter(None, texts)))
    return [*dict.fromkeys(ip.partition("%")[0] for ip in found)]
