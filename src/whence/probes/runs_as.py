"""From a process to the account it runs as, and the one that logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from whence.model import CannotAsk, Evidence, Fact, Line, Process, User, probe
from whence.probes._records import lineage
from whence.world import Host, Witness


@probe(answers="runs-as")
def runs_as(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """As which user does this process run, and who had logged in?"""
    for told in lineage(process, witness)[:1]:
        uid, login = told.record.user_id, told.record.login_id
        if uid is not None:
            yield _fact(process, "runs-as", uid, told.evidence, host)
        if login is not None and login != uid:  # kept through su and sudo, pam_loginuid(8)
            yield _fact(process, "logged-in-as", login, told.evidence, host)


def _fact(process: Process, relation: str, uid: int, seen: Evidence, host: Host) -> Fact:
    account = _account(uid, host)
    if account is None:
        return process.fact(relation, User(process.host, uid), seen)
    name = account.partition(":")[0]
    return process.fact(relation, User(process.host, uid, name), seen, account.evidence)


def _account(uid: int, host: Host) -> Line | None:
    lines = _accounts(uid, host)
    return next((line for line in lines if line.split(":")[2:3] == [str(uid)]), None)


def _accounts(uid: int, host: Host) -> Iterator[Line]:
    """Give lines of passwd(5); getent(1) also knows the accounts of a directory service."""
    with suppress(CannotAsk):
        yield from host.read("/etc/passwd").lines()
    with suppress(CannotAsk):
        yield from host.run("getent", "passwd", str(uid)).lines()
