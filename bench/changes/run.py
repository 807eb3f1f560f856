"""In how many prepared histories does the change that began it rank first, among 500 others?

    python -m bench.changes.run [--runs 25] [--output bench/results]

Eight kinds of change, each in histories whose decoys are drawn anew: an upgrade of a night, files
of /etc, builds in /opt, schedules and units of others, accounts, leases, certificates, containers,
pip. Nothing of the decoys knows what the cause is, and the other way round. Where the cause was
made is drawn, too: between two minutes and three hours before the onset. Each history is ranked
twice: with what the chain touches, and by closeness and rarity alone.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from whence.inquiry.change_timeline import change_timeline
from whence.model import Reading
from whence.model.changed import Onset
from whence.world import RecordedHost

SEEN = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
WINDOW = timedelta(hours=24)
LEAST = 500  # changes that are no cause


@dataclass
class History:
    """What a host remembers of a day."""

    dpkg: list[tuple[datetime, str]] = field(default_factory=list)
    apt: list[tuple[datetime, str]] = field(default_factory=list)
    auth: list[tuple[datetime, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    boots: list[str] = field(default_factory=list)

    def file(self, path: str, at: datetime, kind: str = "file", *, written: bool = True) -> None:
        changed = at.timestamp()
        self.files.append(
            {"path": path, "kind": kind, "uid": 0, "mode": "0644", "size": 9, "changed": changed,
             "modified": changed if written else changed - 10**7}
        )  # fmt: skip

    def package(self, name: str, old: str, new: str, at: datetime) -> None:
        self.dpkg.append((at, f"upgrade {name}:amd64 {old} {new}"))

    def host(self) -> RecordedHost:
        old = "reboot   system boot  6.1.0-17-amd64   Tue Nov 10 07:00:00 2026   still running"
        return RecordedHost({
            "/var/log/dpkg.log": _lines(
                f"{at:%Y-%m-%d %H:%M:%S} {text}" for at, text in sorted(self.dpkg)
            ),
            "/var/log/apt/history.log": "".join(text for _, text in sorted(self.apt)),
            "/var/log/auth.log": _lines(
                f"{at.isoformat()} here {text}" for at, text in sorted(self.auth)
            ),
            "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
            "last -x -F -w reboot": _lines([*self.boots, old]),
        })  # fmt: skip

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        found = [
            one for one in self.files
            if since.timestamp() <= one["changed"] <= until.timestamp()
            and any(f"{one['path']}/".startswith(f"{folder}/") for folder in folders)
        ]  # fmt: skip
        text = "\n".join([*map(json.dumps, found), '{"not_read": {}}'])
        return Reading("changed below", text, SEEN, "here")


def _lines(lines: Any) -> str:
    return "".join(f"{line}\n" for line in lines)


def some_time(draw: random.Random) -> datetime:
    """Give a moment of the day before the onset."""
    return SEEN - timedelta(seconds=draw.uniform(30, WINDOW.total_seconds() - 60))


def word(draw: random.Random) -> str:
    return "".join(draw.choice("bcdfghjklmnprstvw") + draw.choice("aeiou") for _ in range(3))


def decoys(draw: random.Random) -> History:
    """Let a day pass on a busy machine."""
    past = History()
    night = SEEN - timedelta(hours=draw.uniform(1, 14))
    upgraded = []
    for number in range(draw.randint(200, 300)):
        at = night + timedelta(seconds=2 * number)
        name = f"lib{word(draw)}{number}"
        past.package(name, f"1.{number}", f"1.{number + 1}", at)
        upgraded.append(f"{name}:amd64 (1.{number}, 1.{number + 1})")
        past.file(f"/etc/{name}/{name}.conf", at, written=False)
    past.apt.append((night, (
        f"Start-Date: {night:%Y-%m-%d  %H:%M:%S}\nCommandline: /usr/bin/unattended-upgrade\n"
        f"Upgrade: {', '.join(upgraded)}\nEnd-Date: {night:%Y-%m-%d  %H:%M:%S}\n\n"
    )))  # fmt: skip
    build = some_time(draw)
    for number in range(draw.randint(60, 150)):
        past.file(f"/opt/build/out/{word(draw)}{number}.o", build + timedelta(seconds=number / 4))
    renewed = some_time(draw)
    for number in range(draw.randint(30, 80)):
        past.file(f"/etc/ssl/certs/{word(draw)}{number}.pem", renewed + timedelta(seconds=number))
    for hour in range(24):
        past.file("/var/lib/dhcp/dhclient.eth0.leases", SEEN - timedelta(hours=hour, minutes=7))
    for number in range(draw.randint(5, 12)):  # somebody works here, too
        past.file(f"/etc/{word(draw)}/{word(draw)}.conf", some_time(draw))
        past.file(f"/etc/cron.d/{word(draw)}", some_time(draw))
        past.file(f"/etc/systemd/system/{word(draw)}.service", some_time(draw))
        past.file(f"/opt/{word(draw)}/{word(draw)}.py", some_time(draw))
        text = f"usermod[{number}]: change user '{word(draw)}' password"
        past.auth.append((some_time(draw), text))
    for _ in range(draw.randint(3, 8)):
        identifier = f"{draw.getrandbits(256):064x}"
        path = f"/var/lib/docker/containers/{identifier}/config.v2.json"
        past.file(path, some_time(draw))
    return past


Cause = Callable[[History, str, datetime], tuple[str, list[str]]]  # → its words, the chain


def cron_line(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    past.file(f"/etc/cron.d/{name}", at)
    return f"the schedule /etc/cron.d/{name} was written", [f"/etc/cron.d/{name}"]


def package(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    past.package(name, "1.0", "2.0", at)
    past.file(f"/etc/{name}/{name}.conf", at, written=False)
    return f"{name}:amd64 was upgraded: 1.0 → 2.0", [f"/usr/bin/{name}", name]


def timer(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    path = f"/etc/systemd/system/timers.target.wants/{name}.timer"
    past.file(path, at, "link")
    return f"the unit {path} was enabled", [f"{name}.service", f"{name}.timer"]


def reboot(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    past.boots.append(
        f"reboot   system boot  6.1.0-18-amd64   {at:%a %b %d %H:%M:%S %Y}   still running"
    )
    # "boot": what whence takes from a unit of the chain that is started at boot
    return "the machine was started, with Linux 6.1.0-18-amd64", [f"{name}.service", "boot"]


def configuration(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    past.file(f"/etc/{name}/targets.yaml", at)
    return f"the file /etc/{name}/targets.yaml was written", [f"/etc/{name}/targets.yaml"]


def account(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    past.auth.append((at, f"useradd[77]: new user: name={name}, UID=1005, GID=1005"))
    return f"new user: name={name}, UID=1005, GID=1005", [name]


def container(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    identifier = f"{random.Random(name).getrandbits(256):064x}"
    past.file(f"/var/lib/docker/containers/{identifier}/config.v2.json", at)
    words = f"the container {identifier[:12]} was made, started or stopped"
    return words, [f"/var/lib/docker/containers/{identifier}"]


def pip(past: History, name: str, at: datetime) -> tuple[str, list[str]]:
    below = f"/usr/local/lib/python3.11/dist-packages/{name}-2.1.dist-info"
    for file in ("INSTALLER", "RECORD", "METADATA"):
        past.file(f"{below}/{file}", at)
    return f"pip put in {name} 2.1", [name]


CAUSES: tuple[Cause, ...] = (
    cron_line, package, timer, reboot, configuration, account, container, pip,
)  # fmt: skip


@dataclass
class Ranks:
    """Where the cause stood."""

    with_chain: list[int] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    decoys: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def measure(cause: Cause, runs: int, seed: int) -> Ranks:
    ranks = Ranks()
    for run in range(runs):
        draw = random.Random(f"{cause.__name__} {seed} {run}")
        past = decoys(draw)
        at = SEEN - timedelta(minutes=draw.uniform(2, 180))
        what, chain = cause(past, word(draw) + word(draw), at)
        for names, kept in ((chain, ranks.with_chain), ([], ranks.alone)):
            began = time.perf_counter()
            found = change_timeline(past.host(), past, Onset(SEEN), WINDOW, names).changes
            ranks.seconds.append(time.perf_counter() - began)
            kept.append(next(
                (n for n, one in enumerate(found, 1) if one.change.what.startswith(what)), 0
            ))  # fmt: skip
        ranks.decoys.append(len(found) - 1)
    return ranks


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    told = {cause.__name__: measure(cause, chosen.runs, chosen.seed) for cause in CAUSES}
    text = "".join(f"{line}\n" for line in table(told))
    print(text, end="")
    if chosen.output:
        kept = {name: vars(ranks) for name, ranks in told.items()}
        (chosen.output / "changes.json").write_text(json.dumps(kept, indent=1) + "\n")


def table(told: dict[str, Ranks]) -> list[str]:
    lines = [
        "| what began it | others (least) | first, by the chain | worst "
        "| first, alone | in the first five |",
        "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for name, ranks in told.items():
        runs = len(ranks.with_chain)
        lines.append(
            f"| {name.replace('_', ' ')} | {min(ranks.decoys)} | {first(ranks.with_chain)}/{runs} "
            f"| {max(ranks.with_chain)} | {first(ranks.alone)}/{runs} "
            f"| {sum(0 < rank <= 5 for rank in ranks.alone)}/{runs} |"
        )
    seconds = median(one for ranks in told.values() for one in ranks.seconds)
    return [*lines, "", f"Median of one ranking: {seconds * 1000:.0f} ms."]


def first(ranks: list[int]) -> int:
    return sum(rank == 1 for rank in ranks)


if __name__ == "__main__":
    main()
