from __future__ import annotations

import pytest

from whence.model import Job, Service
from whence.probes.defined_in import defined_in
from whence.probes.triggered_by import triggered_by
from whence.world import RecordedHost

SERVICE = Service("here", "systemd", "acme.service")
LIB, ETC = "/usr/lib/systemd/system", "/etc/systemd/system"
UNIT = """
[Unit]
Description=Acme licence check of %p
[Service]
ExecStart=/opt/acme/check
User=acme
"""
TIMER = "[Timer]\n# every hour\nOnCalendar=hourly\n"
FILES = {f"{LIB}/acme.service": UNIT, f"{LIB}/acme.timer": TIMER}


def triggers(files: dict[str, str], service: Service = SERVICE) -> list[str]:
    return [str(fact.value) for fact in triggered_by(service, RecordedHost(files))]


def test_a_timer_of_the_same_name() -> None:
    (fact,) = triggered_by(SERVICE, RecordedHost(FILES))
    assert fact.value == Job(
        "here", "systemd", f"{LIB}/acme.timer", 3, "OnCalendar=hourly", "/opt/acme/check", "acme"
    )


def test_a_timer_that_names_its_unit() -> None:
    files = {f"{ETC}/nightly.timer": "[Timer]\nOnBootSec=5min\nUnit=acme.service\n"}
    assert triggers(files) == [f"{ETC}/nightly.timer:2"]


def test_a_timer_that_names_another_unit() -> None:
    assert not triggers({f"{ETC}/acme.timer": "[Timer]\nOnCalendar=daily\nUnit=other.service\n"})


def test_what_the_administrator_wrote_comes_before_what_was_installed() -> None:
    assert triggers(FILES | {f"{ETC}/acme.timer": "[Timer]\nOnCalendar=daily\n"}) == [
        f"{ETC}/acme.timer:2"
    ]


def test_a_drop_in_that_sets_another_time() -> None:
    drop_in = f"{ETC}/acme.timer.d/when.conf"
    files = FILES | {drop_in: "[Timer]\nOnCalendar=\nOnCalendar=Mon 06:00\n"}
    (fact,) = triggered_by(SERVICE, RecordedHost(files))
    assert isinstance(fact.value, Job)
    assert (str(fact.value), fact.value.schedule) == (f"{drop_in}:3", "OnCalendar=Mon 06:00")


def test_a_timer_that_only_the_running_systemd_knows() -> None:
    ask = "systemctl show --property=Id,TriggeredBy -- acme.service"
    assert triggers({ask: "Id=acme.service\nTriggeredBy=odd.timer acme.socket\n"}) == [
        "odd.timer",
        "acme.socket",
    ]


def test_a_timer_made_for_one_run() -> None:
    files = {"/run/systemd/transient/run-r1.timer": "[Timer]\nOnActiveSec=30s\n"}
    service = Service("here", "systemd", "run-r1.service")
    assert triggers(files, service) == ["/run/systemd/transient/run-r1.timer:2"]


@pytest.mark.parametrize("kind", ["socket", "path"])
def test_a_socket_or_a_path(kind: str) -> None:
    (fact,) = triggered_by(SERVICE, RecordedHost({f"{LIB}/acme.{kind}": "[Install]\n"}))
    assert fact.value == Service("here", "systemd", f"acme.{kind}")


def test_a_socket_that_starts_an_instance_for_each_connection() -> None:
    service = Service("here", "systemd", "acme@12-192.0.2.1:22-192.0.2.9:4242.service")
    assert triggers({f"{LIB}/acme.socket": "[Socket]\nAccept=yes\n"}, service) == ["acme.socket"]


def test_an_instance_of_a_template() -> None:
    files = {
        f"{LIB}/acme@.timer": "[Timer]\nOnCalendar=daily\nUnit=acme@%i.service\n",
        f"{LIB}/acme@.service": "[Service]\nExecStart=/opt/acme/check %i\n",
    }
    (fact,) = triggered_by(Service("here", "systemd", "acme@db.service"), RecordedHost(files))
    assert isinstance(fact.value, Job)
    assert (str(fact.value), fact.value.command) == (f"{LIB}/acme@.timer:2", "/opt/acme/check db")


def test_a_unit_of_a_user() -> None:
    files = {
        "/etc/passwd": "alice:x:1000:1000::/home/alice:/bin/sh\n",
        "/home/alice/.config/systemd/user/acme.timer": TIMER,
    }
    service = Service("here", "systemd --user of uid 1000", "acme.service")
    assert triggers(files, service) == ["/home/alice/.config/systemd/user/acme.timer:3"]


def test_a_unit_that_was_made_of_a_crontab_line() -> None:
    unit = '[Unit]\nDescription=[Cron] "17 * * * * root /opt/acme/check"\nSourcePath=/etc/crontab\n'
    files = {
        "/run/systemd/generator/cron-root-0.service": unit,
        "/run/systemd/generator/cron-root-0.timer": TIMER,
        "/etc/crontab": "0 0 * * * root true\n17 *\t* * * root\t/opt/acme/check\n",
    }
    service = Service("here", "systemd", "cron-root-0.service")
    assert triggers(files, service)[1] == "/etc/crontab:2"


@pytest.mark.parametrize("manager", ["supervisord", "systemd in docker 0123456789ab"])
def test_a_service_of_somebody_else(manager: str) -> None:
    assert not triggers(FILES, Service("here", manager, "acme.service"))


def test_where_a_unit_is_written_down_and_what_for() -> None:
    facts = [(f.relation, f.value) for f in defined_in(SERVICE, RecordedHost(FILES))]
    assert facts == [
        ("defined-in", f"{LIB}/acme.service"),
        ("described-as", "Acme licence check of acme"),
    ]


def test_a_unit_whose_file_is_gone() -> None:
    assert not [*defined_in(SERVICE, RecordedHost())]
