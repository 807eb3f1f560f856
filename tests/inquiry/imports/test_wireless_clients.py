"""Clients of wireless controllers: at which access point, by the columns of a heading."""

import pytest

from tests.inquiry.imports.reading import is_complete, likeliest, read
from whence.model.reported import Pairing, Placed

# A text; the clients as last byte of the MAC address, access point, VLAN and IP address.
TEXTS: dict[str, tuple[str, list[tuple[str, str, int | None, str]]]] = {
    "AireOS": (
        """(wlc) >show client summary

Number of Clients................................ 2

MAC Address       AP Name           Status        WLAN  Auth Protocol         Port Wired
----------------- ----------------- ------------- ----- ---- ---------------- ---- -----
00:14:22:00:00:01 AP-7              Associated    1     Yes  802.11n(5 GHz)   1    No
00:14:22:00:00:02 AP-8              Probing       N/A   No   802.11b          1    No
""",
        [("01", "AP-7", None, "")],
    ),
    "IOS XE": (
        """Number of Clients: 1

MAC Address    AP Name                 Type ID   State     Protocol Method     Role
----------------------------------------------------------------------------------
0014.2200.0001 AP 7, second floor      WLAN 1    Run       11ac     Dot1x      Local
""",
        [("01", "AP 7, second floor", None, "")],
    ),
    "ArubaOS, users": (
        """Users
-----
    IP         MAC                Name   Role      Auth    AP name  Essid/Bssid/Phy
----------     ------------       ----   ----      ----    -------  ---------------
192.0.2.7      00:14:22:00:00:01  bob    employee  802.1x  AP-7     corp/00:14:22:00:00:99/a-HT
192.0.2.8      00:14:22:00:00:02         employee  802.1x  AP-8     corp/00:14:22:00:00:99/a-HT
""",
        [("01", "AP-7", None, "192.0.2.7"), ("02", "AP-8", None, "192.0.2.8")],
    ),
    "ArubaOS, associations": (
        """Association Table
-----------------
Name  bssid              mac                auth  essid  vlan-id  tunnel-id
----  -----              ---                ----  -----  -------  ---------
AP-7  00:14:22:00:00:99  00:14:22:00:00:01  y     corp   7        0x1000f
""",
        [("01", "AP-7", 7, "")],
    ),
    "Aruba Instant": (
        """Client List
-----------
Name  IP Address  MAC Address        OS   ESSID  Access Point  Channel  IPv6 Address
----  ----------  -----------        --   -----  ------------  -------  ------------
bob   192.0.2.7   00:14:22:00:00:01  NOF  corp   AP-7          36E      2001:db8::7
""",
        [("01", "AP-7", None, "192.0.2.7")],
    ),
    "Huawei": (
        """Rf/WLAN: Radio ID/WLAN ID
Rx/Tx: link receive rate/link transmit rate(Mbps)
------------------------------------------------------------------------------
STA MAC         AP ID Ap name  Rf/WLAN  Band  Type  VLAN  IP address  SSID
------------------------------------------------------------------------------
0014-2200-0001  7     AP-7     1/1      5G    11n   7     192.0.2.7   corp
------------------------------------------------------------------------------
Total: 1 2.4G: 0 5G: 1
""",
        [("01", "AP-7", 7, "192.0.2.7")],
    ),
    "Comware": (
        """Total number of clients: 1

MAC address    User name  AP name  R IP address  VLAN
0014-2200-0001 N/A        AP-7     1 192.0.2.7   7
""",
        [("01", "AP-7", 7, "192.0.2.7")],
    ),
}


@pytest.mark.parametrize("maker", TEXTS)
def test_a_client_is_at_the_access_point_of_its_row(maker: str) -> None:
    text, said = TEXTS[maker]
    assert likeliest(text) == "wireless_clients"
    rows, lines = read(text)
    ips = {row.mac: row.ip for row in rows if isinstance(row, Pairing)}
    found = [
        (row.mac[-2:], row.port.removeprefix("access point "), row.vlan, ips.get(row.mac, ""))
        for row in rows
        if isinstance(row, Placed)
    ]
    assert found == said
    assert (lines.strange_lines, is_complete(rows, lines)) == ([], True)


def test_a_station_of_an_access_point_is_at_its_interface() -> None:
    text = "Station 00:14:22:00:00:01 (on wlan0)\n\tinactive time:\t304 ms\n\tsignal:  \t-29 dBm\n"
    rows, lines = read(text)
    assert [(row.mac, row.port) for row in rows if isinstance(row, Placed)] == [
        ("00:14:22:00:00:01", "wlan0")
    ]
    assert is_complete(rows, lines)


@pytest.mark.parametrize(
    "row",
    [
        "00:14:22:00:00:01 AP-7-of-a-long-name Associated 1     Yes  802.11n",
        "  00:14:22:00:00:01 AP-7            Associated    1     Yes  802.11n",
        "00:14:22:00:00:01 N/A               Associated    1     Yes  802.3",
    ],
)
def test_a_row_beside_the_columns_is_not_guessed_at(row: str) -> None:
    heading = "".join(TEXTS["AireOS"][0].splitlines(keepends=True)[4:6])
    rows, lines = read(f"{heading}{row}\n", "wireless_clients")
    assert (rows, lines.strange_count) == ([], 1)
