"""The machines on the links of another machine, as far as its kernel knows them."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from whence.model import CannotAsk, Reading
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world.contracts import Clock
from whence.world.links import OWN
from whence.world.ssh_host import SshHost

NEIGHBOURS, ADDRESSES = ("ip", "-json", "-s", "neigh"), ("ip", "-json", "addr")


class SshNeighbours:
    """A ``world.Neighbours`` that knows, and that sends nothing: it has no words for that there."""

    def __init__(self, host: SshHost, now: Clock) -> None:
        self._host = host
        self._now = now

    def known(self) -> Reading:
        """Give what the kernel there knows, without other namespaces; see ip-neighbour(8)."""
        rows = [
            {
                "ip": own.get("local", ""), "mac": link.get("address", ""), "state": OWN,
                "interface": link.get("ifname", ""), "prefix": own.get("prefixlen", 0),
                "namespace": "",
            }
            for link in self._told(*ADDRESSES)
            for own in link.get("addr_info", [])
        ]  # fmt: skip
        for told in self._told(*NEIGHBOURS):
            states = told.get("state") or ["NONE"]
            rows.append(
                {
                    "ip": told.get("dst", ""), "mac": told.get("lladdr", ""),
                    "state": str(states[0]), "interface": told.get("dev", ""),
                    "age": told.get("confirmed", 0), "router": "router" in told, "namespace": "",
                }
            )  # fmt: skip
        text = "".join(f"{json.dumps(row)}\n" for row in rows if row["ip"])
        return Reading("neighbours", text, self._now(), self._host.name)

    def ask(self, question: NeighbourQuestion, address: str) -> Reading:
        """Refuse: to ask a neighbour takes packets that whence makes itself."""
        raise CannotAsk(
            f"{address} was not asked ({question})",
            because=f"neighbours are asked from where whence runs, and not from {self._host.name}",
            try_="run whence on a machine of that network",
        )

    def _told(self, *argv: str) -> list[dict[str, Any]]:
        try:
            return msgspec.json.decode(
                self._host.run(*argv).text or "[]", type=list[dict[str, Any]]
            )
        except msgspec.DecodeError as e:
            raise CannotAsk(f"{argv[0]} of {self._host.name} gave no JSON", because=str(e)) from e
