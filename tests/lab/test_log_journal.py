"""The real journal of systemd, in a namespace of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

JOURNALD = "/lib/systemd/systemd-journald"
INSIDE = textwrap.dedent("""
    import subprocess, sys, time
    from pathlib import Path
    from tests.sensors.log_receiver import receiving, texts
    from whence.model.log_receiving import LogSources

    def say(*lines):
        text = "\\n".join(lines) + "\\n"
        subprocess.run(["systemd-cat", "-t", "app", "-p", "err"], input=text, text=True, check=True)

    journald = subprocess.Popen([sys.argv[1]])
    try:
        while not Path("/run/systemd/journal/stdout").exists():
            time.sleep(0.05)
        spool, lines = Path("/run/spool"), [f"line {number}" for number in range(200)]
        with receiving(spool, LogSources(journal=True)) as running:
            time.sleep(0.5)
            say(*lines[:100])
            running.wait_for_messages(100)
            running.kill()
        say(*lines[100:150])
        with receiving(spool, LogSources(journal=True)) as running:
            say(*lines[150:])
            running.wait_for_messages(200)
            running.finish()
        found = texts(spool)
        assert [text[text.index("line ") :] for text in found] == lines, found
        assert found[0].startswith("<11>1 ") and " app " in found[0], found[0]
    finally:
        journald.terminate()
        journald.wait()
""")


def test_each_entry_of_the_journal_is_received_once(tmp_path: Path) -> None:
    code = tmp_path / "inside.py"
    code.write_text(INSIDE)
    shell = (
        "mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && "
        f'mkdir -p /run/log/journal && PYTHONPATH=. exec "{sys.executable}" {code} {JOURNALD}'
    )
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", shell],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
