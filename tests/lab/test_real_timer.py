from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.launching import Lineage, control_group, lineage_of, machine, until, witness_of
from whence.model import Fact, Job, Reading, Service
from whence.probes.systemd_unit import systemd_unit
from whence.probes.triggered_by import triggered_by
from whence.world import ThisHost

pytestmark = pytest.mark.lab

UNITS = {
    "acme.service": "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 6201\n",
    "every.timer": (
        "[Unit]\nDefaultDependencies=no\n"
        "[Timer]\nAccuracySec=1ms\nOnCalendar=*:*:0/2\nUnit=acme.service\n"
    ),
    "lab.target": "[Unit]\nDefaultDependencies=no\nWants=every.timer\n",
}
PLACE = "/run/systemd/system"
BOOT = f"""
umount -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
for path in /run /tmp /var/log /var/lib/systemd; do mount -t tmpfs none $path; done
mkdir -p {PLACE}
printf %032d 1 > /run/machine-id
mount --bind /run/machine-id /etc/machine-id
{{units}}
exec env -i container=lab PATH=$PATH SYSTEMD_UNIT_PATH={PLACE} \
  /usr/lib/systemd/systemd --system --unit=lab.target --log-target=null
"""


class Inside(ThisHost):
    """The machine in the namespaces, where another systemd runs."""

    def __init__(self, first: int) -> None:
        super().__init__(root=f"/proc/{first}/root")
        self.first = first

    def run(self, *argv: str) -> Reading:
        target = f"--target={self.first}"
        return super().run("nsenter", target, "--mount", "--pid", "--cgroup", "--", *argv)


@pytest.fixture(scope="module")
def systemd() -> Iterator[tuple[Inside, Lineage]]:
    """A systemd as the first process of its namespaces, and what its timer started."""
    units = "".join(f"cat > {PLACE}/{name} <<'END'\n{text}END\n" for name, text in UNITS.items())
    spaces = ("--cgroup", "--uts", "--ipc", "--net")
    with (
        control_group() as group,
        machine(BOOT.format(units=units), *spaces, group=group) as first,
    ):
        look = lineage_of("/bin/sleep", "6201", below=first)
        yield Inside(first), until(look, "what the timer starts")


def test_the_unit_of_a_process(systemd: tuple[Inside, Lineage]) -> None:
    host, lineage = systemd
    (fact,) = systemd_unit(lineage[0].process, witness_of(lineage))
    assert fact.value == Service(host.name, "systemd", "acme.service")


def test_the_timer_of_the_unit(systemd: tuple[Inside, Lineage]) -> None:
    host, _ = systemd
    (fact,) = triggered_by(Service(host.name, "systemd", "acme.service"), host)
    assert isinstance(fact.value, Job)
    assert str(fact.value) == f"{PLACE}/every.timer:5"
    assert fact.value.schedule == "OnCalendar=*:*:0/2"
    assert is_cited(fact, "TriggeredBy=every.timer")


def test_a_machine_whose_systemctl_does_not_answer(systemd: tuple[Inside, Lineage]) -> None:
    host, _ = systemd
    files = ThisHost(root=f"/proc/{host.first}/root")
    (fact,) = triggered_by(Service(files.name, "systemd", "acme.service"), files)
    assert str(fact.value) == f"{PLACE}/every.timer:5"


def is_cited(fact: Fact, words: str) -> bool:
    return any(evidence.excerpt == words for evidence in fact.evidence)
