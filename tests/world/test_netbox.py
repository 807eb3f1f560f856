"""NetBox, by a double of its API: as it was up to 4.4, and as it is from 4.5 on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from whence.model import CannotAsk, NotPermitted, SwitchPort
from whence.model.cables import Stop
from whence.world import EPOCH
from whence.world.cable_plan import read_stop
from whence.world.netbox import NetBoxPlan
from whence.world.post import Secret
from whence.world.switch_settings import NetBoxLogin

Rows = dict[str, list[dict[str, Any]]]
TOKEN = "not-for-others"


def end(kind: str, number: int) -> dict[str, Any]:
    return {"object_type": f"dcim.{kind}", "object_id": number, "object": {"id": number}}


def named(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "display": name}


def office(*, many_rear_ports: bool) -> Rows:
    """A switch, a panel in the rack, and a box in the wall of a room."""
    panel, box = named(2, "PP-A"), named(3, "2.14")
    rear = (
        {"rear_ports": [{"position": 1, "rear_port": 21, "rear_port_position": 1}]}
        if many_rear_ports
        else {"rear_port": named(21, "R12")}
    )
    wall = (
        {"rear_ports": [{"position": 1, "rear_port": 31, "rear_port_position": 1}]}
        if many_rear_ports
        else {"rear_port": named(31, "R1")}
    )
    return {
        "interfaces": [
            {"id": 10, "name": "Gi1/0/7", "device": named(1, "sw1"), "cable": {"id": 100}},
            {"id": 11, "name": "Gi1/0/8", "device": named(1, "sw1"), "cable": None},
            {"id": 12, "name": "Gi1/0/9", "device": named(1, "sw1"), "cable": {"id": 102}},
            {"id": 13, "name": "eth0", "device": named(4, "printer"), "cable": {"id": 102}},
        ],
        "front_ports": [
            {"id": 20, "name": "12", "device": panel, "cable": {"id": 100}, **rear},
            {"id": 30, "name": "left", "device": box, "cable": None, **wall},
        ],
        "rear_ports": [
            {"id": 21, "name": "R12", "device": panel, "cable": {"id": 101}},
            {"id": 31, "name": "R1", "device": box, "cable": {"id": 101}},
        ],
        "cables": [
            {
                "id": 100,
                "a_terminations": [end("interface", 10)],
                "b_terminations": [end("frontport", 20)],
            },
            {
                "id": 101,
                "a_terminations": [end("rearport", 31)],
                "b_terminations": [end("rearport", 21)],
            },
            {
                "id": 102,
                "a_terminations": [end("interface", 12)],
                "b_terminations": [end("interface", 13)],
            },
        ],
        "devices": [
            {"id": 3, "name": "2.14", "location": named(7, "Room 214"), "site": named(8, "HQ")}
        ],
    }


@contextmanager
def netbox(tables: Rows, *, endless: bool = False) -> Iterator[str]:
    """Serve tables as NetBox does: /api/dcim/TABLE/?filter, with count and results."""

    class Double(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if self.headers.get("authorization") != f"Token {TOKEN}":
                return self._answer(403, {"detail": "Invalid token"})
            wanted = {name: values[0] for name, values in parse_qs(asked.query).items()}
            table = asked.path.strip("/").split("/")[-1].replace("-", "_")
            rows = [row for row in tables.get(table, []) if matches(row, wanted)]
            page: dict[str, Any] = {"count": len(rows), "next": None, "results": rows}
            if endless:
                again = f"http://{self.headers['host']}{asked.path}"
                page = {"count": 1000, "next": again, "results": [{"id": 1, "cable": None}]}
            return self._answer(200, page)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Double)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def matches(row: dict[str, Any], wanted: dict[str, str]) -> bool:
    rear = [one["rear_port"] for one in row.get("rear_ports", [])]
    rear += [row["rear_port"]["id"]] if "rear_port" in row else []
    tests: dict[str, Callable[[str], bool]] = {
        "id": lambda value: str(row["id"]) == value,
        "name": lambda value: row["name"] == value,
        "device": lambda value: row["device"]["name"] == value,
        "rear_port_id": lambda value: value in map(str, rear),
    }
    return all(tests[name](value) for name, value in wanted.items() if name in tests)


def way(url: str, port: str, token: str = TOKEN, switch: str = "sw1") -> list[Stop]:
    plan = NetBoxPlan(NetBoxLogin(url, Secret(token)), lambda: EPOCH)
    reading = plan.from_port(SwitchPort(switch, port))
    assert token not in reading.text + reading.source + reading.observer
    return [read_stop(line) for line in reading.lines() if line]


@pytest.mark.parametrize("many_rear_ports", [False, True], ids=["up to 4.4", "from 4.5 on"])
def test_the_way_goes_through_panels_to_the_box_in_the_wall(many_rear_ports: bool) -> None:
    with netbox(office(many_rear_ports=many_rear_ports)) as url:
        stops = way(url, "Gi1/0/7")
        assert [str(stop) for stop in stops] == [
            "switch port sw1 port Gi1/0/7",
            "panel PP-A port 12",
            "panel 2.14 port R1",
            "outlet 2.14 left",
            "room Room 214",
        ]


def test_a_way_that_ends_at_once_and_one_to_a_device() -> None:
    with netbox(office(many_rear_ports=True)) as url:
        assert [stop.kind for stop in way(url, "Gi1/0/8")] == ["switch port", "break"]
        assert str(way(url, "Gi1/0/9")[-1]) == "device printer port eth0"
        assert not way(url, "Gi9/9/9")


def test_cables_that_go_round_in_a_circle_end() -> None:
    tables = office(many_rear_ports=True)
    tables["cables"][1]["a_terminations"] = [end("frontport", 20)]
    with netbox(tables) as url:
        stops = way(url, "Gi1/0/7")
    assert "round in a circle" in stops[-1].name


def test_a_token_that_is_wrong_and_a_netbox_that_is_not_there() -> None:
    with netbox({}) as url:
        with pytest.raises(NotPermitted) as refused:
            way(url, "Gi1/0/7", "another")
        assert "another" not in f"{refused.value} {refused.value.because}"
    with pytest.raises(CannotAsk):
        way(url, "Gi1/0/7")


@pytest.mark.parametrize(
    ("switch", "port"),
    [
        ("sw1", "GigabitEthernet1/0/7"),
        ("sw1.example.net", "Gi1/0/7"),
        ("sw1.example.net", "gi1/0/07"),
    ],
)
def test_names_that_a_switch_spells_otherwise_are_found(switch: str, port: str) -> None:
    with netbox(office(many_rear_ports=True)) as url:
        stops = way(url, port, switch=switch)
    assert str(stops[-1]) == "room Room 214"


@pytest.mark.parametrize("cable", [5, [], "x"])
def test_what_is_no_netbox_is_said(cable: object) -> None:
    tables = office(many_rear_ports=True)
    tables["interfaces"][0]["cable"] = cable or ["odd"]
    with netbox(tables) as url, pytest.raises(CannotAsk, match="did not answer as a NetBox"):
        way(url, "Gi1/0/7")


def test_pages_without_an_end_are_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whence.world.netbox.MOST_ROWS", 30)
    with netbox({"interfaces": []}, endless=True) as url:
        stops = way(url, "Gi1/0/7")
    assert [stop.kind for stop in stops] == ["switch port", "break"]
