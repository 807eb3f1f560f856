"""A person at a keyboard started it, here or from afar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.model import Confidence, Fact, Process, ProcessRecord, Session, probe
from whence.probes._accounts import user_name
from whence.probes._cgroups import session_of
from whence.probes._launches import CRONS
from whence.probes._lineage import is_called, title
from whence.probes._logins import Login, last_login, logind_session
from whence.probes._records import Told, lineage
from whence.world import Host, Witness

LOGINS = frozenset(
    {"sshd", "sshd-session", "dropbear", "login", "in.telnetd", "telnetd", "mosh-server"}
    | {"gdm-session-worker", "sddm-helper", "lightdm", "xrdp-sesman", "cockpit-session"}
)
JOBS = CRONS | {"atd"}  # they open sessions, too, and nobody sits there
_SSHD = re.compile(r"sshd(?:-session)?: (?P<user>[^@\s\[]+)@(?P<terminal>\S+)")


@probe(answers="started-by")
def login_session(process: Process, host: Host, witness: Witness) -> Iterator[Fact]:
    """Who had logged in, on which terminal and from where, to start this process?

    It is asked of the first process of a session: what the login program started, or what has
    outlived its parents as a terminal multiplexer does. The control group of logind names the
    session; without logind the audit session or the title of sshd are weaker signs.
    """
    told = lineage(process, witness)
    if not told or any(is_called(line.record, JOBS) for line in told):
        return
    first, parent = told[0], told[1] if len(told) > 1 else None
    if not _begins_a_session(first.record, parent):
        return
    login, how_sure = _login(first.record, parent, host)
    if login.service in JOBS:
        return
    session = Session(
        process.host, _identifier(first.record, parent), login.user, login.terminal, login.remote
    )
    cited = (first.evidence, *((parent.evidence,) if parent else ()), *login.evidence)
    yield process.fact("started-by", session, *cited, confidence=how_sure)


def _begins_a_session(record: ProcessRecord, parent: Told | None) -> bool:
    if is_called(record, LOGINS):
        return False
    if parent and is_called(parent.record, LOGINS):
        return True
    session = _session(record)
    return session is not None and (parent is None or _session(parent.record) != session)


def _session(record: ProcessRecord) -> str | None:
    """Name the session, where somebody's login led to this process."""
    if session := session_of(record.cgroup):
        return session
    if record.login_id is None or record.audit_session is None:
        return None
    return str(record.audit_session)


def _identifier(record: ProcessRecord, parent: Told | None) -> str:
    return _session(record) or (f"of pid {parent.record.process.pid}" if parent else "")


def _login(record: ProcessRecord, parent: Told | None, host: Host) -> tuple[Login, Confidence]:
    """Find out what is known of the login, best first."""
    if session := _session(record):  # logind calls a session by its audit number
        login = logind_session(session, host)
        if login.user:
            return login, Confidence.CERTAIN
    shown = _SSHD.match(title(parent.record)) if parent else None
    user = (record.login_id is not None and user_name(host, record.login_id)) or ""
    how_sure = Confidence.LIKELY if session else Confidence.POSSIBLE
    if not shown:
        return Login(user), how_sure
    written = last_login(shown["terminal"], record.started_at, host)
    if written.user == shown["user"]:
        return written, how_sure
    return Login(shown["user"], shown["terminal"]), how_sure
