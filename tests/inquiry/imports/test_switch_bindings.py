"""What a switch keeps of who was given an address at which port."""

import pytest

from tests.inquiry.imports.reading import is_complete, likeliest, read
from whence.model.reported import Pairing, Placed

# A text; its rows as address, last byte of the MAC address, port and VLAN.
TEXTS: dict[str, tuple[str, list[tuple[str, str, str, int | None]]]] = {
    "Cisco, DHCP snooping": (
        """MacAddress          IpAddress        Lease(sec)  Type           VLAN  Interface
------------------  ---------------  ----------  -------------  ----  --------------------
00:14:22:00:00:01   192.0.2.7        85000       dhcp-snooping  7     GigabitEthernet1/0/7
00:14:22:00:00:02   192.0.2.8        infinite    static         8     Gi1/0/8
Total number of bindings: 2
""",
        [("192.0.2.7", "01", "GigabitEthernet1/0/7", 7), ("192.0.2.8", "02", "Gi1/0/8", 8)],
    ),
    "Cisco, device tracking": (
        """Binding Table has 3 entries, 2 dynamic (limit 200000)
Codes: L - Local, S - Static, ND - Neighbor Discovery, ARP - Address Resolution Protocol
    Network Layer Address   Link Layer Address     Interface  vlan  prlvl  age   state
ARP 192.0.2.7               0014.2200.0001         Gi1/0/7    7     0005   3mn   REACHABLE
ND  2001:DB8::8             0014.2200.0002         Gi1/0/8    8     0005   3mn   REACHABLE
L   192.0.2.1               0014.2200.0003         Vl7        7     0100   9mn   REACHABLE
""",
        [("192.0.2.7", "01", "Gi1/0/7", 7), ("2001:db8::8", "02", "Gi1/0/8", 8)],
    ),
    "Cisco, of old": (
        """  IP Address    MAC Address   Vlan  Interface           Probe-Timeout      State
-----------------------------------------------------------------------------------------
192.0.2.7       0014.2200.0001  7    GigabitEthernet1/0/7    30             ACTIVE
""",
        [("192.0.2.7", "01", "GigabitEthernet1/0/7", 7)],
    ),
    "ArubaOS-Switch": (
        """ MacAddress    IP              VLAN Interface Time Left
 ------------- --------------- ---- --------- ---------
 001422-000001 192.0.2.7       7    2/7       85000
""",
        [("192.0.2.7", "01", "2/7", 7)],
    ),
    "Junos": (
        """MAC address          IP address     Lease (seconds)  Type     VLAN    Interface
00:14:22:00:00:01    192.0.2.7      85000            dynamic  7       ge-0/0/7.0
""",
        [("192.0.2.7", "01", "ge-0/0/7.0", 7)],
    ),
    "Huawei": (
        """DHCP Dynamic Bind-table:
IP Address       MAC Address     VSI/VLAN(O/I/P) Interface      Lease
--------------------------------------------------------------------------------
192.0.2.7        0014-2200-0001  7   /--  /--    GE0/0/7        2026.11.27-10:00
--------------------------------------------------------------------------------
Print count:           1          Total count:           1
""",
        [("192.0.2.7", "01", "GE0/0/7", 7)],
    ),
}


@pytest.mark.parametrize("maker", TEXTS)
def test_a_machine_is_at_the_port_at_which_it_was_given_its_address(maker: str) -> None:
    text, said = TEXTS[maker]
    assert likeliest(text) == "switch_bindings"
    rows, lines = read(text)
    ips = {row.mac: row.ip for row in rows if isinstance(row, Pairing)}
    placed = [row for row in rows if isinstance(row, Placed)]
    assert [(ips[row.mac], row.mac[-2:], row.port, row.vlan) for row in placed] == said
    assert (lines.strange_lines, is_complete(rows, lines)) == ([], True)


@pytest.mark.parametrize(
    "row",
    [
        "00:14:22:00:00:01   192.0.2.7        85000       dhcp-snooping  Gi1/0/7",
        "00:14:22:00:00:01   192.0.2.700      85000       dhcp-snooping  7   Gi1/0/7",
        "00:14:22:00:00:01   192.0.2.7        85000       dhcp-snooping  7   dynamic",
    ],
)
def test_a_row_that_does_not_fit_is_strange(row: str) -> None:
    heading = TEXTS["Cisco, DHCP snooping"][0].partition("\n")[0]
    rows, lines = read(f"{heading}\n{row}\n", "switch_bindings")
    assert (rows, lines.strange_count) == ([], 1)
