from __future__ import annotations

from dataclasses import replace

import pytest

from tests.probes.launchers import member, ran, world
from whence.model import Service
from whence.probes.systemd_unit import systemd_unit

ID = "0123456789abcdef" * 4


def unit_of(cgroup: str) -> list[object]:
    process, host = world(replace(member(ran("/bin/app", "app")), cgroup=cgroup))
    return [fact.value for fact in systemd_unit(process, host)]


@pytest.mark.parametrize(
    ("cgroup", "manager", "name"),
    [
        ("/system.slice/acme.service", "systemd", "acme.service"),
        ("/system.slice/system-acme.slice/acme@db.service", "systemd", "acme@db.service"),
        ("/system.slice/acme.service/worker/1", "systemd", "acme.service"),
        ("/acme.slice/run-r1a2b.scope", "systemd", "run-r1a2b.scope"),
        ("/system.slice/_cgroup.service", "systemd", "cgroup.service"),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-acme-7.scope",
            "systemd --user of uid 1000",
            "app-gnome-acme-7.scope",
        ),
        ("/user.slice/user-1000.slice/user@1000.service", "systemd", "user@1000.service"),
        (
            f"/system.slice/docker-{ID}.scope/system.slice/acme.service",
            "systemd in docker 0123456789ab",
            "acme.service",
        ),
    ],
)
def test_the_control_group_names_the_unit(cgroup: str, manager: str, name: str) -> None:
    assert unit_of(cgroup) == [Service("here", manager, name)]


@pytest.mark.parametrize(
    "cgroup",
    [
        "",
        "/",
        "/user.slice/user-1000.slice",
        "/user.slice/user-1000.slice/session-3.scope",
        f"/system.slice/docker-{ID}.scope",
    ],
)
def test_a_process_that_is_part_of_no_service(cgroup: str) -> None:
    assert not unit_of(cgroup)
