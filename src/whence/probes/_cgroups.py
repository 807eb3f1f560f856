"""What the path of a control group tells: cgroups(7), systemd.unit(5), and each runtime's habit."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = r"(?P<id>[0-9a-f]{64})"
_CONTAINERS = (  # the runtime, and how it names the group of a container
    ("podman", re.compile(rf"/libpod-{_ID}(?:\.scope)?(?=/|$)")),
    ("containerd", re.compile(rf"[/:]cri-containerd[-:]{_ID}(?:\.scope)?(?=/|$)")),
    ("cri-o", re.compile(rf"[/:]crio-{_ID}(?:\.scope)?(?=/|$)")),
    ("docker", re.compile(rf"/(?:docker-|docker/){_ID}(?:\.scope)?(?=/|$)")),
    ("containerd", re.compile(rf"/pod[0-9a-f-]{{36}}/{_ID}(?=/|$)")),  # or docker, before 1.24
    ("lxc", re.compile(r"/(?:lxc\.payload[./]|lxc/)(?P<id>[^/]+)(?=/|$)")),
    ("systemd-nspawn", re.compile(r"/systemd-nspawn@(?P<id>[^/]+)\.service(?=/|$)")),
    ("systemd-nspawn", re.compile(r"/machine-(?P<id>[^/]+)\.scope(?=/|$)")),
    ("snap", re.compile(r"/snap\.(?P<id>[^./]+)\.[^/]+\.(?:scope|service)(?=/|$)")),
    ("flatpak", re.compile(r"/app-flatpak-(?P<id>[^/]+)-\d+\.scope(?=/|$)")),
)
_POD = re.compile(r"pod(?P<uid>[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?=[./]|$)")
_UNIT = re.compile(r"/(?P<unit>[^/]+\.(?:service|scope|socket|mount|swap))(?=/|$)")
_MANAGER = re.compile(r"/user@(?P<uid>\d+)\.service(?=/)")
_SESSION = re.compile(r"/session-(?P<session>[^/]+)\.scope(?=/|$)")


@dataclass(frozen=True, slots=True)
class Contained:
    """A container, as the path of a control group names it."""

    runtime: str
    identifier: str
    inside: str  # what the path says further down: the groups of the container's own init


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of systemd, and whose systemd it is: None for the system's own."""

    name: str
    manager_of: int | None = None


def container_of(cgroup: str) -> Contained | None:
    """Name the container; the innermost, where one runs in another."""
    found = [
        (match.end(), runtime, match["id"])
        for runtime, pattern in _CONTAINERS
        for match in pattern.finditer(cgroup)
    ]
    if not found:
        return None
    end, runtime, identifier = max(found, key=lambda one: one[0])
    return Contained(runtime, identifier, cgroup[end:])


def pod_of(cgroup: str) -> str | None:
    """Give the uid of the Kubernetes pod."""
    found = _POD.search(cgroup)
    return found["uid"].replace("_", "-") if found else None


def unit_of(cgroup: str) -> Unit | None:
    """Name the innermost unit of the host's systemd, or of a user's."""
    manager = _MANAGER.search(cgroup)
    units = _UNIT.findall(cgroup)
    if not units:
        return None
    inner = units[-1].removeprefix("_")  # systemd puts it before names the kernel has, too
    if manager and inner != f"user@{manager['uid']}.service":
        return Unit(inner, int(manager["uid"]))
    return Unit(inner)


def session_of(cgroup: str) -> str | None:
    """Give the id of the login session, systemd-logind(8)."""
    found = _SESSION.search(cgroup)
    return found["session"] if found else None
