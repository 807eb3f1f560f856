"""Files of leases as real servers write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import BadInput, Reading
from whence.model.leases import Lease, leases
from whence.world import EPOCH

ISC = """\
# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 192.0.2.7 {
  starts 4 2026/11/26 04:00:00;
  ends 4 2026/11/26 16:00:00;
  binding state free;
  hardware ethernet 00:14:22:01:02:02;
}
lease 192.0.2.7 {
  starts 4 2026/11/26 04:00:00;
  ends 4 2026/11/26 16:00:00;
  tstp 4 2026/11/26 16:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 00:14:22:01:02:03;
  uid "\\001\\000\\024\\"\\001\\002\\003";
  set vendor-class-identifier = "MSFT 5.0";
  client-hostname "RECEPTION-PC";
}
lease 192.0.2.8 {
  ends never;
  binding state active;
  hardware ethernet 00:14:22:01:02:04;
}
ia-na "\\001\\000\\000\\000\\000\\001\\000\\001\\031\\266\\016\\032\\000\\024\\042\\001\\002\\003" {
  cltt 4 2026/11/26 04:00:00;
  iaaddr 2001:db8::7 {
    binding state active;
    ends epoch 1795708800; # Thu Nov 26 16:00:00 2026
  }
}
"""
KEA = """\
address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
192.0.2.7,00:14:22:01:02:03,01:00:14:22:01:02:03,3600,1795708800,1,0,0,reception-pc.office.example.,0,
192.0.2.8,00:14:22:01:02:04,,3600,1795708800,1,0,0,a&#x2cb,2,
"""
KEA6 = """\
address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context
2001:db8::7,00:01:00:01:19:b6:0e:1a:00:14:22:01:02:03,4000,1795708800,1,3000,0,1,128,0,0,pc,,0,
"""
KEA_JSON = """\
[{"result": 0, "text": "1 IPv4 lease(s) found.", "arguments": {"leases": [
{"ip-address": "192.0.2.7", "hw-address": "00:14:22:01:02:03", "hostname": "reception-pc",
"cltt": 1795705200, "valid-lft": 3600, "state": 0, "subnet-id": 1}]}}]
"""
DNSMASQ = """\
1795708800 00:14:22:01:02:03 192.0.2.7 reception-pc 01:00:14:22:01:02:03
1795708800 06-00:14:22:01:02:04 192.0.2.8 * *
duid 00:01:00:01:2d:1c:1f:4b:00:16:3e:00:00:01
1795708800 16909060 2001:db8::7 reception-pc 00:01:00:01:19:b6:0e:1a:00:14:22:01:02:03
"""
LIBVIRT = """\
[{"ip-address": "192.0.2.7", "mac-address": "52:54:00:01:02:03", "hostname": "guest",
"expiry-time": 1795708800}]
"""
NETWORKD_SERVER = """\
{"BootID": "x", "Address": [192, 0, 2, 1], "PrefixLength": 24, "Leases": [{"ClientId": [1, 0],
"Address": [192, 0, 2, 7], "Hostname": "reception-pc", "HardwareAddressType": 1,
"HardwareAddressLength": 6, "HardwareAddress": [0, 20, 34, 1, 2, 3],
"ExpirationRealtimeUSec": 1795708800000000}]}
"""
NETWORKD = """\
# This is private data. Do not parse.
ADDRESS=192.0.2.7
NETMASK=255.255.255.0
HOSTNAME=reception-pc
"""
WINDOWS_XML = """\
<?xml version="1.0"?>
<DHCPServer xmlns="http://schemas.microsoft.com/windows/DHCPServer">
  <IPv4><Scopes><Scope><ScopeId>192.0.2.0</ScopeId>
    <Reservations>
      <Reservation>
        <IPAddress>192.0.2.9</IPAddress>
        <ClientId>00-14-22-01-02-05</ClientId>
        <Name>printer.office.example</Name>
      </Reservation>
    </Reservations>
    <Leases>
      <Lease>
        <IPAddress>192.0.2.7</IPAddress>
        <ScopeId>192.0.2.0</ScopeId>
        <ClientId>00-14-22-01-02-03</ClientId>
        <HostName>RECEPTION-PC.office.example</HostName>
        <AddressState>Active</AddressState>
        <LeaseExpiryTime>2026-11-26T16:00:00Z</LeaseExpiryTime>
      </Lease>
    </Leases>
  </Scope></Scopes></IPv4>
</DHCPServer>
"""
WINDOWS_CSV = """\
#TYPE Microsoft.Management.Infrastructure.CimInstance#root/Microsoft/Windows/DHCP/DhcpServerv4Lease
"IPAddress","ScopeId","AddressState","ClientId","ClientType","HostName","LeaseExpiryTime"
"192.0.2.7","192.0.2.0","Active","00-14-22-01-02-03","Dhcp","PC.example","26.11.2026 16:00:00"
"""
ALL = [
    ISC,
    KEA,
    KEA6,
    KEA_JSON,
    DNSMASQ,
    LIBVIRT,
    NETWORKD_SERVER,
    NETWORKD,
    WINDOWS_XML,
    WINDOWS_CSV,
]
FOUR = datetime.fromtimestamp(1795708800, UTC)


def read(text: str) -> list[Lease]:
    return [*leases(Reading("leases x", text, EPOCH, "here"))]


def lease_of(text: str, ip: str = "192.0.2.7") -> Lease:
    return [lease for lease in read(text) if lease.ip == ip][-1]


@pytest.mark.parametrize("text", [ISC, KEA, KEA_JSON, DNSMASQ, NETWORKD_SERVER, WINDOWS_XML])
def test_who_has_an_address_and_until_when(text: str) -> None:
    lease = lease_of(text)
    assert lease.mac == "00:14:22:01:02:03"
    assert lease.name.lower().partition(".")[0] == "reception-pc"
    assert lease.holds(datetime(2026, 11, 26, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", [ISC, KEA6, DNSMASQ])
def test_the_mac_address_of_a_lease_of_dhcpv6_is_in_the_clients_id(text: str) -> None:
    assert lease_of(text, "2001:db8::7").mac == "00:14:22:01:02:03"


def test_the_last_block_of_dhcpd_is_true_and_cites_its_lines() -> None:
    lease = lease_of(ISC)
    assert (lease.state, lease.vendor) == ("active", "MSFT 5.0")
    assert lease.ends == datetime(2026, 11, 26, 16, tzinfo=UTC)
    assert [evidence.line for evidence in lease.evidence] == [10, 16, 19]
    assert lease_of(ISC, "192.0.2.8").ends is None


def test_a_lease_that_was_given_up_is_over() -> None:
    assert not read(ISC)[0].holds(EPOCH)
    assert not lease_of(KEA, "192.0.2.8").holds(EPOCH)


def test_kea_writes_commas_as_entities() -> None:
    assert lease_of(KEA, "192.0.2.8").name == "a,b"


def test_dnsmasq_writes_a_star_for_what_it_does_not_know() -> None:
    lease = lease_of(DNSMASQ, "192.0.2.8")
    assert (lease.name, lease.mac) == ("", "00:14:22:01:02:04")


def test_libvirt_and_networkd_write_leases_too() -> None:
    assert lease_of(LIBVIRT).mac == "52:54:00:01:02:03"
    assert lease_of(LIBVIRT).ends == FOUR
    assert lease_of(NETWORKD).name == "reception-pc"


def test_a_lease_of_windows_cites_the_line_that_it_begins_at() -> None:
    assert [evidence.line for evidence in lease_of(WINDOWS_XML).evidence] == [12]
    assert lease_of(WINDOWS_XML, "192.0.2.9").name == "printer.office.example"
    csv = lease_of(WINDOWS_CSV)
    assert (csv.mac, csv.ends) == ("00:14:22:01:02:03", None)  # the time is in somebody's language


def test_a_reservation_that_is_not_in_use_is_no_lease() -> None:
    for delimiter in (",", ";"):
        text = WINDOWS_CSV.replace('"Active"', '"InactiveReservation"').replace(",", delimiter)
        assert not lease_of(text).holds(EPOCH)
    assert lease_of(WINDOWS_CSV.replace('"Active"', '"ActiveReservation"')).holds(EPOCH)


def test_an_empty_file_has_no_leases() -> None:
    assert not read("\n")


@pytest.mark.parametrize(
    "text",
    [
        "not a file of leases\n",
        "{",
        "<a>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<a>" * 50,
    ],
)
def test_what_is_no_file_of_leases_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


@given(st.sampled_from(ALL), st.data())
def test_a_damaged_file_is_read_as_far_as_it_goes_or_refused(
    text: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(text)))
    damaged = (
        text[:at] + data.draw(st.text(max_size=20)) + text[at + data.draw(st.integers(0, 9)) :]
    )
    try:
        found = read(damaged)
    except BadInput:
        return
    assert all(lease.ip and lease.evidence for lease in found)


@pytest.mark.parametrize(
    "text",
    [
        "address,hwaddr,client_id,valid_lifetime,expire\n"
        "192.0.2.7,00:14:22:01:02:03,,4294967295,6090798295\n",
        '[{"arguments": {"leases": [{"ip-address": "192.0.2.7", "hw-address":'
        ' "00:14:22:01:02:03", "cltt": 1795831000, "valid-lft": 4294967295, "state": 0}]}}]',
    ],
)
def test_a_lease_for_ever_has_no_end(text: str) -> None:
    [lease] = leases(Reading("leases", text, EPOCH, "here"))
    assert (lease.ip, lease.ends) == ("192.0.2.7", None)


def test_the_address_of_networkds_server_is_no_lease_of_it() -> None:
    text = (
        '{"BootID": "0123", "Address": [192, 0, 2, 1], "PrefixLength": 24, "Leases": [{"Address":'
        ' [192, 0, 2, 7], "HardwareAddress": [0, 20, 34, 1, 2, 3]}]}'
    )
    found = leases(Reading("leases", text, EPOCH, "here"))
    assert [(lease.ip, lease.mac) for lease in found] == [("192.0.2.7", "00:14:22:01:02:03")]
