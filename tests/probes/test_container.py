from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.probes.launchers import member, ran, world
from whence.model import CannotAsk, Container
from whence.probes.container import container
from whence.probes.contains import contains
from whence.world import RecordedHost

ID = "0123456789abcdef" * 4
POD = "8f0f0e9d-1b5c-4c59-9d7a-0a4c5e2c5a11"


@pytest.mark.parametrize(
    ("cgroup", "runtime", "identifier"),
    [
        (f"/system.slice/docker-{ID}.scope", "docker", ID),
        (f"/docker/{ID}", "docker", ID),
        (f"/docker/{ID}/init.scope", "docker", ID),
        (f"/machine.slice/libpod-{ID}.scope/container", "podman", ID),
        (f"/user.slice/user-1000.slice/user@1000.service/libpod-{ID}.scope", "podman", ID),
        (f"/kubepods.slice/x.slice/cri-containerd-{ID}.scope", "containerd", ID),
        (f"/system.slice:cri-containerd:{ID}", "containerd", ID),
        (f"/kubepods.slice/x.slice/crio-{ID}.scope", "cri-o", ID),
        (f"/kubepods/burstable/pod{POD}/{ID}", "containerd", ID),
        ("/lxc.payload.web/system.slice/nginx.service", "lxc", "web"),
        ("/lxc/web", "lxc", "web"),
        ("/machine.slice/machine-web.scope", "systemd-nspawn", "web"),
        ("/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn", "web"),
        (
            "/user.slice/user@1000.service/app.slice/snap.firefox.firefox-1f.scope",
            "snap",
            "firefox",
        ),
        ("/user.slice/app.slice/app-flatpak-org.acme.App-4711.scope", "flatpak", "org.acme.App"),
    ],
)
def test_how_each_runtime_names_a_container(cgroup: str, runtime: str, identifier: str) -> None:
    process, host = world(replace(member(ran("/bin/app", "app")), cgroup=cgroup))
    (fact,) = [f for f in container(process, host) if f.relation == "inside"]
    assert fact.value == Container("here", runtime, identifier)


def test_the_inner_one_of_two_containers() -> None:
    cgroup = f"/lxc.payload.web/docker/{ID}"
    process, host = world(replace(member(ran("/bin/app", "app")), cgroup=cgroup))
    (fact,) = container(process, host)
    assert fact.value == Container("here", "docker", ID)


def test_the_pod_of_a_container() -> None:
    uid = POD.replace("-", "_")
    cgroup = f"/kubepods.slice/kubepods-burstable-pod{uid}.slice/cri-containerd-{ID}.scope"
    process, host = world(replace(member(ran("/bin/app", "app")), cgroup=cgroup))
    assert str([*container(process, host)][1].value) == f"Kubernetes pod {POD}"


@pytest.mark.parametrize("cgroup", ["", "/", "/system.slice/docker.service", f"/x/{ID}"])
def test_a_process_of_the_host(cgroup: str) -> None:
    process, host = world(replace(member(ran("/bin/app", "app")), cgroup=cgroup))
    assert not [*container(process, host)]


ANNOTATIONS = {
    "io.kubernetes.cri.container-name": "web",
    "io.kubernetes.cri.image-name": "docker.io/library/nginx:1.25",
}
FILES = {
    "docker": (
        f"/var/lib/docker/containers/{ID}/config.v2.json",
        {"Name": "/web", "Config": {"Image": "docker.io/library/nginx:1.25"}},
    ),
    "containerd": (
        f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json",
        {"annotations": ANNOTATIONS},
    ),
    "podman": (
        "/var/lib/containers/storage/overlay-containers/containers.json",
        [
            {
                "id": ID,
                "names": ["web"],
                "metadata": json.dumps({"image-name": "docker.io/library/nginx:1.25"}),
            }
        ],
    ),
}


@pytest.mark.parametrize("runtime", FILES)
def test_the_name_and_the_image_of_a_container(runtime: str) -> None:
    path, state = FILES[runtime]
    facts = contains(Container("here", runtime, ID), RecordedHost({path: json.dumps(state)}))
    assert [(f.relation, f.value) for f in facts] == [
        ("named", "web"),
        ("runs-image", "docker.io/library/nginx:1.25"),
    ]


def test_a_state_that_is_written_in_another_way() -> None:
    host = RecordedHost({FILES["docker"][0]: "[]"})
    with pytest.raises(CannotAsk, match="another way"):
        [*contains(Container("here", "docker", ID), host)]


def test_a_runtime_that_keeps_no_state() -> None:
    assert not [*contains(Container("here", "lxc", "web"), RecordedHost())]


def test_a_container_of_another_machine_is_not_looked_for_here() -> None:
    assert not [*contains(Container("", "docker", ID), RecordedHost())]
    assert not [*contains(Container("web1", "docker", ID), RecordedHost())]
