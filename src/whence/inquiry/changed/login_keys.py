"""authorized_keys of those who have a home: who may log in without a password, sshd(8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change
from whence.probes._accounts import homes

OF_USERS = (".ssh/authorized_keys", ".ssh/authorized_keys2")


@change_source
def login_keys(past: Past) -> Iterator[Change]:
    """Keys with which one may log in by ssh."""
    owners = homes(past.host)
    for change in changed(in_homes(past, *OF_USERS), "account", _words, past):
        path = change.things[0]
        owner = owners.get(path.rpartition("/.ssh/")[0], "")
        yield replace(change, things=(path, owner) if owner else (path,))


def _words(path: str, entry: dict[str, object]) -> str | None:
    return says("the list of authorized keys", path, entry)
