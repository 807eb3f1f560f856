from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.probes.launchers import CROND, member, ran, shell
from whence.model import ATTEMPTED, Confidence, Flow, ProcessRecord, Sighting
from whence.model.ecs import encode, from_sighting
from whence.probes.explains_times import explains_times
from whence.world import EPOCH, RecordedHost

FLOW = Flow("203.0.113.7", 443, transport="tcp")
DAY = datetime(2026, 3, 2, tzinfo=UTC)
HOURLY = [DAY + timedelta(hours=hour, minutes=17, seconds=3) for hour in range(8)]
DAILY = [DAY + timedelta(days=day, hours=7, minutes=35, seconds=9) for day in range(8)]
SYSTEMD = {"status /run/systemd/system": "{}"}


def seen_at(times: Iterable[datetime], *lineage: ProcessRecord) -> str:
    sightings = (Sighting(FLOW, ATTEMPTED, at, at, lineage, "test", "here") for at in times)
    return "".join(encode(from_sighting(sighting)) + "\n" for sighting in sightings)


def explained(
    times: Iterable[datetime], files: dict[str, str], *lineage: ProcessRecord
) -> list[tuple[str, Confidence]]:
    host = RecordedHost({f"connections {FLOW}": seen_at(times, *lineage)} | files)
    return [(str(fact.subject), fact.confidence) for fact in explains_times(FLOW, host, host)]


def test_a_crontab_line_that_runs_at_these_times() -> None:
    crontab = "* * * * * root a\n17 * * * * root b\n47 * * * * root c\n@reboot root d\n"
    assert explained(HOURLY, {"/etc/cron.d/acme": crontab}) == [
        ("/etc/cron.d/acme:2", Confidence.POSSIBLE)
    ]


def test_a_line_that_also_started_the_process() -> None:
    files = {"/etc/crontab": "17 * * * * root /opt/acme/probe\n17 * * * * root /opt/other\n"}
    job = shell("/opt/acme/probe")
    assert explained(HOURLY, files, job, CROND) == [
        ("/etc/crontab:1", Confidence.LIKELY),
        ("/etc/crontab:2", Confidence.POSSIBLE),
    ]


def test_a_timer_of_a_systemd_that_runs() -> None:
    files = {"/etc/systemd/system/acme.timer": "[Timer]\nOnCalendar=*:17\n"}
    assert explained(HOURLY, SYSTEMD | files) == [
        ("/etc/systemd/system/acme.timer:2", Confidence.POSSIBLE)
    ]
    assert not explained(HOURLY, files)


def test_a_timer_whose_unit_the_process_is_part_of() -> None:
    files = {"/etc/systemd/system/acme.timer": "[Timer]\nOnUnitActiveSec=1h\n"}
    maker = replace(member(ran("/opt/acme/probe", "probe")), cgroup="/system.slice/acme.service")
    assert explained(HOURLY, SYSTEMD | files, maker) == [
        ("/etc/systemd/system/acme.timer:2", Confidence.LIKELY)
    ]


def test_a_daily_job_of_anacron() -> None:
    files = {
        "/etc/anacrontab": "1 5 acme /opt/acme/daily\n1 25 other /opt/other\n7 5 weekly /opt/w\n",
        "/etc/cron.d/anacron": "30 7-23 * * * root [ -x /etc/init.d/anacron ] && start\n",
    }
    assert explained(DAILY, files) == [("/etc/anacrontab:1", Confidence.POSSIBLE)]


def test_a_daily_job_of_cronies_anacron() -> None:
    files = {"/etc/anacrontab": "START_HOURS_RANGE=7-22\nRANDOM_DELAY=45\n1 5 acme /opt/acme\n"}
    assert explained(DAILY, files) == [("/etc/anacrontab:3", Confidence.POSSIBLE)]


def test_times_that_nothing_explains() -> None:
    assert not explained(
        [EPOCH + timedelta(minutes=n * n * 7) for n in range(9)],
        {"/etc/crontab": "17 * * * * root b\n*/5 * * * * root c\n"},
    )


def test_traffic_that_was_seen_once() -> None:
    assert not explained(HOURLY[:1], {"/etc/crontab": "17 * * * * root b\n"})
