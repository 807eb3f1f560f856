"""Forwarding tables as command lines print them, after the vendors' command references."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from whence.model import CannotAsk
from whence.model.switching import Status
from whence.switches._platforms import PLATFORMS
from whence.switches.command_line import CommandLineSwitch
from whence.world import RecordedHost
from whence.world.ssh_device import plain
from whence.world.switch_list import Way

Rows = list[tuple[str, str, tuple[int, ...], Status, int | None]]
DYNAMIC, STATIC = Status.LEARNED, Status.STATIC

TEXTS: dict[str, tuple[str, Rows]] = {
    "cisco_ios": (
        """          Mac Address Table
-------------------------------------------

Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
 All    0100.0ccc.cccc    STATIC      CPU
   1    0014.f2d2.41c7    DYNAMIC     Gi0/1
  10    0050.56be.0001    DYNAMIC     Po1
  20    0050.56be.0002    STATIC      Gi1/0/24
Total Mac Addresses for this criterion: 4
""",
        [
            ("00:14:f2:d2:41:c7", "Gi0/1", (1,), DYNAMIC, None),
            ("00:50:56:be:00:01", "Po1", (10,), DYNAMIC, None),
            ("00:50:56:be:00:02", "Gi1/0/24", (20,), STATIC, None),
        ],
    ),
    "cisco_nxos": (
        """Legend:
        * - primary entry, G - Gateway MAC, (R) - Routed MAC, O - Overlay MAC
        age - seconds since last seen,+ - primary entry using vPC Peer-Link,
   VLAN     MAC Address      Type      age     Secure NTFY Ports
---------+-----------------+--------+---------+------+----+------------------
*   10     0050.56be.0003   dynamic  120        F      F    Eth1/3
+   20     0050.56be.0004   dynamic  0          F      F    Po10
G    -     0050.56be.0005   static   -          F      F    sup-eth1(R)
*   30     0050.56be.0006   static   -          F      F    Eth1/6
""",
        [
            ("00:50:56:be:00:03", "Eth1/3", (10,), DYNAMIC, 120),
            ("00:50:56:be:00:04", "Po10", (20,), DYNAMIC, 0),
            ("00:50:56:be:00:06", "Eth1/6", (30,), STATIC, None),
        ],
    ),
    "hp_procurve": (
        """\x1b[24;1H\x1b[2Ksw# show mac-address

 Status and Counters - Port Address Table

  MAC Address   Port  VLAN
  ------------- ----- ----
  001122-334455 12    10
  001122-334456 Trk1  20
  001122-334458 A3
""",
        [
            ("00:11:22:33:44:55", "12", (10,), DYNAMIC, None),
            ("00:11:22:33:44:56", "Trk1", (20,), DYNAMIC, None),
            ("00:11:22:33:44:58", "A3", (), DYNAMIC, None),
        ],
    ),
    "aruba_aoscx": (
        """MAC age-time            : 300 seconds
Number of MAC addresses : 3

MAC Address          VLAN     Type                      Port
--------------------------------------------------------------
00:50:56:96:00:01    1        dynamic                   1/1/1
00:50:56:96:00:02    2        port-access-security      lag10
00:50:56:96:00:03    3        static                    1/1/9
""",
        [
            ("00:50:56:96:00:01", "1/1/1", (1,), DYNAMIC, None),
            ("00:50:56:96:00:02", "lag10", (2,), DYNAMIC, None),
            ("00:50:56:96:00:03", "1/1/9", (3,), STATIC, None),
        ],
    ),
    "juniper_junos": (
        """MAC flags (S - static MAC, D - dynamic MAC, L - locally learned, P - Persistent static
           SE - statistics enabled, NM - non configured MAC, R - remote PE MAC)

Ethernet switching table : 2 entries, 2 learned
Routing instance : default-switch
   Vlan                MAC                 MAC      Age    Logical                NH        RTR
   name                address             flags           interface              Index     ID
   office              00:50:56:be:00:07   D          -   ge-0/0/7.0             0         0
   voice               00:50:56:be:00:08   S          -   ae1.0                  0         0
  default           *                 Flood          - All-members
  default           00:50:56:be:00:09 Learn          0 ge-0/0/9.0
""",
        [
            ("00:50:56:be:00:07", "ge-0/0/7.0", (), DYNAMIC, None),
            ("00:50:56:be:00:08", "ae1.0", (), STATIC, None),
            ("00:50:56:be:00:09", "ge-0/0/9.0", (), DYNAMIC, None),
        ],
    ),
    "mikrotik_routeros": (
        """Flags: X - disabled, I - invalid, D - dynamic, L - local, E - external
 #       MAC-ADDRESS        VID ON-INTERFACE            BRIDGE
 0   D   B8:69:F4:C9:EE:D7      ether1                  bridge1
 1   D   B8:69:F4:C9:EE:D8   20 ether2                  bridge1
 2   DL  CC:2D:E0:E4:B3:38      bridge1                 bridge1
""",
        [
            ("b8:69:f4:c9:ee:d7", "ether1", (), DYNAMIC, None),
            ("b8:69:f4:c9:ee:d8", "ether2", (20,), DYNAMIC, None),
        ],
    ),
    "huawei_vrp": (
        """-------------------------------------------------------------------------------
MAC Address    VLAN/VSI/BD   Learned-From        Type                Age
-------------------------------------------------------------------------------
0022-0022-0033 100/-/-       GE0/0/1             dynamic             300
0000-0000-0002 200/-/-       Eth-Trunk2          static                -
-------------------------------------------------------------------------------
Total items displayed = 2
""",
        [
            ("00:22:00:22:00:33", "GE0/0/1", (100,), DYNAMIC, None),
            ("00:00:00:00:00:02", "Eth-Trunk2", (200,), STATIC, None),
        ],
    ),
    "hp_comware": (
        """MAC Address      VLAN ID    State            Port/NickName            Aging
000f-e201-0101   1          Learned          GE1/0/1                  Y
000f-e201-0102   22         Static           BAGG7                    N
MAC ADDR       VLAN ID   STATE          PORT INDEX               AGING TIME(s)
000f-e201-0103  3        Config static  GigabitEthernet1/0/3     NOAGED
""",
        [
            ("00:0f:e2:01:01:01", "GE1/0/1", (1,), DYNAMIC, None),
            ("00:0f:e2:01:01:02", "BAGG7", (22,), STATIC, None),
            ("00:0f:e2:01:01:03", "GigabitEthernet1/0/3", (3,), STATIC, None),
        ],
    ),
}


def switch(platform: str, text: str, neighbours: str = "") -> CommandLineSwitch:
    known = PLATFORMS[platform]
    texts = {f"sw: {known.forwarding}": text, f"sw: {known.neighbours}": neighbours}
    device = RecordedHost(texts).device("sw")
    return CommandLineSwitch(device, Way("sw", "ssh", "192.0.2.1", {"platform": platform}))


def test_each_platform_has_a_text() -> None:
    assert TEXTS.keys() == PLATFORMS.keys()


@pytest.mark.parametrize("platform", TEXTS)
def test_a_forwarding_table_is_read(platform: str) -> None:
    text, rows = TEXTS[platform]
    asked = switch(platform, plain(text))
    found = [(row.mac, row.port, row.vlans, row.status, row.age) for row in asked.learned()]
    assert found == rows
    assert {port.name for port in asked.ports()} == {row[1] for row in rows}


def test_a_line_that_cannot_be_read_is_counted() -> None:
    asked = switch("cisco_ios", "  10    0050.56be.0001  what?\n")
    assert not [*asked.learned()]
    assert asked.remarks() == ("1 line with an address could not be read",)


def test_neighbours_in_blocks() -> None:
    text = """------------------------------------------------
Local Intf: Gi1/0/24
Chassis id: 0050.56be.00aa
Port id: Gi1/0/1
System Name: core.example.net

System Description:
Cisco IOS Software
System Capabilities: B,R
Enabled Capabilities: B,R
Management Addresses:
    IP: 192.0.2.9
------------------------------------------------
Local Intf: Gi1/0/3
Chassis id: 192.0.2.77
Port id: 0050.56be.00bb
System Name - not advertised
Enabled Capabilities: B,T

Total entries displayed: 2
"""
    first, second = switch("cisco_ios", "", text).neighbours()
    assert (first.port, first.chassis, first.system_name) == (
        "Gi1/0/24",
        "00:50:56:be:00:aa",
        "core.example.net",
    )
    assert (first.capabilities, first.addresses) == ({"bridge", "router"}, ("192.0.2.9",))  # type: ignore[comparison-overlap]
    assert (second.port, second.chassis, second.system_name) == ("Gi1/0/3", "192.0.2.77", "")


def test_a_platform_that_is_not_known_is_refused() -> None:
    with pytest.raises(CannotAsk) as refused:
        CommandLineSwitch(RecordedHost().device("sw"), Way("sw", "ssh", "x", {"platform": "dos"}))
    assert "cisco_ios" in refused.value.try_


WORDS = ("0050.56be.0001", "001122-334455", "00:11:22:33:44:55", "10", "dynamic", "Gi0/1", "All")
SIGNS = (" ", " " * 80, "\n", "*", "-", "é", "\x1b[2J", "--More--", "Local Intf: ", "Chassis id: ")
PIECES = some.sampled_from([*WORDS, *SIGNS])


@given(some.lists(PIECES, max_size=60).map("".join), some.sampled_from([*PLATFORMS]))
def test_any_text_is_read_without_harm(text: str, platform: str) -> None:
    asked = switch(platform, plain(text), plain(text))
    assert all(len(row.mac) == 17 for row in asked.learned())
    assert all(said.port for said in asked.neighbours())


def test_what_a_pager_and_a_terminal_leave_is_taken_out() -> None:
    assert plain("a\r\n --More-- \x08\x08\x08\x08 b\x1b[0m\x1b[24;1Hc") == "a\n  bc".replace(
        "  ", " "
    )
