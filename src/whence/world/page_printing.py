"""A page on paper: PDF, made by what is installed for it.

WeasyPrint is a library (the extra ``pdf``) and is given no way to fetch anything. A browser of the
Chromium family does as well; it is started without network, scripts and profile of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from whence.model import CannotAsk

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PATIENCE = 60  # seconds
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",  # discard: even an address without a name leads nowhere
    "--blink-settings=scriptEnabled=false",
)


def printed(page: str) -> bytes:
    """Print a page, given as HTML.

    Raises
    ------
    CannotAsk
        If nothing is installed that can, or it fails.

    """
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError) as e:  # OSError: without Pango, which it loads
        because = f"WeasyPrint is not usable ({str(e).splitlines()[0]})"
    else:
        return _by_weasyprint(weasyprint, page)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise CannotAsk(
            "a PDF cannot be made here",
            because=f"{because}, and there is no Chromium",
            try_="pip install 'whence[pdf]' and apt install libpangoft2-1.0-0, or apt install "
            "chromium; or print the HTML form with any browser",
        )
    return _by_browser(browser, page)


def _by_weasyprint(weasyprint: Any, page: str) -> bytes:
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols={"data"})  # as the page's own policy
    document = weasyprint.HTML(string=page, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def _by_browser(browser: str, page: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="whence-") as folder:
        source, made = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, encoding="utf-8", errors="replace")
        options = [*OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")  # it refuses root otherwise; the page has no scripts
        process = subprocess.Popen(
            [browser, *options, source.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            status: int | None = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(process)
        if not made.is_file():
            took = f"{PATIENCE} s were not enough" if status is None else f"exit status {status}"
            raise CannotAsk(
                f"{browser} made no PDF", because=took, try_="pip install 'whence[pdf]'"
            )
        return made.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
