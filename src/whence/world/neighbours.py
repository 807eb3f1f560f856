"""The machines on the links of this one: what the kernel knows of them, and what they answer."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict

from whence.model import CannotAsk, Reading
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world import dns_wire, netbios_wire, ssdp_wire
from whence.world.claimants import claimants, rows
from whence.world.contracts import Clock
from whence.world.links import Link, known_neighbours, links_to
from whence.world.neighbour_datagrams import Conversation, Sent
from whence.world.neighbour_streams import device_description, smb_greeting

Row = dict[str, object]
SECONDS = 0.9  # that a machine has to answer; multicast DNS waits up to half of one: RFC 6762 6
SSDP_SECONDS = 1.3  # it waits up to MX seconds, and we ask for 1: UPnP DA 1.1 1.3.2
NETBIOS, MDNS, LLMNR, SSDP = 137, 5353, 5355, 1900  # ports
MDNS_GROUPS = {4: "224.0.0.251", 6: "ff02::fb"}
LLMNR_GROUPS = {4: "224.0.0.252", 6: "ff02::1:3"}
SSDP_GROUPS = {4: "239.255.255.250", 6: "ff02::c"}
FRESH = 1.0  # seconds in which the kernel is not asked again
MOST_DESCRIPTIONS = 2  # that a device is asked for


class ThisNeighbours:
    """A ``world.Neighbours`` that asks.

    Questions that are put ``together`` to a machine are sent when the first of them is asked, so
    that one is waited for once that stays silent, and not once for each. Addresses that mean
    another machine on each link are those of one ``link``, if it is named.
    """

    def __init__(
        self,
        observer: str,
        clock: Clock,
        together: Sequence[NeighbourQuestion] = (),
        link: str = "",
    ) -> None:
        self._observer = observer
        self._clock = clock
        self._together = together
        self._link = link
        self._known: tuple[float, Reading] | None = None
        self._coming: dict[tuple[NeighbourQuestion, str], Future[Reading]] = {}

    def known(self) -> Reading:
        """Give what the kernel knows; see ``links.known_neighbours``.

        To look takes a thread for each namespace, and several questions in a row want to know.
        """
        now = time.monotonic()
        if self._known is None or now - self._known[0] > FRESH:
            self._known = now, known_neighbours(self._observer, self._clock, self._link)
        return self._known[1]

    def ask(self, question: NeighbourQuestion, address: str) -> Reading:
        """Put a question to the machine at an address, on each link where that may be."""
        if question in self._together and (question, address) not in self._coming:
            with ThreadPoolExecutor(len(self._together)) as pool:
                for one in self._together:
                    self._coming[one, address] = pool.submit(self._asked, one, address)
        coming = self._coming.pop((question, address), None)
        return coming.result() if coming else self._asked(question, address)

    def _asked(self, question: NeighbourQuestion, address: str) -> Reading:
        found: list[Row] = []
        dropped: Counter[str] = Counter()
        for link in links_to(address, self._link):
            try:
                found += ASKING[question](address, link, dropped)
            except OSError as e:
                raise CannotAsk(
                    f"{address} could not be asked", because=e.strerror or str(e)
                ) from e
        if dropped:
            found.append({"dropped": dict(dropped)})
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in found)
        return Reading(f"{question} {address}", text, self._clock(), self._observer)


def _who_has(address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
    claims = claimants(address, link)
    yield from rows(address, claims)
    dropped += claims.dropped


def _netbios(address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
    number = _number()
    asking = Conversation(link, address)
    question = Sent(netbios_wire.node_status_question(number), NETBIOS)
    for heard in asking.answers([question], SECONDS):
        status = asking.understood(heard, lambda data: netbios_wire.node_status(data, number))
        if isinstance(status, netbios_wire.NodeStatus):
            for name in status.names:
                yield asdict(name) | {"meaning": name.meaning}
            yield {"mac": status.mac, "ttl": heard.ttl}
            break
    yield from _end(asking, dropped)


def _reverse(port: int, groups: dict[int, str]) -> Callable[..., Iterator[Row]]:
    def ask(address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
        number = _number()
        group = groups[6 if ":" in address else 4]
        asking = Conversation(link, address)
        question = dns_wire.reverse_question(address, number, unicast_reply=port == MDNS)
        sent = [Sent(question, port), Sent(question, port, group)]
        for heard in asking.answers(sent, SECONDS):
            names = asking.understood(
                heard, lambda data: dns_wire.pointed_names(data, address, (number, 0))
            )
            if isinstance(names, list) and names:
                yield from ({"name": name, "ttl": heard.ttl} for name in names)
                break
        yield from _end(asking, dropped)

    return ask


def _ssdp(address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
    group = SSDP_GROUPS[6 if ":" in address else 4]
    asking = Conversation(link, address)
    sent = [Sent(ssdp_wire.search(address, ssdp_wire.EVERYTHING), SSDP)]
    sent.append(Sent(ssdp_wire.search(group, ssdp_wire.ROOT), SSDP, group))
    told: dict[str, Row] = {}
    for heard in asking.answers(sent, SSDP_SECONDS):
        said = asking.understood(heard, ssdp_wire.answer)
        if isinstance(said, dict) and said:
            told.setdefault(said.get("location", ""), said | {"ttl": heard.ttl})
    yield from told.values()
    for location in [*told][:MOST_DESCRIPTIONS]:
        yield from _described(location, address, link, dropped)
    yield from _end(asking, dropped)


def _described(location: str, address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
    where = ssdp_wire.own_path(location, address)
    if where is None:
        if location:
            dropped["descriptions elsewhere, which are not fetched"] += 1
        return
    try:
        said = ssdp_wire.description(device_description(link, address, *where))
    except (OSError, ValueError) as reason:
        dropped[f"no description: {reason}"] += 1
        return
    if said:
        yield {"described": said}


def _smb(address: str, link: Link, dropped: Counter[str]) -> Iterator[Row]:
    try:
        said = asdict(smb_greeting(link, address))
    except ConnectionRefusedError:
        yield {"refused": True}
    except TimeoutError:
        return  # a firewall, or nobody: silence
    except (ValueError, ConnectionResetError) as reason:
        dropped[f"not understood: {reason}"] += 1
    else:
        yield {name: value for name, value in said.items() if value}


def _end(asking: Conversation, dropped: Counter[str]) -> Iterator[Row]:
    dropped += asking.dropped
    if asking.refused or asking.absent:
        yield {"refused": asking.refused, "absent": asking.absent}


def _number() -> int:
    """Choose the number of a question; who cannot hear it cannot answer in another's place."""
    return 1 + int.from_bytes(os.urandom(2), "big") % 0xFFFF


ASKING: dict[NeighbourQuestion, Callable[[str, Link, Counter[str]], Iterator[Row]]] = {
    NeighbourQuestion.WHO_HAS: _who_has,
    NeighbourQuestion.NETBIOS: _netbios,
    NeighbourQuestion.MDNS: _reverse(MDNS, MDNS_GROUPS),
    NeighbourQuestion.LLMNR: _reverse(LLMNR, LLMNR_GROUPS),
    NeighbourQuestion.SSDP: _ssdp,
    NeighbourQuestion.SMB: _smb,
}
