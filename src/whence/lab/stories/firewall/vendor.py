"""The mystery: a vendor's program, shipped as a Debian package of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from whence.lab.building import CannotBuild, run
from whence.lab.stories.firewall.drawing import Drawn

DEBIAN_PYTHON = "/usr/bin/python3"
DEBIAN_PACKAGES = "/usr/lib/python3/dist-packages"
COMPILE = "import py_compile, sys; py_compile.compile(*sys.argv[1:], doraise=True)"

CONTROL = """\
Package: {package}
Version: 4.2.1-1
Architecture: all
Section: admin
Priority: optional
Maintainer: {company} Support <support@{vendor}.example>
Homepage: https://www.{vendor}.example/
Description: {company} host agent
 Keeps this host in touch with the {company} service.
"""

SETTINGS = """\
# {company} agent
[service]
endpoint = {remote}:{port}
tls = {tls}
timeout = 5
"""

STUB = """\
#!{python}
# Copyright {company}. All rights reserved.
import sys
{search}
from {module}.agent import main

sys.exit(main({settings!r}))
"""

DISGUISE = """\
#!{python}
import os

os.execv("{python}", ["[kworker/0:1]", "{script}"])
"""

AGENT = '''\
"""Speaks to the {company} service."""

import configparser
import socket
import ssl

GREETING = b"POST /v2/checkin HTTP/1.0\\r\\nUser-Agent: {package}/4.2.1\\r\\n\\r\\n"


def main(settings):
    parser = configparser.ConfigParser()
    parser.read(settings)
    service = parser["service"]
    address, _, port = service["endpoint"].rpartition(":")
    try:
        report(address, int(port), service.getboolean("tls"), service.getfloat("timeout"))
    except OSError:
        return 0  # the next run will tell
    return 0


def report(address, port, tls, timeout):
    service = socket.create_connection((address, port), timeout=timeout)
    if tls:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
        service = trust.wrap_socket(service)
    with service:
        service.sendall(GREETING)
        service.recv(4096)
'''

DAILY = """\
#!/bin/sh
# {company} agent, once a day
set -e
test -x {stub} || exit 0
{call}
"""

EVERY_MINUTE = """\
# {company} agent
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

* * * * * root test -x {stub} && {stub} >/dev/null 2>&1
"""
LINE_OF_THE_JOB = 5


def build_package(story: Drawn, folder: Path, tls: bool) -> Path:
    """Build the vendor's .deb in ``folder`` with dpkg-deb, and give its path."""
    python, place = home_of_python_code(story.vendor)
    words = {
        "company": story.vendor.capitalize(),
        "vendor": story.vendor,
        "package": story.package,
        "module": story.module,
        "remote": story.remote,
        "port": story.port,
        "stub": story.stub,
        "script": story.script,
        "settings": story.settings,
        "python": python,
        "search": "" if python == DEBIAN_PYTHON else f"\nsys.path.insert(0, {place!r})",
        "tls": "yes" if tls else "no",
        "call": f"exec {story.stub}" if story.becomes else f"{story.stub}\nexit 0",
    }
    daily = story.variant != "cron"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        root = Path(scratch, "root")
        write(root, "/DEBIAN/control", CONTROL.format_map(words))
        jobs = [*filter(None, (story.job_file, story.second_job))]
        write(root, "/DEBIAN/conffiles", "".join(f"{path}\n" for path in (story.settings, *jobs)))
        write(root, story.settings, SETTINGS.format_map(words))
        write(root, story.script, STUB.format_map(words), executable=True)
        if story.script != story.stub:
            write(root, story.stub, DISGUISE.format_map(words), executable=True)
        job = DAILY if daily else EVERY_MINUTE
        for path in jobs:
            write(root, path, job.format_map(words), executable=daily)
        code = root / place.lstrip("/") / story.module
        write_compiled(python, code / "__init__.pyc", "")
        write_compiled(python, code / "agent.pyc", AGENT.format_map(words))
        package = folder / f"{story.package}_4.2.1-1_all.deb"
        run(("dpkg-deb", "--root-owner-group", "--build", "-Znone", str(root), str(package)))
    return package


def home_of_python_code(vendor: str) -> tuple[str, str]:
    """Say which Python runs the vendor's program, and in which folder its code lies."""
    try:
        run((DEBIAN_PYTHON, "-I", "-c", "import configparser, socket, ssl"))
    except CannotBuild:
        base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        return str(base), f"/usr/lib/{vendor}/site-packages"
    return DEBIAN_PYTHON, DEBIAN_PACKAGES


def write(root: Path, path: str, text: str, executable: bool = False) -> None:
    """Write a file of the package."""
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755 if executable else 0o644)


def write_compiled(python: str, target: Path, source: str) -> None:
    """Write a module without its source: NAME.pyc beside no NAME.py."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = target.with_suffix(".py")
    text.write_text(source, encoding="utf-8")
    run((python, "-I", "-c", COMPILE, str(text), str(target), f"/build/{target.stem}.py"))
    text.unlink()
