"""The way of a cable as NetBox has it, walked cable by cable.

NetBox traces cables itself, but only between two interfaces: a way that ends at an outlet gives
nothing there. Panels join a front port and a rear port; up to 4.4 a front port names its one rear
port (``rear_port``), from 4.5 on any number of them (``rear_ports``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from whence.model import CannotAsk, NotPermitted, Reading, SwitchPort
from whence.model.cables import Stop, plain_port, plain_switch
from whence.world.cable_plan import write_stop
from whence.world.contracts import Clock
from whence.world.switch_settings import NetBoxLogin

MOST = 20  # cables of one way: more go round in a circle
PATIENCE = 10  # seconds for an answer
PAGE = 500  # rows that are asked for at once
MOST_ROWS = 10_000  # of a question: no switch has as many ports

Row = dict[str, Any]
FRONT, REAR, INTERFACE = "dcim.frontport", "dcim.rearport", "dcim.interface"


class NetBoxPlan:
    """Asks a NetBox, which is only read."""

    def __init__(self, login: NetBoxLogin, now: Clock) -> None:
        self._login = login
        self._now = now

    def from_port(self, port: SwitchPort) -> Reading:
        """Give the way from a port, a stop a line.

        Raises
        ------
        CannotAsk
            If NetBox does not answer, or pynetbox is not installed.

        """
        try:
            stops = [*self._stops(port)]
        except (AttributeError, KeyError, TypeError) as e:  # a number where NetBox has an object
            raise CannotAsk(
                f"{self._login.url} did not answer as a NetBox", because=type(e).__name__
            ) from e
        text = "".join(f"{write_stop(stop)}\n" for stop in stops)
        return Reading(f"cables {port}", text, self._now(), self._login.url)

    def _stops(self, port: SwitchPort) -> Iterator[Stop]:
        tables = _Tables(self._login)
        interface = tables.interface(port.switch, port.port)
        if interface is None:
            return
        yield Stop("switch port", port.switch, port.port, "as NetBox has it")
        kind, here = INTERFACE, interface
        for _ in range(MOST):
            ends = tables.far_ends(kind, here)
            if not ends:
                yield from tables.end(kind, here)
                return
            doubts = (f"the cable has {len(ends)} far ends",) if len(ends) > 1 else ()
            kind, here = ends[0]
            yield _stop(kind, here, doubts)
            if kind not in (FRONT, REAR):
                return
            through = tables.through(kind, here)
            if not through:
                yield from tables.end(kind, here)
                return
            kind, here = through[0]
        yield Stop("break", f"the way has more than {MOST} cables: it goes round in a circle")


class _Tables:
    """What is asked of NetBox's tables, through pynetbox."""

    def __init__(self, login: NetBoxLogin) -> None:
        try:
            import pynetbox
            from requests import RequestException, Session
        except ModuleNotFoundError as e:
            raise CannotAsk(
                "NetBox cannot be asked",
                because=f"the package {e.name} is not installed",
                try_="pip install 'whence[netbox]'",
            ) from e

        class Patient(Session):
            """Waits no longer than is reasonable."""

            def request(self, *words: Any, **more: Any) -> Any:
                return super().request(*words, **{"timeout": PATIENCE, **more})

        self._login = login
        self._failures: tuple[type[Exception], ...] = (
            RequestException,
            pynetbox.ContentError,
            ValueError,
        )
        self._refusal = pynetbox.RequestError
        self._api = pynetbox.api(login.url, token=login.token.reveal() or None)
        self._api.http_session = Patient()

    def interface(self, device: str, name: str) -> Row | None:
        """Find an interface by the names of its device and its own, however they are spelled.

        A switch says that it is sw1.example.net and its port Gi1/0/7; in NetBox it may be sw1,
        and GigabitEthernet1/0/7.
        """
        has_domain = plain_switch(device) != device.casefold()
        names = [device, device.partition(".")[0]] if has_domain else [device]
        for one in dict.fromkeys(names):
            if found := self._filter("interfaces", device=one, name=name):
                return found[0]
            rows = self._filter("interfaces", device=one)
            wanted = plain_port(name)
            if alike := [row for row in rows if plain_port(str(row.get("name"))) == wanted]:
                return alike[0]
        return None

    def far_ends(self, kind: str, here: Row) -> list[tuple[str, Row]]:
        """Give what is at the other end of the cable of a port; nothing without a cable."""
        number = (here.get("cable") or {}).get("id")
        cable = self._get("cables", number) if number else None
        if cable is None:
            return []
        sides = [cable.get("a_terminations") or [], cable.get("b_terminations") or []]
        mine = [
            any(
                (end.get("object_type"), end.get("object_id")) == (kind, here["id"]) for end in side
            )
            for side in sides
        ]
        far = sides[1] if mine[0] else sides[0]
        found = ((str(end.get("object_type")), self._whole(end)) for end in far)
        return [(kind, row) for kind, row in found if row is not None]

    def through(self, kind: str, here: Row) -> list[tuple[str, Row]]:
        """Give the port on the other side of a panel."""
        if kind == FRONT:
            told = [one.get("rear_port") for one in here.get("rear_ports") or []]
            numbers = [_number(one) for one in told or [here.get("rear_port")]]
            rows = [(REAR, self._get("rear_ports", number)) for number in numbers if number]
        else:
            rows = [(FRONT, row) for row in self._filter("front_ports", rear_port_id=here["id"])]
        return [(side, row) for side, row in rows if row is not None]

    def end(self, kind: str, here: Row) -> Iterator[Stop]:
        """Say what the last port of a way is: an outlet in a room, or where the plan ends."""
        if kind == INTERFACE:
            yield Stop("break", "the plan ends at the switch: no cable is plugged in there")
            return
        device = self._get("devices", _number(here.get("device"))) or {}
        location = _name(device.get("location")) or _name(device.get("site"))
        yield Stop("outlet", f"{_name(here.get('device'))} {here.get('name', '')}".strip())
        if location:
            yield Stop("room", location)

    def _whole(self, end: Row) -> Row | None:
        tables = {FRONT: "front_ports", REAR: "rear_ports", INTERFACE: "interfaces"}
        table = tables.get(str(end.get("object_type")))
        inner = end.get("object")
        return self._get(table, end.get("object_id")) if table else inner

    def _get(self, table: str, number: int | None) -> Row | None:
        if not number:
            return None
        with_number = self._filter(table, id=number)
        return with_number[0] if with_number else None

    def _filter(self, table: str, **which: object) -> list[Row]:
        try:
            rows = getattr(self._api.dcim, table).filter(**which, limit=PAGE)
            return [dict(row) for row in islice(rows, MOST_ROWS)]
        except self._refusal as e:
            status = e.req.status_code
            kind = NotPermitted if status in (401, 403) else CannotAsk
            advice = "look at the token in switches.toml" if kind is NotPermitted else ""
            raise kind(
                "NetBox refused a question", because=f"HTTP status {status}", try_=advice
            ) from e
        except self._failures as e:
            raise CannotAsk(
                f"{self._login.url} did not answer as a NetBox", because=type(e).__name__
            ) from e


def _stop(kind: str, here: Row, doubts: tuple[str, ...]) -> Stop:
    device, port = _name(here.get("device")), str(here.get("name", ""))
    words = {FRONT: "panel", REAR: "panel"}
    return Stop(words.get(kind, "device"), device or kind, port, "", doubts)


def _name(told: object) -> str:
    return str(told.get("name") or told.get("display") or "") if isinstance(told, dict) else ""


def _number(told: object) -> int | None:
    """Give the id of a row, which is told as a number or as an object."""
    number = told.get("id") if isinstance(told, dict) else told
    return number if isinstance(number, int) else None
