"""What real programs answered (Samba 4.17, avahi 0.8), and what strangers could make of it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world.damage import damaged
from whence.world import dns_wire, netbios_wire, smb_wire, ssdp_wire
from whence.world.claimants import advertised, arp_claim

NUMBER = 0x1234
NODE_STATUS = bytes.fromhex(
    "12348400000000010000000020434b4141414141414141414141414141414141414141414141414141414141410000"
    "21000100000000008905524543455054494f4e2d5043202020000400524543455054494f4e2d504320202003040052"
    "4543455054494f4e2d50432020202004004f46464943452020202020202020200084004f4646494345202020202020"
    "2020201e84000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000"
)
MDNS = bytes.fromhex(
    "1234840000010001000000000137013002393802313007696e2d61646472046172706100000c8001c00c000c000100"
    "00000a00110966726f6e746465736b056c6f63616c00"
)
CHALLENGE = bytes.fromhex(
    "fe534d4240000000160000c001000100010000000000000001000000000000000000000000000000165c839f000000"
    "0000000000000000000000000000000000090000004800c300a181c03081bda0030a0101a10c060a2b060104018237"
    "02020aa281a70481a44e544c4d5353500002000000180018003800000005828a2247fa09f5af524f04000000000000"
    "00005400540050000000060100000000000f52004500430045005000540049004f004e002d00500043000200180052"
    "004500430045005000540049004f004e002d0050004300010018005200450043004500500054004900"
    "4f004e002d0050004300040000000300040076006d00070008000a0451cc637ddd0100000000"
)
SEARCHED = (
    b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n"
    b"LOCATION: http://192.0.2.7:49152/device.xml\r\nSERVER: Linux/5.4 UPnP/1.0 IpBridge/1.60\r\n"
    b"ST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n"
)
DEVICE = (
    b"<?xml version='1.0'?><root><device><friendlyName>Hue &amp; Co (192.0.2.7)</friendlyName>"
    b"<manufacturer>Signify</manufacturer><modelName>Bridge 2015</modelName>"
    b"<deviceList><device><friendlyName>inner</friendlyName></device></deviceList></device></root>"
)
ARP = bytes.fromhex(
    "02000000000100142201020308060001080006040002001422010203c0000207020000000001c0000201"
)
ADVERTISEMENT = bytes.fromhex(
    "8800000060000000" "20010db8000000000000000000000007" "0201001422010203"
)  # fmt: skip


def test_the_node_status_of_samba() -> None:
    status = netbios_wire.node_status(NODE_STATUS, NUMBER)
    told = [(name.name, name.suffix, name.group) for name in status.names]
    assert told == [
        ("RECEPTION-PC", 0x00, False),
        ("RECEPTION-PC", 0x03, False),
        ("RECEPTION-PC", 0x20, False),
        ("OFFICE", 0x00, True),
        ("OFFICE", 0x1E, True),
    ]
    assert status.names[2].meaning == "a file server"
    assert status.mac == ""  # Samba's zeros are no address


def test_the_node_status_of_windows_has_its_mac_address() -> None:
    windows = NODE_STATUS[:-46] + bytes.fromhex("001422010203") + bytes(40)
    assert netbios_wire.node_status(windows, NUMBER).mac == "00:14:22:01:02:03"


def test_a_node_status_that_answers_somebody_else_is_none() -> None:
    with pytest.raises(ValueError, match="no question of ours"):
        netbios_wire.node_status(NODE_STATUS, NUMBER + 1)


def test_more_names_than_there_is_room_for() -> None:
    greedy = NODE_STATUS.replace(b"\x89\x05RECEPTION", b"\x89\xffRECEPTION")
    with pytest.raises(ValueError, match="fewer names"):
        netbios_wire.node_status(greedy, NUMBER)


def test_the_reverse_name_of_avahi() -> None:
    assert dns_wire.pointed_names(MDNS, "10.98.0.7", (NUMBER,)) == ["frontdesk.local"]


def test_a_name_for_another_address_is_not_taken() -> None:
    assert dns_wire.pointed_names(MDNS, "10.98.0.8", (NUMBER,)) == []


def test_a_name_that_points_to_itself_ends() -> None:
    loop = MDNS[:40] + b"\xc0\x28" + MDNS[42:]  # the owner of the answer is where it stands
    with pytest.raises(ValueError, match="pointers"):
        dns_wire.pointed_names(loop, "10.98.0.7", (NUMBER,))


def test_a_reverse_question_of_ipv6() -> None:
    asked = dns_wire.reverse_question("2001:db8::7", 1)
    assert asked.startswith(b"\0\1\0\0\0\1\0\0\0\0\0\0\x017\x010")
    assert asked.endswith(b"\3ip6\4arpa\0\0\x0c\0\1")


def test_the_greeting_of_samba() -> None:
    told = smb_wire.greeting(CHALLENGE)
    assert (told.computer, told.dns_computer, told.system) == ("RECEPTION-PC", "vm", "6.1.0")
    assert told.clock.startswith("2026-11-26T05:0")


def test_a_frame_that_is_too_long_is_not_read() -> None:
    with pytest.raises(ValueError, match="no greeting"):
        smb_wire.frame_length(b"\0\xff\xff\xff")


def test_the_headers_of_a_device() -> None:
    told = ssdp_wire.answer(SEARCHED)
    assert told["server"] == "Linux/5.4 UPnP/1.0 IpBridge/1.60"
    assert ssdp_wire.own_path(told["location"], "192.0.2.7") == (49152, "/device.xml")


@pytest.mark.parametrize(
    "location",
    [
        "http://198.51.100.1/device.xml",
        "https://192.0.2.7/device.xml",
        "http://user@192.0.2.7/",
        "http://192.0.2.7:99999/",
        "http://192.0.2.7/a b",
        "http://[192.0.2.7/",
        "file:///etc/passwd",
    ],
)
def test_a_description_elsewhere_is_never_fetched(location: str) -> None:
    assert ssdp_wire.own_path(location, "192.0.2.7") is None


def test_the_description_of_a_device_is_of_the_outer_one() -> None:
    assert ssdp_wire.description(DEVICE) == {
        "name": "Hue & Co (192.0.2.7)",
        "manufacturer": "Signify",
        "model": "Bridge 2015",
    }


def test_who_claims_an_address_by_arp() -> None:
    assert arp_claim(ARP, "192.0.2.7") == "00:14:22:01:02:03"
    assert arp_claim(ARP, "192.0.2.8") is None


def test_who_claims_an_address_by_neighbour_discovery() -> None:
    assert advertised(ADVERTISEMENT, "2001:db8::7") == "00:14:22:01:02:03"
    assert advertised(ADVERTISEMENT, "2001:db8::8") is None


def test_an_option_without_length_ends_nothing_but_the_reading() -> None:
    with pytest.raises(ValueError, match="no length"):
        advertised(ADVERTISEMENT[:24] + bytes(16), "2001:db8::7")


READERS = [
    (NODE_STATUS, lambda data: netbios_wire.node_status(data, NUMBER)),
    (MDNS, lambda data: dns_wire.pointed_names(data, "10.98.0.7", (NUMBER, 0))),
    (CHALLENGE, smb_wire.greeting),
    (SEARCHED, ssdp_wire.answer),
    (DEVICE, ssdp_wire.description),
    (ARP, lambda data: arp_claim(data, "192.0.2.7")),
    (ADVERTISEMENT, lambda data: advertised(data, "2001:db8::7")),
]
EACH = pytest.mark.parametrize(
    ("good", "read"), READERS, ids=["netbios", "dns", "smb", "ssdp", "upnp", "arp", "nd"]
)


@EACH
def test_changed_bytes_are_read_or_refused(good: bytes, read: object) -> None:
    assert callable(read)
    understood = refused = 0
    for data in damaged(good):
        try:
            read(data)
            understood += 1
        except ValueError:
            refused += 1
    assert understood
    assert refused or good is DEVICE  # of a description, all that is not found is left out


@EACH
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(good: bytes, read: object, data: bytes) -> None:
    assert callable(read)
    for message in (data, good[:12] + data, good[: len(good) // 2] + data):
        try:
            read(message)
        except ValueError as reason:
            assert not isinstance(reason, UnicodeError)  # noqa: PT017  that would be a bug


@given(st.lists(st.tuples(st.integers(0, 9), st.binary(max_size=60)), max_size=40))
def test_any_pairs_in_a_challenge_are_bounded(pairs: list[tuple[int, bytes]]) -> None:
    body = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in pairs)
    at = CHALLENGE.index(smb_wire.SIGNATURE)
    head = bytearray(CHALLENGE[: at + 56])
    head[at + 40 : at + 48] = struct.pack("<HHI", len(body), len(body), 56)
    told = smb_wire.greeting(bytes(head) + body)
    assert len(told.computer) <= smb_wire.LONGEST
