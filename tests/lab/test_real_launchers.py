from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.launching import Lineage, cron_machine, end, launchers_of, lineage_of, until
from tests.lab.watching import Watching, watching
from whence.model import Confidence, Fact, Flow

pytestmark = pytest.mark.lab

HERE = "/dev/udp/127.0.0.1"  # bash sends a datagram there
FILES = {
    "/etc/crontab": """\
SHELL=/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin

* * * * * root cd / && run-parts --report /etc/cron.hourly; true
*/1 * * * *\troot\tcd / && sleep 6101; true
* * * * * root cd / && sleep 6112; true
""",
    "/etc/cron.d/acme": """\
# a comment first
* * * * * root [ -x /bin/sleep ] && sleep 6102; true  # and one at the end
@reboot root sleep 6103; true
* * * * * root : 100\\%; sleep 6104; true%this is read from standard input
""",
    "/etc/cron.d/bash": """\
SHELL=/bin/bash
* * * * * nobody sleep 6105; true
* * * * * root sleep 6105; true
""",
    "/etc/cron.d/short": "SHELL=/bin/bash\n* * * * * root sleep 6109\n",
    "/var/spool/cron/crontabs/root": "MAILTO=''\n\n* * * * * sleep 6106; true\n",
    "/etc/cron.d/quick": f"""\
SHELL=/bin/bash
* * * * * root echo > {HERE}/6301
* * * * * root /bin/bash -c 'echo > {HERE}/6302'
* * * * * root echo --password=hunter2 > {HERE}/6303
* * * * * root : {"x" * 600}; echo > {HERE}/6304
""",
    "/etc/cron.hourly/acme": f"#!/bin/bash\necho > {HERE}/6305\nsleep 6108\ntrue\n",
    "/etc/cron.daily/acme": f"#!/bin/bash\necho > {HERE}/6306\nsleep 6110\ntrue\n",
    "/etc/anacrontab": """\
SHELL=/bin/sh
1 0 daily run-parts --report \\
  /etc/cron.daily; true
7\t0\tacme.weekly\tsleep 6111; true
""",
}
CRON = {
    "6101": ["/etc/crontab:5"],
    "6102": ["/etc/cron.d/acme:2"],
    "6103": ["/etc/cron.d/acme:3"],
    "6104": ["/etc/cron.d/acme:4"],
    "6106": ["/var/spool/cron/crontabs/root:3"],
    "6108": ["/etc/cron.hourly/acme", "/etc/crontab:4", "/etc/crontab:4"],
    "6110": ["/etc/cron.daily/acme", "/etc/anacrontab:2", "/etc/anacrontab:2"],
    "6111": ["/etc/anacrontab:4"],
}
QUICK = {
    6301: ["/etc/cron.d/quick:2"],
    6302: ["/etc/cron.d/quick:3"],
    6303: ["/etc/cron.d/quick:4"],
    6304: ["/etc/cron.d/quick:5"],
    6305: CRON["6108"],
    6306: CRON["6110"],
}
AT = "6107"
SHORT = "6109"


@pytest.fixture(scope="module")
def sensor() -> Iterator[Watching]:
    with watching("ebpf") as watch:
        yield watch


@pytest.fixture(scope="module")
def seen(
    sensor: Watching, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Lineage]]:
    """Each job while it runs: the lineage of what it started."""
    with cron_machine(tmp_path_factory.mktemp("cron"), FILES) as first:
        yield {
            seconds: until(lineage_of("sleep", seconds, below=first), f"job {seconds}")
            for seconds in (*CRON, AT, SHORT)
        }


@pytest.fixture(scope="module")
def over(seen: dict[str, Lineage]) -> dict[str, Lineage]:
    """The same jobs when they have ended, and all that they were."""
    end([lineage[0].process for lineage in seen.values()])
    return seen


def answers(facts: list[Fact]) -> list[str]:
    return [str(fact.value) for fact in facts]


def test_a_job_of_at_while_it_runs(seen: dict[str, Lineage]) -> None:
    (fact,) = launchers_of(seen[AT])
    assert fact.confidence is Confidence.LIKELY
    assert getattr(fact.value, "command", None) == "sleep 6107; true"


@pytest.mark.parametrize("seconds", CRON)
def test_a_job_that_has_ended(over: dict[str, Lineage], seconds: str) -> None:
    facts = launchers_of(over[seconds])
    assert answers(facts) == CRON[seconds]
    assert {fact.confidence for fact in facts} == {Confidence.CERTAIN}


def test_a_shell_that_gave_way_to_the_job(over: dict[str, Lineage]) -> None:
    (fact,) = launchers_of(over[SHORT])
    assert (str(fact.value), fact.confidence) == ("/etc/cron.d/short:2", Confidence.LIKELY)


@pytest.mark.parametrize("port", QUICK)
def test_a_job_of_milliseconds(over: dict[str, Lineage], sensor: Watching, port: int) -> None:
    sighting = sensor.wait_for(Flow("127.0.0.1", port))[0]
    facts = launchers_of(sighting.lineage)
    assert answers(facts) == QUICK[port]
    assert {fact.confidence for fact in facts} == {Confidence.CERTAIN}


def test_a_job_of_at_that_has_ended(over: dict[str, Lineage]) -> None:
    assert answers(launchers_of(over[AT]))[0] == "atd"
