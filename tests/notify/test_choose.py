from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.notify.seen import sighting
from tests.notify.servers import listening, port_of
from whence.model import BadSettings, WhenceError
from whence.notify.choose import channels, notifier
from whence.notify.settings import Settings

PAGE = Path(__file__).parents[2] / "docs/how-to/be-notified.md"


def test_a_channel_is_found_by_being_there() -> None:
    assert {channel.section for channel in channels()} == {"mail", "webhook", "syslog"}


def test_each_way_to_notify_is_on_the_page() -> None:
    page = PAGE.read_text()
    for channel in channels():
        assert f"[{channel.section}]" in page
        for scheme in channel.schemes:
            assert f"{scheme}:" in page


def test_an_address_leads_to_its_channel() -> None:
    said: list[WhenceError] = []
    with listening(socket.SOCK_DGRAM) as server:
        url = f"syslog://127.0.0.1:{port_of(server)}"
        with notifier(url, Settings("fw1"), said.append) as telling:
            telling.tell(sighting())
            assert b"vendor-check" in server.recv(65536)
    assert said == []


@pytest.mark.parametrize("url", ["gopher://example.org", "admin@example.org", "", "https"])
def test_no_way_to_notify(url: str) -> None:
    with pytest.raises(BadSettings, match="no") as told:
        notifier(url, Settings("fw1"), list[WhenceError]().append)
    assert "mailto:" in told.value.try_


def test_a_section_that_nothing_reads() -> None:
    settings = Settings("fw1", sections={"mial": {}})
    with pytest.raises(BadSettings, match=r"section \[mial\]"):
        notifier("syslog:", settings, list[WhenceError]().append)
