"""A package that rpm really built and installed, asked about as on Fedora or SUSE."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
SPEC = """\
Name: whence-example
Version: 1.5
Release: 2
Summary: Asks an appliance how it is
License: none
Vendor: Example Ltd
URL: https://example.org/
BuildArch: noarch
%description
Asks an appliance how it is, once an hour.
%install
mkdir -p %{buildroot}/opt/whence-example/etc
printf '#!/bin/sh\\necho well\\n' > %{buildroot}/opt/whence-example/ask
chmod 755 %{buildroot}/opt/whence-example/ask
echo 192.0.2.77 > %{buildroot}/opt/whence-example/etc/ask.conf
%files
/opt/whence-example/ask
%config /opt/whence-example/etc/ask.conf
"""
# In a mount namespace of its own: neither the package nor its database is left behind.
ASK = """\
set -e
mkdir -p /var/lib/rpm /opt
mount -t tmpfs tmpfs /opt
mount -t tmpfs tmpfs /var/lib/rpm
rpmbuild --quiet -bb --define "_topdir $1" "$1/example.spec"
rpm --force-debian --nodeps -i "$1"/RPMS/noarch/*.rpm
"$2" program /opt/whence-example/ask --json
"$2" find 192.0.2.77 --program /opt/whence-example/ask --json
"$2" changes --window 1h --json
echo 'echo unwell' >> /opt/whence-example/ask
"$2" program /opt/whence-example/ask --json
"""

Told = list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("rpm")
    (folder / "example.spec").write_text(SPEC)
    # Debian's rpm would keep its packages in the home directory.
    (folder / ".rpmmacros").write_text("%_dbpath /var/lib/rpm\n")
    environment = os.environ | {"HOME": str(folder), "WHENCE_STATE": str(folder / "state")}
    asked = subprocess.run(
        ["unshare", "--mount", "sh", "-c", ASK, "sh", str(folder), WHENCE],
        capture_output=True, text=True, timeout=120, env=environment, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    return [json.loads(line) for line in asked.stdout.splitlines() if line]


def test_the_program_belongs_to_the_package_and_is_as_it_came(told: Told) -> None:
    facts = _facts(told[0])
    assert facts["belongs-to"] == "whence-example 1.5-2 (rpm)"
    assert facts["described-as"] == "Asks an appliance how it is"
    assert facts["agrees-with-package"] == "SHA-256 of whence-example"


def test_a_program_that_was_changed_is_told(told: Told) -> None:
    assert told[-1]["whence"]["verdict"] == "suspicious"
    facts = _facts(told[-1])
    assert facts["differs-from-package"].startswith("whence-example has the SHA-256 ")
    assert "agrees-with-package" not in facts


def test_the_setting_is_found_with_its_package(told: Told) -> None:
    (found,) = (line for line in told if line["event"].get("action") == "found")
    assert found["file"]["path"] == "/opt/whence-example/etc/ask.conf"
    assert found["whence"]["setting"]["package"] == "whence-example 1.5-2 (rpm)"


def test_that_it_was_installed_is_the_first_change(told: Told) -> None:
    (change,) = (line for line in told if line["event"].get("category") == ["package"]
                 and line["package"]["name"] == "whence-example")  # fmt: skip
    assert change["event"]["reason"] == "whence-example was put in: 1.5-2"
    assert change["whence"]["change"]["rank"] == 1


def _facts(line: dict[str, Any]) -> dict[str, str]:
    return {fact["relation"]: str(fact["value"]) for fact in line["whence"]["lineage"]}
