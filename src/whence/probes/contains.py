"""A container's runtime writes down its name and its image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from whence.model import CannotAsk, Container, Fact, probe
from whence.world import Host

Described = dict[str, str]  # relation to value
_OCI = "io.kubernetes."
_ANNOTATIONS = {  # of the runtime's config.json, by the relation that they give
    "named": (f"{_OCI}cri.container-name", f"{_OCI}container.name"),
    "runs-image": (f"{_OCI}cri.image-name", f"{_OCI}cri-o.ImageName"),
    "in-pod": (f"{_OCI}cri.sandbox-name", f"{_OCI}pod.name"),
    "in-namespace": (f"{_OCI}cri.sandbox-namespace", f"{_OCI}pod.namespace"),
}


@probe(answers="runs-image")
def contains(container: Container, host: Host) -> Iterator[Fact]:
    """What is this container called, and from which image was it made?

    The runtime's own files say so while the container exists, on the machine where it is.
    """
    if container.host != host.name or container.runtime not in STATE:
        return
    path, describe = STATE[container.runtime]
    reading = host.read(path.format(id=container.identifier))
    try:
        described = describe(reading.json(), container.identifier)
    except (KeyError, TypeError, AttributeError, ValueError) as e:
        raise CannotAsk(f"{reading.source} is written in another way", because=repr(e)) from e
    for relation, value in described.items():
        yield container.fact(relation, value, reading.whole())


def _docker(state: Any, _: str) -> Described:
    return {"named": str(state["Name"]).lstrip("/"), "runs-image": str(state["Config"]["Image"])}


def _annotated(state: Any, _: str) -> Described:
    annotations = state["annotations"]
    return {
        relation: str(annotations[key])
        for relation, keys in _ANNOTATIONS.items()
        for key in keys
        if key in annotations
    }


def _podman(state: Any, identifier: str) -> Described:
    for container in state:
        if container["id"] == identifier:
            made_of = msgspec.json.decode(container["metadata"])
            return {"named": str(container["names"][0]), "runs-image": str(made_of["image-name"])}
    return {}


_RUN = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/{id}/config.json"
_STORAGE = "/var/lib/containers/storage/overlay-containers"  # of root's containers
STATE: dict[str, tuple[str, Callable[[Any, str], Described]]] = {
    "docker": ("/var/lib/docker/containers/{id}/config.v2.json", _docker),
    "containerd": (_RUN, _annotated),
    "cri-o": (f"{_STORAGE}/{{id}}/userdata/config.json", _annotated),
    "podman": (f"{_STORAGE}/containers.json", _podman),
}
