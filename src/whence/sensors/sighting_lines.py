"""Sightings as lines of JSON, fast: ancestors are written once and used for all their children."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from whence.model import ProcessRecord, Sighting, ecs

MOST = 512  # families that are kept


class _Family(NamedTuple):
    """A process and its ancestors, as they are written in every line about it."""

    lineage: tuple[ProcessRecord, ...]  # kept alive, so that no other takes over their ids
    view: msgspec.Raw  # what ecs.process_view makes of them
    records: list[msgspec.Raw]


class SightingLines:
    """Writes what ``ecs.encode(ecs.from_sighting(seen))`` does."""

    def __init__(self) -> None:
        self._families: OrderedDict[tuple[int, ...], _Family] = OrderedDict()

    def line(self, seen: Sighting) -> bytes:
        """Write a sighting; without the line feed."""
        document = ecs.from_connection(seen)
        maker = seen.maker
        document["whence"]["lineage"] = []
        if maker:
            family = self._family(seen.lineage)
            document["process"] = family.view
            document["whence"]["lineage"] = family.records
            if maker.user_id is not None:
                document["user"] = {"id": str(maker.user_id)}
        return msgspec.json.encode(document)

    def _family(self, lineage: tuple[ProcessRecord, ...]) -> _Family:
        key = tuple(map(id, lineage))
        known = self._families.get(key)
        if known:
            self._families.move_to_end(key)
            return known
        if len(self._families) >= MOST:
            self._families.popitem(last=False)
        family = self._families[key] = self._written(lineage)
        return family

    def _written(self, lineage: tuple[ProcessRecord, ...]) -> _Family:
        view = ecs.process_view(lineage[:1])
        records = [msgspec.Raw(msgspec.json.encode(lineage[0]))]
        if len(lineage) > 1:
            parents = self._family(lineage[1:])
            view["parent"] = parents.view
            records += parents.records
        return _Family(lineage, msgspec.Raw(msgspec.json.encode(view)), records)
