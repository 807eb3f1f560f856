"""How firewalls log that their rules were loaded or changed, each in its own words."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whence.analysis.change_messages import said
from whence.analysis.log_changes import Change, changes
from whence.model.log_tables import LOGS
from whence.store.log_files import engine
from whence.world.log_file_rows import LogRows

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOADED = "its firewall's rules were loaded ({})"
PALO = "1,2026/11/20 11:30:00,001801000000"
CONFIG = PALO + ",CONFIG,0,2561,2026/11/20 11:30:00,10.0.0.5,"
SYSTEM = PALO + ",SYSTEM,general,0,2026/11/20 11:30:00,,general,,0,0,general,informational,"
CHECK_POINT = (
    '[action:"Accept"; origin:"10.0.0.1"; administrator:"admin"; client_ip:"10.0.0.5"; '
    'operation:"Install Policy"; subject:"Policy Installation"; ]'
)
# What is logged after the name of the device; what whence says; who did it.
TOLD = {
    "pfsense": (
        ("check_reload_status[429]: Reloading filter", LOADED.format("check_reload_status"), ""),
        ("php-fpm[345]: /firewall_rules_edit.php: Configuration Change: admin@10.0.0.5 "
         "(Local Database): Firewall: Rules - saved/edited a firewall rule.",
         "admin (from 10.0.0.5) changed the configuration: “Firewall: Rules - saved/edited a "
         "firewall rule.”", "admin"),
        ("php-fpm[345]: /rc.php: Configuration Change: (system): overwrote previous settings",
         "system changed the configuration: “overwrote previous settings”", "system"),
        ("php-fpm[345]: /rc.filter_configure_sync: Filter is loaded",
         LOADED.format("rc.filter_configure"), ""),
        ("php-fpm[345]: /rc.filter_configure_sync: There were error(s) loading the rules: "
         "/tmp/rules.debug:23: syntax error", "its firewall's rules could not be loaded "
         "(rc.filter_configure): /tmp/rules.debug:23: syntax error", ""),
    ),
    "opnsense": (
        ("configd.py[235]: [7d1bd3a0-3d63-4a80-8be4-2ff5ef0dcbd4] Reloading filter",
         LOADED.format("configd.py"), ""),
        ("opnsense[4121]: /firewall_rules_edit.php: user root@10.0.0.6 changed configuration to "
         "/conf/backup/config-1700.1.xml in /firewall_rules_edit.php",
         "root (from 10.0.0.6) changed the configuration by /firewall_rules_edit.php", "root"),
        ("audit[4121]: user (root) changed configuration to /conf/backup/config-1700.1.xml in "
         "/usr/local/opnsense/scripts/a.php", "root changed the configuration by "
         "/usr/local/opnsense/scripts/a.php", "root"),
    ),
    "linux": (
        ("firewalld[700]: INFO: Reloading", LOADED.format("firewalld"), ""),
        ("systemd[1]: Reloaded firewalld.service - firewalld - dynamic firewall daemon.",
         LOADED.format("firewalld"), ""),
        ("systemd[1]: Reloaded firewalld - dynamic firewall daemon.",
         LOADED.format("firewalld"), ""),
        ("systemd[1]: Finished nftables.service - nftables.", LOADED.format("nftables"), ""),
        ("systemd[1]: Stopped nftables.service - nftables.",
         "its firewall was stopped (nftables)", ""),
        ("ufw[123]: Firewall reloaded", LOADED.format("ufw"), ""),
        ("ufw: Firewall reloaded", LOADED.format("ufw"), ""),
        ("nft[77]: flushed and loaded /etc/nftables.conf", LOADED.format("nft"), ""),
        ("iptables-restore[78]: restored 42 rules", LOADED.format("iptables-restore"), ""),
        ("iptables-restore[78]: iptables-restore: line 5 failed", "its firewall's rules could not "
         "be loaded (iptables-restore): iptables-restore: line 5 failed", ""),
        ("netfilter-persistent[79]: run-parts: executing "
         "/usr/share/netfilter-persistent/plugins.d/15-ip4tables start",
         LOADED.format("netfilter-persistent"), ""),
    ),
    "makers": (
        ("firewall[2103]: Reload firewall configuration",
         "its firewall's configuration was loaded", ""),
        (CONFIG + ",commit,admin,Web,Succeeded,,7101,0x0",
         "admin (from 10.0.0.5) executed “commit”", "admin"),
        (CONFIG + ",set,admin,CLI,Succeeded,vsys vsys1 rulebase security rules allow,7102,0x0",
         "admin (from 10.0.0.5) executed “set vsys vsys1 rulebase security rules allow”", "admin"),
        (SYSTEM + '"Commit job succeeded. Completion time=2026/11/20 11:30:00. JobId=12. '
         'User: admin",7100,0x0', "the commit of admin was carried out", "admin"),
        (SYSTEM + '"Commit job succeeded for user",7100,0x0', "a commit was carried out", ""),
        ("mgd[4321]: UI_COMMIT: User 'anna' performed commit: no comment",
         "anna committed the configuration", "anna"),
        ("mgd[4321]: UI_COMMIT_COMPLETED: commit complete",
         "a commit of the configuration was completed", ""),
        ("CheckPoint: installed policy Standard on gw1 by admin",
         "admin installed the policy Standard", "admin"),
        ("fwd[123]: installed policy 'Standard'", "the policy Standard was installed", ""),
        (f"CheckPoint[1234]: {CHECK_POINT}", "admin (from 10.0.0.5) installed a policy", "admin"),
        ("system,info filter rule changed by admin", "filter rule changed by admin", "admin"),
        ("filter rule moved by admin", "filter rule moved by admin", "admin"),
        ("system,info nat rule added by winbox-3.40/tcp-msg(winbox):anna@10.0.0.5 (*2 = /ip)",
         "nat rule added by anna (from 10.0.0.5)", "anna"),
        ('date=2026-11-20 time=11:30:00 devname="fgt" logid="0100044546" type="event" vd="root" '
         'user="admin" ui="GUI(10.0.0.5)" action="Edit" cfgpath="firewall.policy"',
         "admin (from GUI(10.0.0.5)) configured firewall.policy", "admin"),
        ("%ASA-5-111008: User 'anna' executed the 'no access-list x' command.",
         "anna executed “no access-list x”", "anna"),
    ),
}  # fmt: skip
OTHERS = (
    'nginx[5]: 10.0.0.9 - - "GET /reload?what=Reloading+filter HTTP/1.1" 200 5',
    'nginx[5]: 10.0.0.9 - - "GET /?q=Reload firewall configuration HTTP/1.1" 200 5',
    "php-fpm[5]: NOTICE: Reloading in progress ...",
    "php-fpm[5]: /index.php: Successful login for user 'admin' from: 10.0.0.5 (Local Database)",
    "configd.py[5]: [7d1bd3a0] Reloading filter log parser",
    "check_reload_status[5]: Syncing firewall",
    "app[5]: Reloading filter",
    "app[5]: reload of firewall configuration page took 3 ms",
    "app[5]: user root@10.0.0.6 changed configuration to /tmp/x in /y",
    "app[5]: installed policy Standard by admin",
    "app[5]: filter rule changed by admin",
    "kernel: nft: IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=TCP SPT=5 DPT=80",
    "kernel: [UFW BLOCK] IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=TCP SPT=5 DPT=80",
    "firewalld[700]: WARNING: AllowZoneDrifting is enabled.",
    "ufw[123]: Skipping adding existing rule",
    "nft[5]: listing ruleset",
    "netfilter-persistent[5]: run-parts: executing /usr/share/x/plugins.d/15-ip4tables save",
    "systemd[1]: Reloading firewalld.service - firewalld - dynamic firewall daemon...",
    CONFIG + ",commit,admin,Web,Failed,,7101,0x0",
    SYSTEM + '"User admin logged in via Web from 10.0.0.5 using https",7100,0x0',
    PALO + ",TRAFFIC,end,2561,2026/11/20 11:30:00,10.0.0.9,10.0.0.1,0.0.0.0,0.0.0.0,Commit job",
    "mgd[4321]: UI_CMDLINE_READ_LINE: User 'anna', command 'show configuration '",
    'CheckPoint[1]: [action:"Accept"; rule_name:"Allow Install"; policy_name:"Standard"; ]',
    "system,info,account user admin logged in from 10.0.0.5 via winbox",
    "firewall,info forward: in:ether1 out:ether2, proto TCP (SYN), 10.0.0.1:5->10.0.0.2:80",
    "the page of the filter rule was reloaded",
)


def told(folder: Path, logged: Mapping[str, Sequence[str]]) -> list[Change]:
    """Read lines of devices by name, a minute apart, and give what they tell at noon."""
    file = folder / "devices.log"
    with file.open("w") as writing:
        for device, messages in logged.items():
            for number, message in enumerate(messages, start=1):
                at = NOON - timedelta(minutes=number)
                writing.write(f"{at:%Y-%m-%dT%H:%M:%S}+00:00 {device} {message}\n")
    with engine() as tables:
        rows = LogRows([file], NOON, columns=tuple(LOGS))
        tables.register("incoming", rows.rows)
        columns = ", ".join(f'"{name}" {kind}' for name, kind in LOGS.items())
        tables.execute(f"CREATE TABLE logs ({columns})")
        rows.read(
            lambda: tables.execute(
                "INSERT INTO logs BY NAME SELECT * REPLACE "
                "(make_timestamp(epoch_us(received)) AS received) FROM incoming"
            ),
            lambda lines, size: None,
        )
        return changes(tables, NOON, (), 200)


@pytest.mark.parametrize("maker", TOLD)
def test_what_a_maker_s_devices_say(maker: str, tmp_path: Path) -> None:
    logged = {f"dev{number}": [line] for number, (line, _, _) in enumerate(TOLD[maker])}
    found = {change.host or "fgt": (change.words, change.who) for change in told(tmp_path, logged)}
    assert found == {
        f"dev{number}": (words, who) for number, (_, words, who) in enumerate(TOLD[maker])
    }


def test_other_lines_tell_of_no_change(tmp_path: Path) -> None:
    logged = {f"dev{number}": [line] for number, line in enumerate(OTHERS)}
    assert not told(tmp_path, logged)


def test_the_header_of_rfc_5424_is_read_as_well() -> None:
    head = "<13>1 2026-11-20T11:30:00Z opn"
    meta = '[meta sequenceId="12"]'
    lines = (
        f"{head} configd.py 235 - {meta} [7d1b] Reloading filter",
        f"{head} audit 41 - {meta} user root@10.0.0.6 changed configuration to /a.xml in /b.php",
        f"{head} mgd 43 UI_COMMIT [junos@2636.1.1.1.2.29 username=\"anna\"] User 'anna' requested "
        "'commit' operation",
    )
    programs = ("configd.py", "audit", "mgd")
    assert [said(line, program, None) for line, program in zip(lines, programs, strict=True)] == [
        (LOADED.format("configd.py"), ""),
        ("root (from 10.0.0.6) changed the configuration by /b.php", "root"),
        ("anna asked for “commit”", "anna"),
    ]


def test_what_is_done_all_day_is_no_change_and_what_two_say_is_one(tmp_path: Path) -> None:
    both = "systemd[1]: Reloaded firewalld.service - firewalld."
    found = told(tmp_path, {"often": ["check_reload_status[1]: Reloading filter"] * 3,
                            "twice": [both, both]})  # fmt: skip
    assert [change.host for change in found] == ["twice", "twice"]


def test_who_changes_much_in_one_hour_is_no_routine(tmp_path: Path) -> None:
    found = told(tmp_path, {"mt": ["system,info filter rule changed by anna"] * 20,
                            "mt2": ["filter rule changed by anna", *["x"] * 200] * 4})  # fmt: skip
    assert [(change.host, change.words, change.before) for change in found] == [
        ("mt", "filter rule changed by anna", timedelta(minutes=1))
    ]


@pytest.mark.parametrize("program", ["php-fpm", "CheckPoint", "nft", "opnsense", None])
def test_an_endless_line_is_read_soon(program: str | None) -> None:
    line = "x: " + "Configuration Change: administrator: installed policy user a " * 1500
    assert len((said(line, program, None) or ("", ""))[0]) <= 200


def test_a_line_that_begins_like_a_change_again_and_again_takes_no_time() -> None:
    began = time.process_time()
    assert said("user=a ui=b " * 700, None, None) is None
    assert time.process_time() - began < 0.5
