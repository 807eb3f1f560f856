"""A page becomes a PDF by what is installed, or the error says what to install."""

import re
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from whence.model import CannotAsk
from whence.world import page_printing
from whence.world.page_printing import printed

PAGE = '<!doctype html><html lang="en"><title>t</title><h1>One</h1><img src="http://127.0.0.1:{}/x.png">'


def without_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Any:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(page_printing, "import_module", refuse)


def test_weasyprint_makes_a_tagged_pdf_and_fetches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = printed(PAGE.format(server.getsockname()[1]))
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody called
    assert made.startswith(b"%PDF-")
    streams = re.findall(rb"stream\n(.*?)\nendstream", made, re.DOTALL)
    told = b"".join(zlib.decompress(stream) for stream in streams)
    assert b"/StructTreeRoot" in told  # tagged, for who has it read aloud


def browser(folder: Path, script: str) -> None:
    path = folder / "chromium"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_browser_does_it_where_there_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_weasyprint(monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    browser(tmp_path, 'for one; do case "$one" in --print-to-pdf=*) to="${one#*=}";; esac; done\n'
                      'printf "%%PDF-" > "$to"; printf "%s\\n" "$@" >> "$to"')  # fmt: skip
    made = printed(PAGE)
    assert made.startswith(b"%PDF-")
    for option in (b"--host-resolver-rules=MAP * ~NOTFOUND", b"scriptEnabled=false", b"file:///"):
        assert option in made


@pytest.mark.parametrize("script", ["exit 3", "sleep 600 & sleep 600"])
def test_a_browser_that_makes_nothing_is_told_of(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_weasyprint(monkeypatch)
    monkeypatch.setattr(page_printing, "PATIENCE", 0.3)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    browser(tmp_path, script)
    with pytest.raises(CannotAsk, match="made no PDF"):
        printed(PAGE)


def test_where_nothing_is_installed_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_weasyprint(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotAsk) as refused:
        printed(PAGE)
    assert "whence[pdf]" in refused.value.try_
    assert "chromium" in refused.value.try_
