"""Containers and pods: which of them has an address, and what of a list is not taken for it."""

import json
import time
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from tests.inquiry.imports.reading import is_complete, likeliest, read
from tests.inquiry.imports.samples import SAMPLES
from whence.model.reported import Contained, InCluster, Socket, Started

FULL = "4c01db0b339c8a4a1c8c9bdb0b3e6ba1e0f5b31a5a55c1d2d2f5a0d3f4a6b7c8"
HEADING = "NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES\n"


def boxes(text: str) -> list[Contained]:
    return [row for row in read(text)[0] if isinstance(row, Contained)]


def in_cluster(text: str) -> list[InCluster]:
    return [row for row in read(text)[0] if isinstance(row, InCluster)]


def sample(name: str) -> str:
    return SAMPLES[name][2]


def pod(name: str, ip: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"image": "nginx"}], "nodeName": "node-1", **spec},
        "status": {"phase": "Running", "podIP": ip},
    }


def test_a_table_tells_name_image_and_published_ports() -> None:
    rows = read(sample("docker ps"))[0]
    web, four, six, worker, db = rows
    assert isinstance(web, Contained)
    assert isinstance(four, Socket)
    assert isinstance(six, Socket)
    assert isinstance(worker, Contained)
    assert isinstance(db, Contained)
    assert (web.name, web.image, web.identifier) == ("web-1", "nginx:1.25", "4c01db0b339c")
    assert (four.local, four.local_port, four.listening) == ("192.0.2.4", "8080", True)
    assert four.state == "passed on to port 80 of container web-1 of nginx:1.25"
    assert (six.local, six.local_port) == ("::", "8080")
    assert (worker.name, worker.state) == ("worker", "Exited (0) 5 weeks ago")
    assert (db.name, db.state) == ("db", "Up About an hour (healthy)")


def test_a_range_of_ports_is_told_port_by_port() -> None:
    ports = [row for row in read(sample("docker ps --no-trunc"))[0] if isinstance(row, Socket)]
    assert [(one.transport, one.local, one.local_port) for one in ports] == [
        ("tcp", "0.0.0.0", "8000"),
        ("tcp", "0.0.0.0", "8001"),
        ("udp", "192.0.2.4", "53"),
    ]
    assert "port 81 of" in str(ports[1].state)
    wide = sample("docker ps --no-trunc").replace("8000-8001->80-81", "1-65000->1-65000")
    assert len(read(wide)[0]) <= 102


@pytest.mark.parametrize("form", ["podman ps", "podman ps --format json"])
def test_podman_is_told_from_docker(form: str) -> None:
    (box,) = boxes(sample(form))
    assert (box.runtime, box.name) == ("podman", "web-1")


def test_an_inspected_container_has_addresses_ports_and_a_process() -> None:
    rows = read(sample("docker inspect"))[0]
    found = [row for row in rows if isinstance(row, Contained)]
    assert [(one.ip, one.mac, one.network) for one in found] == [
        ("172.17.0.2", "02:42:ac:11:00:02", "bridge"),
        ("172.20.0.3", "02:42:ac:14:00:03", "shop_backend"),
        ("2001:db8:20::3", "02:42:ac:14:00:03", "shop_backend"),
    ]
    assert {(one.name, one.identifier, one.image) for one in found} == {
        ("web-1", FULL, "nginx:1.25")
    }
    assert found[0].began == 1_795_161_601_987_654
    (process,) = (row for row in rows if isinstance(row, Started))
    assert (process.pid, process.command_line) == (
        4711,
        "/docker-entrypoint.sh nginx -g daemon off;",
    )
    assert process.began == found[0].began


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_an_inspected_container_that_is_longer_than_what_is_looked_at_is_known(
    separators: tuple[str, str],
) -> None:
    (told,) = json.loads(sample("docker inspect"))
    told["Mounts"] = ["x" * 100] * 1000
    text = json.dumps([told], separators=separators)
    assert likeliest(text) == "docker_inspect"
    assert [row.ip for row in boxes(text)] == ["172.17.0.2", "172.20.0.3", "2001:db8:20::3"]


def test_a_container_that_does_not_run_has_neither_address_nor_process() -> None:
    (told,) = json.loads(sample("docker inspect"))
    told["State"] = {"Status": "exited", "Pid": 0, "StartedAt": "0001-01-01T00:00:00Z"}
    told["NetworkSettings"] = {"Networks": {"bridge": {"IPAddress": "", "MacAddress": ""}}}
    rows, lines = read(json.dumps([told], indent=4))
    (box,) = rows
    assert isinstance(box, Contained)
    assert (box.ip, box.state, box.began) == ("", "exited", None)
    assert is_complete(rows, lines)


@pytest.mark.parametrize("indent", [None, 4])
def test_a_pod_has_all_its_addresses_and_one_of_the_node_s_network_has_the_node_s(
    indent: int | None,
) -> None:
    told = json.loads(sample("kubectl get pods -o json"))
    rows, lines = read(json.dumps(told, indent=indent))
    assert lines.left_out.total() == 1  # that waits has no address
    assert is_complete(rows, lines)
    four, six, proxy = boxes(json.dumps(told, indent=indent))
    assert (four.ip, four.pod, four.node) == ("10.244.0.12", "shop/web-7d9c5b8f6d-x2x4z", "node-1")
    assert (six.ip, six.image) == ("2001:db8:244::c", "nginx:1.25, envoy:1.30")
    assert not four.shares_network
    assert (proxy.ip, proxy.shares_network) == ("192.0.2.21", True)


def test_a_list_of_pods_may_be_longer_than_any_object() -> None:
    listed: dict[str, Any] = {"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"x": 1}}
    many = 4_000
    listed["items"] = [
        pod(f"web-{n}", f"10.1.{n >> 8}.{n & 255}", x="y" * 1500) for n in range(many)
    ]
    text = json.dumps(listed, indent=4)
    assert len(text) > 1 << 22
    assert likeliest(text) == "kubectl_get"
    rows, lines = read(text)
    assert (len(rows), lines.strange_lines) == (many, [])
    assert is_complete(rows, lines)


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - image: nginx
  nodeName: node-1
status:
  phase: Running
  podIP: 10.244.0.12
"""


def test_yaml_tells_what_json_tells() -> None:
    told = json.loads(sample("kubectl get pods -o json"))

    def without_line(name: str) -> list[Contained]:
        return [msgspec.structs.replace(box, line=0) for box in boxes(sample(name))]

    assert without_line("kubectl get pods -o yaml") == without_line("kubectl get pods -o json")
    assert len(told["items"]) == 3


@pytest.mark.parametrize(
    "text",
    [
        POD,
        f"---\n{POD}...\n",
        f"node1# kubectl get pods -o yaml\n{POD}node1# exit\n",
        "apiVersion: v1\nitems:\n  - " + POD.replace("\n", "\n    ").rstrip() + "\nkind: List\n",
    ],
)
def test_yaml_may_be_of_one_pod_indented_or_pasted(text: str) -> None:
    assert likeliest(text) == "kubectl_get"
    rows, lines = read(text)
    (box,) = rows
    assert isinstance(box, Contained)
    assert (box.pod, box.ip, box.node) == ("shop/web", "10.244.0.12", "node-1")
    assert (lines.strange_lines, is_complete(rows, lines)) == ([], True)


def test_what_stands_in_yaml_without_quotes_is_taken_as_json_has_it() -> None:
    text = POD.replace("name: web", "name: no").replace("nodeName: node-1", "nodeName: 2026-11-27")
    (box,) = boxes(text + "  startTime: 2026-11-22T08:00:00Z\n")
    assert (box.pod, box.node, box.began) == ("shop/no", "2026-11-27", 1_795_334_400_000_000)


BOMB = "  a: &a [x, x]\n" + "".join(
    f"  {name}: &{name} [*{before}, *{before}, *{before}, *{before}]\n"
    for before, name in pairwise("abcdefghijklmnopqrstuvw")
)
MERGES = "  a: &a {x: 1}\n" + "".join(
    f"  {name}: &{name} {{<<: [*{before}, *{before}, *{before}, *{before}]}}\n"
    for before, name in pairwise("abcdefghijklmnopqrstuvw")
)


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (BOMB, "aliases"),
        (MERGES, "aliases"),
        ("  x: " + "[" * 50_000 + "\n", "nested too deeply"),
        ("".join(f"{'  ' * n}  x:\n" for n in range(500)), "nested too deeply"),
        ("  x:\n" + f"  - {'a' * 90}\n" * 25_000, "too long"),
        ("  x:\n" + "  - {y: z}\n" * 20_000, "too long"),
        ("  x: !!python/object/apply:os.system [ls]\n  y: *x\n", "aliases"),
        ("  x: 'never ends\n", None),
        ("  ? [a, b]\n  : c\n  {: 1\n", None),
        ("  x: [\n", None),
        ("  x: %\n", None),
    ],
)
def test_hostile_yaml_is_refused_in_words_and_soon(hostile: str, reason: str | None) -> None:
    began = time.process_time()
    rows, lines = read(POD + hostile + f"---\n{POD}", "kubectl_get")
    assert [row.ip for row in rows if isinstance(row, Contained)] == ["10.244.0.12"]
    assert is_complete(rows, lines)
    if reason:
        assert reason in "".join(lines.left_out)
    else:
        assert lines.strange_count
    assert time.process_time() - began < 3


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.getpid []", "!!binary x", "!x y"])
def test_a_tag_in_yaml_calls_nothing(tag: str) -> None:
    (box,) = boxes(f"{POD}  x: {tag}\n")
    assert box.ip == "10.244.0.12"


def test_a_pod_of_which_no_containers_are_told_is_a_pod() -> None:
    text = POD.replace("  containers:\n  - image: nginx\n", "")
    for told in (text, json.dumps(pod("web", "10.244.0.12") | {"spec": {"nodeName": "node-1"}})):
        assert likeliest(told) == "kubectl_get"
        rows, lines = read(told)
        (box,) = rows
        assert isinstance(box, Contained)
        assert (box.pod, box.ip, box.node, box.image) == ("shop/web", "10.244.0.12", "node-1", "")
        assert (lines.strange_lines, is_complete(rows, lines)) == ([], True)


def test_a_table_of_services_tells_addresses_and_ports() -> None:
    text = sample("kubectl get services -A -o wide")
    told = in_cluster(text)
    assert {(one.kind, one.name, one.ip) for one in told[:3]} == {
        ("service", "default/kubernetes", "10.96.0.1"),
        ("service", "kube-system/kube-dns", "10.96.0.10"),
        ("service", "shop/waits", "10.96.7.7"),
    }
    assert [one.ip for one in told[3:]] == ["10.96.3.4", "203.0.113.80", "2001:db8::80"]
    assert told[-1].sort == "LoadBalancer"
    assert told[-1].ports == ("80/tcp, port 30080 of nodes", "443/tcp, port 30443 of nodes")
    assert told[-1].pods == "app=web,tier=front"
    assert told[1].ports == ("53/udp", "53/tcp", "9153/tcp")
    assert read(text)[1].left_out.total() == 2  # without heads, and a name of others


def test_a_table_of_nodes_tells_addresses_if_it_is_wide() -> None:
    text = sample("kubectl get nodes -o wide")
    assert [(one.kind, one.name, one.ip, one.state) for one in in_cluster(text)] == [
        ("node", "node-1", "192.0.2.21", "Ready"),
        ("node", "node-1", "203.0.113.21", "Ready"),
        ("node", "node-2", "192.0.2.22", "Ready,SchedulingDisabled"),
    ]
    narrow = "NAME     STATUS   ROLES    AGE   VERSION\nnode-1   Ready    <none>   5d    v1.31.2\n"
    assert likeliest(narrow) == "kubectl_get"
    rows, lines = read(narrow)
    assert (rows, lines.strange_lines) == ([], [])
    assert "-o wide" in "".join(lines.left_out)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_objects_of_services_and_nodes_tell_where_ports_lead(form: str) -> None:
    told = in_cluster(sample(f"kubectl get services,nodes -A -o {form}"))
    assert [(one.name, one.ip) for one in told] == [
        ("shop/web", "10.96.3.4"),
        ("shop/web", "2001:db8:96::4"),
        ("shop/web", "198.51.100.9"),
        ("shop/web", "203.0.113.80"),
        ("node-1", "192.0.2.21"),
        ("node-1", "203.0.113.21"),
    ]
    assert told[0].ports == (
        "80/tcp (http) to port 8080, port 30080 of nodes",
        "443/tcp (https) to port tls",
    )
    assert (told[0].sort, told[0].pods) == ("LoadBalancer", "app=web,tier=front")
    assert told[-1].state == "Ready"


def test_pods_and_services_of_one_list_are_all_taken() -> None:
    services = sample("kubectl get services,nodes -A -o yaml").partition("items:\n")[2]
    text = sample("kubectl get pods -o yaml").replace("items:\n", f"items:\n{services}", 1)
    text = text.replace("kind: List\nmetadata:\n  resourceVersion: ''\n", "", 1)
    rows, lines = read(text)
    assert (len(in_cluster(text)), len(boxes(text)), lines.strange_lines) == (6, 3, [])
    assert is_complete(rows, lines)


def test_in_a_table_an_address_of_several_living_pods_is_the_node_s() -> None:
    row = "{}  1/1  {}  0  5d  {}  {}  <none>  <none>\n"
    text = HEADING + "".join(
        row.format(*one)
        for one in (
            ("proxy", "Running", "192.0.2.21", "node-1"),
            ("flannel", "Running", "192.0.2.21", "node-1"),
            ("job", "Completed", "10.244.0.9", "node-1"),
            ("web", "Running", "10.244.0.9", "node-1"),
        )
    )
    assert [(one.pod, one.shares_network) for one in boxes(text)] == [
        ("proxy", True), ("flannel", True), ("job", False), ("web", False),
    ]  # fmt: skip


def test_pods_without_addresses_are_known_and_left_out() -> None:
    text = "NAME    READY   STATUS             RESTARTS        AGE\n" + (
        "web-1   0/1     CrashLoopBackOff   182 (12s ago)   4h5m\n"
    )
    assert likeliest(text) == "kubectl_get"
    rows, lines = read(text)
    assert (rows, lines.strange_lines, lines.left_out.total()) == ([], [], 1)


def test_a_table_that_was_squeezed_is_read() -> None:
    text = "NAME READY STATUS RESTARTS AGE IP NODE\nweb-1 1/1 Running 0 5d 10.1.2.3 node1\n"
    assert likeliest(text) == "kubectl_get"
    assert [(one.pod, one.ip, one.node) for one in boxes(text)] == [("web-1", "10.1.2.3", "node1")]


def test_a_table_may_be_pasted_with_its_prompt() -> None:
    for name, command in (
        ("docker ps", "$ docker ps -a"),
        ("kubectl get pods -A -o wide", "node1# kubectl get pods -A -o wide"),
    ):
        rows, lines = read(f"{command}\n{sample(name)}")
        assert (len(rows), lines.strange_lines) == (SAMPLES[name][1], [])


def test_a_heading_alone_is_a_list_of_nothing() -> None:
    text = "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n"
    assert likeliest(text) == "docker_ps"
    rows, lines = read(text)
    assert (rows, lines.strange_lines) == ([], [])


@pytest.mark.parametrize(
    "odd", [None, True, -1, 1 << 70, 1e400, "", "x\x1b[31m\u202e", [], {}, [{}], [[1]], {"a": 1}]
)
def test_whatever_stands_in_a_field_no_line_is_lost(odd: object) -> None:
    for name, inner in (
        ("docker inspect", ("State", "Config", "NetworkSettings")),
        ("docker network inspect", ("Containers",)),
        ("podman ps --format json", ("Ports",)),
        ("kubectl get pods -o json", ("metadata", "spec", "status")),
        ("kubectl get services,nodes -A -o json", ("metadata", "spec", "status")),
    ):
        told = json.loads(sample(name))
        one = (told["items"] if isinstance(told, dict) else told)[0]
        for key in [*one]:
            kept, one[key] = one[key], odd
            _check(told, SAMPLES[name][0])
            one[key] = kept
            for within in [*kept] if key in inner and isinstance(kept, dict) else ():
                old, kept[within] = kept[within], odd
                _check(told, SAMPLES[name][0])
                kept[within] = old


def _check(told: object, kind: str) -> None:
    for indent in (None, 4):
        rows, lines = read(json.dumps(told, indent=indent, allow_nan=True), kind)
        assert is_complete(rows, lines)
