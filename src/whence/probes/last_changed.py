"""From a setting to who changed its file last, and when."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from whence.model import CannotAsk, Confidence, Fact, Setting, probe
from whence.probes._accounts import user_name
from whence.world import Host

DEEPEST = 12  # folders above a file in which a repository is looked for


@probe(answers="last-changed")
def last_changed(setting: Setting, host: Host) -> Iterator[Fact]:
    """When was the file of this setting changed last, and by whom as far as is known?"""
    if setting.host != host.name or not setting.place.startswith("/"):
        return
    status = host.status(setting.place)
    found = status.json()
    owner = user_name(host, found["uid"]) or f"uid {found['uid']}"
    said = f"{_moment(found['modified'])}, the file is {owner}'s"
    if found["changed"] - found["modified"] > 1:  # a package, or cp -p, sets the former back
        said += f"; put there or its owner or rights changed {_moment(found['changed'])}"
    yield setting.fact("last-changed", said, status.whole())
    yield from _committed(setting, host)


def _committed(setting: Setting, host: Host) -> Iterator[Fact]:
    """Say who committed the file, where a repository of git keeps it, as etckeeper(8) does.

    git itself refuses a repository that somebody else owns: it would run what is set there.
    """
    folder = posixpath.dirname(setting.place)
    for _ in range(DEEPEST):
        with suppress(CannotAsk):
            host.status(f"{folder}/.git")
            below = posixpath.relpath(setting.place, folder)
            said = host.run("git", "-C", folder, "log", "-1", "--no-show-signature",
                            "--format=%h %an, %aI: %s", "--", below)  # fmt: skip
            if said.text.strip():
                yield setting.fact("committed-by", said.text.strip(), said.whole(),
                                   confidence=Confidence.REPORTED)  # fmt: skip
            return
        if folder in ("/", ""):
            return
        folder = posixpath.dirname(folder)


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
