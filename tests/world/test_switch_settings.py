from __future__ import annotations

from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.world.snmp_access import SnmpAccess
from whence.world.switch_settings import Login, SwitchSettings

FILE = """
[defaults]
community = "hush-hush"

[[switch]]
name = "core"
url = "snmp://192.0.2.1"

[[switch]]
url = "snmp://192.0.2.2:1161"
user = "reader"
auth = "sha256"
auth_password = "not for others"
privacy = "aes"

[[switch]]
url = "bridge:br0?namespace=office"
"""


def settings(tmp_path: Path, text: str, mode: int = 0o600, **more: str) -> SwitchSettings:
    file = tmp_path / "whence/switches.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return SwitchSettings.read({"XDG_CONFIG_HOME": str(tmp_path), **more})


def test_switches_of_a_file(tmp_path: Path) -> None:
    core, second, bridge = settings(tmp_path, FILE).switches
    assert isinstance(core.access, SnmpAccess)
    assert (core.way.name, core.access.version) == ("core", "2c")
    assert core.access.community.reveal() == "hush-hush"
    assert isinstance(second.access, SnmpAccess)
    assert (second.access.version, second.access.user, second.access.port) == ("3", "reader", 1161)
    assert str(bridge.way) == "bridge:br0?namespace=office"


def test_nothing_that_is_shown_or_kept_of_a_switch_has_its_secrets(tmp_path: Path) -> None:
    known = settings(tmp_path, FILE)
    shown = f"{known} {known.find('snmp://whisper@192.0.2.9')} {known.find('core').way}"
    for secret in ("hush-hush", "not for others", "whisper"):
        assert secret not in shown


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refused:
        settings(tmp_path, FILE, mode=0o640)
    assert "chmod 600" in refused.value.try_


@pytest.mark.parametrize(
    "text",
    [
        "what = 1",
        "[[switch]]\nurl = 7",
        "[[switch]]\nurl = 'snmp://x'\ncolour = 'red'",
        "[switch]\nurl = 'snmp://x'",
        "[[switch]]\nname = 'nothing else'",
        "defaults = 3",
        "][",
    ],
)
def test_settings_that_are_not_right_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings):
        settings(tmp_path, text)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    [only] = settings(
        tmp_path, FILE, WHENCE_SWITCHES="snmp://192.0.2.5", WHENCE_SNMP_COMMUNITY="louder"
    ).switches
    assert isinstance(only.access, SnmpAccess)
    assert (only.access.host, only.access.community.reveal()) == ("192.0.2.5", "louder")


def test_urls_of_switches() -> None:
    known = SwitchSettings((), {})
    given = known.find("snmp://c%40mmunity@[2001:db8::1]:1161?version=1")
    assert isinstance(given.access, SnmpAccess)
    assert (given.access.host, given.access.port) == ("2001:db8::1", 1161)
    assert (given.access.community.reveal(), given.access.version) == ("c@mmunity", "1")
    assert str(given.way) == "snmp:[2001:db8::1]:1161?version=1"
    third = known.find("snmp://reader@192.0.2.5?version=3&context=vrf-a").access
    assert isinstance(third, SnmpAccess)
    assert (third.user, third.context) == ("reader", "vrf-a")
    login = known.find("ssh://admin@192.0.2.3?platform=cisco_ios").access
    assert login == Login("192.0.2.3", None, "admin", "cisco_ios")
    assert known.find("192.0.2.4").way.scheme == "snmp"


@pytest.mark.parametrize(
    "url",
    [
        "snmp://",
        "snmp://secret@host:99999",
        "snmp://secret@host:0",
        "snmp://secret@host?version=4",
        "snmp://secret@host?colour=red",
        "snmp://secret:secret@host",
        "snmp://[secret",
        "telnet://secret@host",
        "bridge:",
        "bridge:-secret",
        "bridge:br0?namespace=--secret",
        "ssh://secret@host",
        "ssh://secret@-oProxyCommand?platform=cisco_ios",
        "snmp://secret@host?version=3&auth=rot13",
        "",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_what_is_secret(url: str) -> None:
    with pytest.raises(BadSettings) as refused:
        SwitchSettings((), {}).find(url)
    assert "secret" not in f"{refused.value} {refused.value.because}"


def test_a_community_goes_only_to_who_is_named_or_where_it_is_for_all(tmp_path: Path) -> None:
    nobody = settings(tmp_path, "")
    assert nobody.agent_at("192.0.2.7") is None
    one = settings(tmp_path, "[[switch]]\nurl = 'snmp://192.0.2.7:1161'\ncommunity = 'whisper'")
    known = one.agent_at("192.0.2.7")
    assert known
    assert (known.port, known.community.reveal()) == (1161, "whisper")
    assert one.agent_at("192.0.2.8") is None
    named = nobody.agent_at("192.0.2.8", ["snmp://loud@192.0.2.8"])
    assert named
    assert named.community.reveal() == "loud"
    everybody = settings(tmp_path, "[defaults]\ncommunity = 'office'").agent_at("2001:db8::7")
    assert everybody
    assert (everybody.host, everybody.community.reveal()) == ("2001:db8::7", "office")


def test_a_password_in_the_address_of_a_netbox_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = '[netbox]\nurl = "https://user:hunter2@netbox.example.net"\ntoken = "t"\n'
    with pytest.raises(BadSettings) as refused:
        settings(tmp_path, text)
    assert "a name or a password in it" in refused.value.because
    assert "hunter2" not in f"{refused.value} {refused.value.because} {refused.value.try_}"
    known = settings(tmp_path, text.replace("user:hunter2@", "")).netbox
    assert known
    assert known.url == "https://netbox.example.net"
