"""What was changed before it began, kept in the case that it is about."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.conftest import Whence
from tests.inquiry.imports.test_sysmon_changes import event, run

BEFORE = "2026-11-20T09:20:00+00:00"
DAYS = ("2026-11-14", "2026-11-16", "2026-11-18", "2026-11-19")


def test_a_case_keeps_the_first_changes_with_what_they_rest_on(whence: Whence) -> None:
    whence("127.0.0.1:9")
    status, out, _ = whence("changes", "--window", "2d", "--case", "last", "--count", "1")
    _, shown, _ = whence("case", "show", "last")
    found = status == 0
    assert ("changed before" in shown) is found, out
    assert whence("case", "verify", "last")[0] == 0
    assert whence("case", "replay", "last")[0] == 0


def test_a_case_that_is_not_there(whence: Whence) -> None:
    assert whence("changes", "--case", "2020-01-01-none")[0] == 65


def test_events_of_sysmon_tell_what_touches_the_program(whence: Whence, tmp_path: Path) -> None:
    events = tmp_path / "sysmon.xml"
    events.write_text("\n".join([
        run(r"schtasks /create /tn Inv /tr C:\Inv\inv.exe", r"C:\Windows\System32\schtasks.exe"),
        event(7, ImageLoaded=r"C:\Inv\inv.dll"),
        event(16, UtcTime="2026-11-20 09:19:00.000", Configuration="new.xml"),
        event(6, UtcTime="2026-11-20 09:19:30.000", ImageLoaded=r"C:\drv\x.sys"),
    ]))  # fmt: skip
    status, out, err = whence("import", str(events))
    assert (status, "4 rows of 4 lines" in out) == (0, True), out
    assert "events 7 of Microsoft-Windows-Sysmon" in out + err
    _, out, _ = whence("changes", "--before", BEFORE, "--window", "1h", "--json",
                       "--touching", r"c:\inv\INV.EXE")  # fmt: skip
    first, *_ = [json.loads(line) for line in out.splitlines()]
    assert first["event"]["reason"] == (
        r"srv7: schtasks.exe was told to create the scheduled task Inv: C:\Inv\inv.exe"
    )
    assert first["user"]["name"] == r"CORP\anna"
    assert first["whence"]["change"]["touches"] == r"c:\inv\INV.EXE"
    _, out, _ = whence("changes", "--before", BEFORE, "--window", "1h")
    assert r"the driver C:\drv\x.sys was loaded" in out
    assert "what Sysmon records was changed: new.xml" in out


def test_what_firewalls_logged(whence: Whence, tmp_path: Path) -> None:
    log = tmp_path / "devices.log"
    lines = [
        "09:05:00+00:00 pf check_reload_status[429]: Reloading filter",
        "09:04:59+00:00 pf php-fpm[3]: /rules.php: Configuration Change: admin@10.0.0.5 (Local "
        "Database): Firewall: Rules - saved",
        "09:00:00+00:00 pf php-fpm[3]: NOTICE: Reloading in progress ...",
        *(f"{hour:02}:00:00+00:00 often configd.py[5]: [1f] Reloading filter" for hour in (6, 7)),
        "09:03:00+00:00 often configd.py[5]: [2f] Reloading filter",
        'x web app: "GET /reload?a=Reloading filter HTTP/1.1"',
    ]
    log.write_text("".join(f"2026-11-20T{line}\n" for line in lines))
    assert whence("logs", "load", str(log))[0] == 0
    status, out, _ = whence("changes", "--before", BEFORE, "--window", "1h", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    told = {
        one["event"]["reason"]: one.get("user", {}).get("name")
        for one in found
        if one["whence"].get("change", {}).get("kind") == "log"
    }
    assert status == 0
    assert told == {
        "pf: its firewall's rules were loaded (check_reload_status)": None,
        "pf: admin (from 10.0.0.5) changed the configuration: “Firewall: Rules - saved”": "admin",
    }


def test_what_firewalls_logged_days_before(whence: Whence, tmp_path: Path) -> None:
    """What is routine is so in a day, however long the window."""
    log = tmp_path / "devices.log"
    lines = [f"{day}T08:00:00+00:00 pf configd.py[5]: [1f] Reloading filter" for day in DAYS]
    lines += [
        f"2026-11-19T{hour:02}:30:00+00:00 often configd.py[5]: [1f] Reloading filter"
        for hour in (6, 7, 8)
    ]
    log.write_text("".join(f"{line}\n" for line in lines))
    assert whence("logs", "load", str(log))[0] == 0
    for window, days in (("1h", 0), ("7d", 4), ("3d", 2)):
        _, out, _ = whence("changes", "--before", BEFORE, "--window", window, "--json")
        found = [json.loads(line) for line in out.splitlines()]
        told = [one for one in found if one["whence"].get("change", {}).get("kind") == "log"]
        assert {one["event"]["reason"].partition(":")[0] for one in told} <= {"pf"}
        assert [one["@timestamp"][:10] for one in told] == [*reversed(DAYS)][:days]


def test_an_empty_lake_does_not_hinder(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "state/logs/lake").mkdir(parents=True)
    status, out, err = whence("changes", "--window", "1h")
    assert (status in {0, 1}, err) == (True, "")
    assert re.match(r"\d+ changes? from ", out)
