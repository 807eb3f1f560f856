"""What is near a program, as far as anybody can tell it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from whence.model import Execution, Process, ProcessRecord
from whence.model.mention_ranking import reason
from whence.probes._nearby import nearby, places_of
from whence.world import EPOCH, RecordedHost

RUN = Execution(EPOCH, "/usr/sbin/agent", "/usr/sbin/agent", ("agent", "/srv/agent.conf"),
                working_directory="/srv/work")  # fmt: skip
AGENT = ProcessRecord(Process("here", "boot", 42, 42), EPOCH, "agent", executions=(RUN,),
                      cgroup="/system.slice/agent.service")  # fmt: skip


def test_what_cannot_be_asked_hides_no_other_place() -> None:
    """Nobody can say which files the program names: its folder is known all the same."""
    nobody = RecordedHost({"/proc/42/root": ""})
    near = nearby([AGENT], nobody, nobody)
    assert near["/srv/agent.conf"] == "on the command line"
    assert near["/var/lib/agent/"] == "named as the program"
    assert near["/srv/work/"] == "its working directory"
    assert near["/usr/sbin/agent"] == "the program itself"


def near_of(executable: str, *args: str, cwd: str = "/") -> dict[str, str]:
    run = Execution(EPOCH, executable, "", args, working_directory=cwd)
    nobody = RecordedHost({"/proc/42/root": ""})
    record = ProcessRecord(Process("here", "boot", 42, 42), EPOCH, "x", executions=(run,))
    return nearby([record], nobody, nobody)


@pytest.mark.parametrize(
    ("program", "folder"),
    [
        ("/home/ops/agent/agent.py", "/home/ops/agent/"),
        ("/home/ops/agent/bin/agent", "/home/ops/agent/"),
        ("/usr/local/lib/scand/bin/scand", "/usr/local/lib/scand/"),
        ("/usr/local/share/scand/scand.pl", "/usr/local/share/scand/"),
        ("/usr/local/scand/scand", "/usr/local/scand/"),
        ("/usr/lib/scand/scand", "/usr/lib/scand/"),
        ("/var/www/app/public/index.php", "/var/www/app/"),
        ("/var/www/html/app/index.php", "/var/www/html/app/"),
        ("/var/www/html/index.php", "/var/www/html/"),
        ("/opt/acme/agent/bin/agent", "/opt/acme/"),
        ("/usr/lib/python3/dist-packages/scand/run.py", "/usr/lib/python3/dist-packages/scand/"),
        ("/data/scand/scand", "/data/scand/"),
    ],
)
def test_the_folder_of_a_program(program: str, folder: str) -> None:
    beside = {place for place, why in near_of(program).items() if why == "where the program is"}
    assert beside == {folder}
    assert folder.rstrip("/") in places_of(near_of(program))
    assert near_of("/usr/bin/python3.11", "python3", program)[folder] == "where the program is"


@pytest.mark.parametrize(
    "folder",
    ["/tmp", "/var/tmp", "/dev/shm", "", "/home/ops", "/root", "/home/ops/bin", "/usr/local/bin",
     "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/local", "/usr/local/lib", "/opt", "/srv",
     "/home/ops/.local/bin", "/var/lib", "/usr/lib/python3/dist-packages"],
)  # fmt: skip
def test_of_a_folder_of_everybodys_only_what_bears_the_name(folder: str) -> None:
    near = near_of(f"{folder}/agent.py")
    assert near[f"{folder}/agent.json"] == "where the program is"
    assert {place for place in near if place.endswith("/") and place.startswith(f"{folder}/")} <= (
        {"/etc/agent/", "/opt/agent/", "/srv/agent/", "/var/lib/agent/", "/usr/local/etc/agent/",
         "/etc/systemd/system/agent.service.d/"}
    )  # fmt: skip


def test_beside_the_programs_of_the_system_there_are_no_settings() -> None:
    assert {place for place in near_of("/usr/bin/agent") if place.startswith("/usr/bin")} == (
        {"/usr/bin/agent"}
    )


def test_where_it_works_says_more_than_where_it_is() -> None:
    near = near_of("/home/ops/agent/agent", cwd="/home/ops/agent")
    assert near["/home/ops/agent/"] == "its working directory"


def test_a_large_folder_is_not_looked_through_as_a_whole() -> None:
    names = [".git", "venv", "node_modules", "conf.d", "zz.json", *(f"part{n}" for n in range(300))]
    run = Execution(EPOCH, "/usr/bin/node", "", ("node", "/home/ops/app/main.js"))
    record = ProcessRecord(Process("here", "boot", 42, 42), EPOCH, "node", executions=(run,))
    told = {"/proc/42/root": "", "list /home/ops/app": "".join(f"{name}\n" for name in names)}
    host = RecordedHost(told)
    near = nearby([record], host, host)
    places = {place for place in near if place.startswith("/home/ops/app/")}
    assert {"/home/ops/app/zz.json", "/home/ops/app/conf.d/"} <= places
    assert not {"/home/ops/app/", "/home/ops/app/venv/", "/home/ops/app/.git/"} & places
    assert len(places) <= 201
    there = replace(run, working_directory="/home/ops/app")
    near = nearby([replace(record, executions=(there,))], host, host)
    assert reason("/home/ops/app/zz.json", near) == "its working directory"


def test_a_file_that_another_mount_namespace_shares_has_its_own_path() -> None:
    """As with PrivateTmp of systemd: all but /tmp is what everybody sees."""
    there = replace(AGENT, mount_namespace=77)

    def status(device: int, inode: int) -> str:
        return json.dumps({"kind": "file", "device": device, "inode": inode})

    host = RecordedHost({
        "link /proc/self/ns/mnt": "mnt:[1]",
        "link /proc/42/ns/mnt": "mnt:[77]",
        "status /srv/agent.conf": status(8, 11),
        "status /proc/42/root/srv/agent.conf": status(8, 11),
        "status /usr/sbin/agent": status(8, 12),
        "status /proc/42/root/usr/sbin/agent": status(8, 12),
        "status /srv/work/": status(8, 13),
        "status /proc/42/root/srv/work/": status(9, 13),
    })  # fmt: skip
    near = nearby([there], host, host)
    assert near["/srv/agent.conf"] == "on the command line"
    assert near["/usr/sbin/agent"] == "the program itself"
    assert near["/proc/42/root/srv/work/"] == "its working directory"
    assert near["/proc/42/root/var/lib/agent/"] == "named as the program"
    assert not {"/proc/42/root/srv/agent.conf", "/proc/42/root/usr/sbin/agent"} & {*near}
    assert not {"/srv/work/", "/var/lib/agent/"} & {*near}


@pytest.mark.parametrize("program", ["", "agent", "/", "//", "/x", "/\n/\0/y"])
def test_odd_names_of_programs(program: str) -> None:
    assert "" not in near_of(program)
    assert "/" not in near_of(program)
