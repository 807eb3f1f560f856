import pytest

from whence.model.systems import (
    Syn,
    families,
    system_by_class,
    system_by_request,
    system_by_syn,
)


@pytest.mark.parametrize(
    ("syn", "system"),
    [
        ("64:64240:1460:7:mss,sack,ts,nop,ws", "Linux or Android"),
        ("57:29200:1380:9:mss,sack,ts,nop,ws", "Linux or Android"),
        ("128:64240:1460:8:mss,nop,ws,nop,nop,sack", "Windows"),
        ("64:65535:1460:6:mss,nop,ws,nop,nop,ts,sack,eol", "macOS or iOS"),
        ("64:65535:1460:6:mss,nop,ws,sack,ts", "FreeBSD"),
        ("128:65535:1460:8:mss,nop,ws,sack,ts", "Windows"),
        ("64:16384:1460:6:mss,nop,nop,sack,nop,ws,nop,nop,ts", "OpenBSD"),
        ("43:1024:1460::mss", "a scanner such as nmap"),
        ("250:1024:::", "a scanner such as masscan or zmap"),
        ("255:5840:1460::mss", "a small device (lwIP, or Cisco IOS)"),
        ("200:64240:1460:8:mss,nop,ws,nop,nop,sack", ""),  # no system begins at 200
        ("64:64240:1460:7:ws,mss", ""),
        ("64:64240:::nop,mss!", ""),
        ("", ""),
        ("9" * 300, ""),
    ],
)
def test_systems_begin_connections_in_ways_of_their_own(syn: str, system: str) -> None:
    assert system_by_syn(syn) == system


def test_a_segment_without_options_is_read() -> None:
    assert Syn.read("64:1024:::") == Syn(64, 1024, None, None, "")


@pytest.mark.parametrize(
    ("options", "system"),
    [
        ("1,3,6,15,31,33,43,44,46,47,119,121,249,252", "Windows"),
        ("1,15,3,6,44,46,47,31,33,121,249,43", "Windows"),
        ("1,121,3,6,15,108,114,119,162,252,95,44,46", "macOS or iOS"),
        ("1,121,3,6,15,119,252", "macOS or iOS"),
        ("1,3,6,15,26,28,51,58,59,43,114,108", "Android"),
        ("1,28,2,3,15,6,119,12,44,47,26,121,42", "Linux (ISC dhclient)"),
        ("1,3,6,12,15,28,42", "a small device (udhcpc)"),
        ("1,3,6,12,15,28,42,43", ""),
        ("1,3", ""),
    ],
)
def test_clients_of_dhcp_ask_for_what_their_makers_chose(options: str, system: str) -> None:
    assert system_by_request(options) == system


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("MSFT 5.0", "Windows"),
        ("android-dhcp-13", "Android"),
        ("udhcp 1.35.0", "a small device (udhcpc)"),
        ("dhcpcd-9.4.1:Linux-5.10.0:x86_64:GenuineIntel", "Linux or Android"),
        ("Cisco Systems, Inc. IP Phone CP-7942G", "a telephone"),
        ("PXEClient:Arch:00000:UNDI:002001", "firmware that boots by network"),
        ("my own", ""),
    ],
)
def test_clients_of_dhcp_say_what_they_are(text: str, system: str) -> None:
    assert system_by_class(text) == system


def test_a_text_means_the_families_that_it_names() -> None:
    assert families("Linux, macOS, Android or BSD, by a time to live of 64") == {
        "linux",
        "apple",
        "bsd",
    }
    assert families("Windows 11") == {"windows"}
    assert families("a small device (lwIP, or Cisco IOS)") == frozenset()
