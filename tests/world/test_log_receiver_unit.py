from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.model.log_receiving import Certificate, LogSources, ReceiverSettings, SpoolLimits
from whence.world.log_receiver_unit import receiver_unit

ENV = Path("/usr/bin/env")
NETWORK = LogSources(udp=(("::", 514),), tcp=(("192.0.2.1", 5514),))
EVERYTHING = LogSources(
    udp=(("::", 514),),
    tls=(("::", 6514),),
    unix=("/run/whence/log",),
    files=("/var/log/net/*.log",),
    journal=True,
)

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


def unit(sources: LogSources, certificate: Certificate | None = None) -> str:
    settings = ReceiverSettings("/nowhere/spool", sources, certificate, SpoolLimits(floor=5))
    return receiver_unit(ENV, settings, rests_on=())


def analyze(unit: str, folder: Path, *arguments: str) -> str:
    path = folder / "whence-logs.service"
    path.write_text(unit)
    done = subprocess.run(
        ("systemd-analyze", *arguments, str(path)),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@needs_systemd
@pytest.mark.parametrize("sources", [NETWORK, EVERYTHING])
def test_systemd_finds_nothing_wrong_and_much_taken_away(
    sources: LogSources, tmp_path: Path
) -> None:
    certificate = Certificate("/etc/ssl/ours.pem", "/etc/ssl/ours.key") if sources.tls else None
    text = unit(sources, certificate)
    assert analyze(text, tmp_path, "verify", "--man=no") == ""
    told = analyze(text, tmp_path, "security", "--offline=true", "--no-pager")
    exposure = re.search(r"exposure level for .*: ([0-9.]+)", told)
    assert exposure
    assert float(exposure[1]) <= 3.5  # of 10; a unit without hardening has 9.6


def test_it_has_the_rights_that_its_sources_need_and_no_others() -> None:
    def rights(sources: LogSources) -> set[str]:
        return set(re.findall(r"CAP_\w+", unit(sources)))

    assert rights(LogSources(tcp=(("::", 5514),))) == set()
    assert rights(LogSources(tcp=(("::", 514),))) == {"CAP_NET_BIND_SERVICE"}
    assert rights(NETWORK) == {"CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN"}
    assert rights(LogSources(files=("/var/log/syslog",))) == {"CAP_DAC_READ_SEARCH"}


def test_what_was_asked_for_is_what_it_runs() -> None:
    line = next(line for line in unit(EVERYTHING).splitlines() if line.startswith("ExecStart="))
    assert line == (
        "ExecStart=/usr/bin/env logs receive --udp [::]:514 --tls [::]:6514"
        " --unix /run/whence/log --tail /var/log/net/*.log --journal --floor 5"
        " --state /var/lib/whence/logs"
    )


def test_a_key_stays_with_root_and_is_handed_over() -> None:
    text = unit(LogSources(tls=(("::", 6514),)), Certificate("/a.pem", "/a.key", "/ca.pem"))
    assert "LoadCredential=key:/a.key\n" in text
    assert "--key ${CREDENTIALS_DIRECTORY}/key" in text
    assert "--client-ca ${CREDENTIALS_DIRECTORY}/client-ca" in text
    assert "--key /a.key" not in text


def test_letters_that_systemd_reads_differently_are_refused() -> None:
    with pytest.raises(BadSettings):
        unit(LogSources(files=("/var/log/$(reboot).log",)))
