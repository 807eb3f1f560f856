"""Whose maker an organisation resembles, of what was recorded of a machine."""

from __future__ import annotations

from pathlib import Path

from tests.sensors.certificates import Authority
from whence.model import Confidence, Organisation, Package, Service
from whence.probes.resembles_card_maker import resembles_card_maker
from whence.probes.resembles_firmware_maker import resembles_firmware_maker
from whence.probes.resembles_local_authority import resembles_local_authority
from whence.probes.resembles_package_maker import resembles_package_maker
from whence.probes.resembles_unit_documentation import resembles_unit_documentation
from whence.world import RecordedHost

FORTIFIED = Organisation("Fortified Example Networks, Inc.", "fortified.example")
DPKG = "dpkg-query -W -f=${Package}\\t${Version}\\t${Maintainer}\\t${Homepage}\\t${Origin}\\n"
RPM = "rpm -qa --qf %{NAME}\\t%{VERSION}\\t%{VENDOR}\\t%{URL}\\t%{PACKAGER}\\n"
UNITS = "/etc/systemd/system"
DPKG_SAYS = (
    "adduser\t3.134\tDebian Adduser Developers <adduser@packages.debian.org>\t\t\n"
    "backup-agent\t4.2\tRelease Team <release@fortified.example>\thttps://www.fortified.example\t\n"
    "fortified-tools\t1\tSomebody <a@gmail.com>\t\tFortified Example Networks\n"
)


def test_a_package_is_found_by_domain_and_by_name_and_told_once() -> None:
    host = RecordedHost({"/var/lib/dpkg/status": "", DPKG: DPKG_SAYS})
    facts = [*resembles_package_maker(FORTIFIED, host)]
    assert [fact.value for fact in facts] == [
        Package("dpkg", "backup-agent", "4.2"), Package("dpkg", "fortified-tools", "1"),
    ]  # fmt: skip
    assert {fact.confidence for fact in facts} == {Confidence.POSSIBLE}
    assert facts[0].evidence[0].line == 2


def test_packages_of_rpm_have_a_vendor() -> None:
    kernel = "kernel\t5\tRed Hat, Inc.\thttps://www.kernel.org\t(none)\n"
    said = kernel + "nobody\t1\t(none)\t(none)\t(none)\n"
    host = RecordedHost({"/var/lib/rpm/Packages.db": "", RPM: said})
    [fact] = resembles_package_maker(Organisation("RED-HAT-INC"), host)
    assert str(fact.value) == "kernel 5 (rpm)"


def test_a_machine_without_packages_has_no_maker_of_one() -> None:
    assert not [*resembles_package_maker(FORTIFIED, RecordedHost())]


def test_the_maker_of_the_firmware_is_found() -> None:
    host = RecordedHost({"/sys/class/dmi/id/bios_vendor": "Fortified Example Networks\n"})
    [fact] = resembles_firmware_maker(FORTIFIED, host)
    assert fact.value == "this machine's firmware (Fortified Example Networks)"


def test_the_documentation_of_a_unit_is_found() -> None:
    command = f"grep -rsH --include=*.service ^Documentation=http {UNITS}"
    line = f"{UNITS}/agent.service:Documentation=http://[ man:x https://docs.fortified.example/\n"
    [fact] = resembles_unit_documentation(FORTIFIED, RecordedHost({command: line}))
    assert fact.value == Service("here", "systemd", "agent.service")


def test_an_authority_that_somebody_added_is_found(tmp_path: Path) -> None:
    pem = Path(Authority(tmp_path, "Fortified Example Networks").certificate).read_text()
    folder = "/usr/local/share/ca-certificates"
    host = RecordedHost(
        {f"{folder}/a.crt": pem, f"{folder}/b.crt": "-----BEGIN", f"{folder}/c": pem}
    )
    [fact] = resembles_local_authority(FORTIFIED, host)
    assert f"{folder}/a.crt" in str(fact.value)


def test_the_maker_of_a_network_card() -> None:
    block = (
        '{"maker": "Fortified Example Networks", "block": "00:14:22", "registry": "MA-L", '
        '"date": "2026-08-26"}'
    )
    host = RecordedHost({
        "/sys/class/net/eno1/address": "00:14:22:01:23:45\n",
        "/sys/class/net/lo/address": "00:00:00:00:00:00\n",
        "/sys/class/net/veth1/address": "9a:14:22:01:23:45\n",  # made up by the machine itself
        "maker of 00:14:22:01:23:45": block,
    })  # fmt: skip
    (fact,) = resembles_card_maker(FORTIFIED, host, host)
    assert fact.value == "the network card eno1 (Fortified Example Networks)"
    assert fact.confidence is Confidence.POSSIBLE
