"""Whatever stands in the files of a host, and however its processes call themselves."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.launchers import member, ran, world
from tests.probes.test_explains_times import FLOW, HOURLY, seen_at
from whence.model import Container, Fact, Observable, Reading, Service, WhenceError
from whence.probes.anacron import anacron
from whence.probes.at_job import at_job
from whence.probes.container import container
from whence.probes.contains import contains
from whence.probes.cron import cron
from whence.probes.defined_in import defined_in
from whence.probes.explains_times import explains_times
from whence.probes.login_session import login_session
from whence.probes.run_parts import run_parts
from whence.probes.supervisor import supervisor
from whence.probes.systemd_unit import systemd_unit
from whence.probes.triggered_by import triggered_by
from whence.world import EPOCH, RecordedHost

PARENTS = ("cron", "anacron", "atd", "run-parts", "supervisord", "runsv", "sshd", "PM2 v5")
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.lists(
    st.sampled_from(
        [
            *("* * * * * root x", "1 1 a b", "1 1 a \\", "=0000101c89d11", "acme.timer", "a.conf"),
            *("[program:x]", "command=x '", "OnCalendar=9", "OnUnitActiveSec=9y", "[include]"),
            *("files = *", "Unit=%", "SourcePath=/etc/crontab", "USER=a", "{}", "[]", "[[]]"),
            *("# atrun uid=1", "Execution directory inaccessible", "a:b:3", "9" * 5000),
        ]
    )
).map("\n".join)


class NoisyHost:
    """A host on which every file, folder, link and command says the same."""

    name = "here"
    boot = "recorded"

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> Reading:
        return Reading(path, self._text, EPOCH, self.name)

    def list(self, directory: str) -> Reading:
        return self.read(f"list {directory}")

    def link(self, path: str) -> Reading:
        return self.read(f"link {path}")

    def status(self, path: str) -> Reading:
        return self.read(f"status {path}")

    def run(self, *argv: str) -> Reading:
        return self.read(" ".join(argv))


@pytest.mark.parametrize(
    "ask", [cron, anacron, at_job, run_parts, supervisor, login_session], ids=lambda p: p.name
)
@given(text=TEXTS, args=st.lists(TEXTS, max_size=4), parent=st.sampled_from(PARENTS))
def test_what_started_a_process(ask: object, text: str, args: list[str], parent: str) -> None:
    process, witness = world(
        member(ran("/bin/x", *args)),
        member(ran(f"/usr/bin/{parent}", parent, *args)),
        member(ran("/usr/sbin/cron", "cron")),
    )
    with suppress(WhenceError):
        facts = [*ask(process, NoisyHost(text), witness)]  # type: ignore[operator]
        assert all(isinstance(fact, Fact) for fact in facts)


@pytest.mark.parametrize(
    "thing",
    [
        Service("here", "systemd", "acme.service"),
        Service("here", "systemd --user of uid 7", "acme@x.service"),
    ],
)
@given(text=TEXTS)
def test_a_unit(thing: Service, text: str) -> None:
    for ask in (triggered_by, defined_in):
        with suppress(WhenceError):
            assert all(fact.subject == thing for fact in ask(thing, NoisyHost(text)))


@pytest.mark.parametrize("runtime", ["docker", "podman", "containerd", "cri-o"])
@given(text=TEXTS)
def test_a_container(runtime: str, text: str) -> None:
    with suppress(WhenceError):
        [*contains(Container("here", runtime, "0" * 64), NoisyHost(text))]


@given(cgroup=st.text(alphabet="/.-@_:abcdef0123456789podscopeservicedocker", max_size=200))
def test_a_control_group(cgroup: str) -> None:
    record = member(ran("/bin/x", "x"))
    process, witness = world(type(record)(record.process, EPOCH, cgroup=cgroup))
    named: list[Observable | str] = []
    named += [fact.value for fact in systemd_unit(process, witness)]
    named += [fact.value for fact in container(process, witness)]
    assert len(named) <= 3


@given(text=TEXTS)
def test_the_times_of_traffic(text: str) -> None:
    witness = RecordedHost({f"connections {FLOW}": seen_at(HOURLY)})
    with suppress(WhenceError):
        [*explains_times(FLOW, NoisyHost(text), witness)]
