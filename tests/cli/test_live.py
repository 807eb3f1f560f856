"""``whence live`` where there is no terminal."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.conftest import Whence
from whence import api
from whence.model import Flow

HTTPS = Flow("203.0.113.7", 443, transport="tcp")
AT = datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_what_was_seen_until_an_interrupt_is_told(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def live(**_: Any) -> Iterator[list[api.Talk]]:
        yield [api.Talk(None, HTTPS, AT, 3, 30, 30)]
        os.kill(os.getpid(), signal.SIGINT)
        yield [api.Talk(None, HTTPS, AT, 4, 40, 40)]
        raise AssertionError("goes on")

    monkeypatch.setattr(api, "live", live)
    status, told, _ = whence("live", "--for", "1h")
    assert status == 0
    assert "203.0.113.7" in told
    assert told.splitlines()[1].split()[-5:] == ["4", "40", "B", "40", "B"]
