"""Accounts that were changed are named, also where no log is kept of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.inquiry.recorded_changes import SEEN, RecordedFiles, entry
from whence.inquiry.changed._declare import Past
from whence.inquiry.changed._passwd import FILES, differences
from whence.inquiry.changed.accounts import accounts
from whence.model import CannotAsk
from whence.model.changed import Change
from whence.world import RecordedHost

AT = SEEN - timedelta(minutes=2)
OLD = "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n"
NEW = OLD + "eve:x:1001:1001::/home/eve:/bin/sh\n"
TAGS = "useradd usermod userdel groupadd groupmod groupdel gpasswd passwd chsh chfn chage sudo"
JOURNAL = (
    "journalctl --quiet --no-pager --output=short-iso "
    + " ".join(f"-t {tool}" for tool in TAGS.split())
    + f" --since=@{SEEN.timestamp() - 3600 - 300:.0f} --until=@{SEEN.timestamp() + 1:.0f}"
)


def status(modified: datetime, changed: datetime | None = None) -> str:
    times = {"modified": modified.timestamp(), "changed": (changed or modified).timestamp()}
    return json.dumps({"kind": "file"} | times)


def files(
    old: str, new: str, backed_up: datetime = AT, path: str = "/etc/passwd"
) -> dict[str, str]:
    return {
        path: new, f"{path}-": old,
        f"status {path}": status(AT), f"status {path}-": status(AT - timedelta(days=9), backed_up),
    }  # fmt: skip


def told(texts: dict[str, str]) -> list[Change]:
    entries = [entry("/etc/passwd", AT), entry("/etc/shadow", AT)]
    past = Past(SEEN - timedelta(hours=1), SEEN, RecordedHost(texts), RecordedFiles(entries))
    found: list[Change] = []
    with suppress(CannotAsk):  # where neither log nor journal is there
        found.extend(accounts.read(past))
    return found


def words(texts: dict[str, str]) -> list[str]:
    return [change.what for change in told(texts)]


def test_a_new_account_is_named_without_any_log() -> None:
    shadow, change = told(files(OLD, NEW))
    assert shadow.what == "the file /etc/shadow was written"
    assert change.what == (
        "the account eve was added: uid 1001, gid 1001, home /home/eve, shell /bin/sh"
    )
    assert (change.at, change.things) == (AT, ("eve", "/etc/passwd"))
    assert (change.evidence.source, change.evidence.line) == ("/etc/passwd", 3)


def test_a_removed_account_is_cited_from_the_backup() -> None:
    _, change = told(files(NEW, OLD))
    assert change.what.startswith("the account eve was removed: uid 1001")
    assert (change.evidence.source, change.evidence.line) == ("/etc/passwd-", 3)


def test_what_of_an_account_was_changed() -> None:
    changed = OLD.replace("bob:x:1000:1000::/home/bob:/bin/sh", "bob:x:0:1000::/srv:/bin/sh")
    assert words(files(OLD, changed))[1:] == [
        "the account bob was changed: uid 1000 → 0, home /home/bob → /srv"
    ]


def test_who_came_into_a_group() -> None:
    change = told(files("sudo:x:27:bob\n", "sudo:x:27:bob,eve\n", path="/etc/group"))[-1]
    assert change.what == "the group sudo was changed: members bob → bob,eve"
    assert change.things == ("sudo", "eve", "/etc/group")


def test_no_hash_is_told() -> None:
    old = OLD.replace("bob:x:", "bob:$6$salt$hash:")
    new = OLD.replace("bob:x:", "bob:$6$other$hash:").replace("/home/bob", "/srv")
    _, change = told(files(old, new))
    assert change.what == "the account bob was changed: home /home/bob → /srv"
    assert "$6$" not in change.evidence.excerpt


def test_an_editor_that_makes_no_backup_may_have_done_it_any_time_since() -> None:
    _, change = told(files(OLD, NEW, AT - timedelta(hours=3)))
    assert "; between 2026-11-20 06:18:00 UTC, when the backup was made" in change.what


def test_a_moment_that_is_told_to_the_second_may_lie_in_the_span() -> None:
    begin = AT + timedelta(seconds=0.4)
    past = Past(begin, SEEN, RecordedHost(files(OLD, NEW)), RecordedFiles([]))
    [found] = differences(FILES[0], past)
    assert found.change.at == begin


def test_what_was_written_before_the_span_or_has_no_backup_is_not_compared() -> None:
    texts = files(OLD, NEW)
    old = texts | {"status /etc/passwd": status(SEEN - timedelta(days=2))}
    assert words(old) == ["the file /etc/passwd was written", "the file /etc/shadow was written"]
    del texts["/etc/passwd-"]
    assert words(texts) == words(old)


def test_a_log_that_says_the_same_is_told_alone_with_who_did_it() -> None:
    log = (
        "2026-11-20T09:17:50+00:00 here sudo:  alice : TTY=pts/0 ; COMMAND=/usr/sbin/useradd eve\n"
        "2026-11-20T09:18:00+00:00 here useradd[77]: new user: name=eve, UID=1001, GID=1001\n"
    )
    for texts in ({"/var/log/auth.log": log}, {JOURNAL: log}):
        shadow, change = told(files(OLD, NEW) | texts)
        assert shadow.things == ("/etc/shadow",)
        assert change.what == "new user: name=eve, UID=1001, GID=1001"
        assert (change.who, change.command) == ("alice", "/usr/sbin/useradd eve")


def test_the_journal_is_not_asked_where_the_log_of_logins_is_kept() -> None:
    line = "2026-11-20T09:18:00+0000 here passwd[7]: password for 'bob' changed by 'root'\n"
    assert told({JOURNAL: line})[-1].things == ("bob",)
    assert line.partition(": ")[2].strip() not in words({JOURNAL: line, "/var/log/auth.log": ""})
    left = {"status /var/log/auth.log": status(SEEN - timedelta(days=90)), "/var/log/auth.log": ""}
    assert line.partition(": ")[2].strip() in words({JOURNAL: line} | left)


def test_a_command_of_long_ago_is_not_what_made_an_account() -> None:
    log = (
        "2026-11-20T08:30:00+00:00 here sudo:  alice : TTY=pts/0 ; COMMAND=/usr/sbin/useradd bob\n"
        "2026-11-20T09:18:00+00:00 here useradd[77]: new user: name=eve, UID=1001, GID=1001\n"
    )
    assert (told({"/var/log/auth.log": log})[-1].who) == ""


def test_that_no_log_is_there_is_said() -> None:
    past = Past(SEEN - timedelta(hours=1), SEEN, RecordedHost(files(OLD, NEW)), RecordedFiles([]))
    with pytest.raises(CannotAsk, match="no log names who") as refused:
        [*accounts.read(past)]
    assert "/var/log/auth.log and /var/log/secure" in refused.value.because
