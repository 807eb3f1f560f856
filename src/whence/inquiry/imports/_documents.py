"""Rows as ECS documents: what an import would take in, one a line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from whence.inquiry.imports._ends import address, number
from whence.model.ecs import Document, time_text
from whence.model.reported import (
    Altered,
    Contained,
    InCluster,
    Lookup,
    Pairing,
    Placed,
    Row,
    Socket,
    Started,
    Traffic,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document(row: Row, host: str, moment: int) -> Document:
    """Write a row; ``moment`` is for those that have no time of their own.

    Of a socket, the source is the end on the machine itself: who called, a table of sockets does
    not tell. What ECS has no name for stands under ``whence``.
    """
    told: Document = {"@timestamp": _time(moment), "event": {"kind": "event"}}
    match row:
        case Socket():
            told |= _socket(row, moment)
        case Traffic():
            told |= _traffic(row)
        case Started():
            told |= _start(row)
        case Pairing():
            told |= _pairing(row, moment)
        case Placed():
            told |= _placed(row)
        case Contained():
            told |= _contained(row)
        case InCluster():
            told |= _in_cluster(row)
        case Lookup():
            told |= _lookup(row)
        case Altered():
            told |= _altered(row)
    name = getattr(row, "host", "") or host
    if name:
        told.setdefault("host", {})["name"] = name
        told["observer"] = {"name": name}
    told["whence"] = {"confidence": "reported", **told.get("whence", {})}
    return told


def _socket(row: Socket, moment: int) -> Document:
    family = address(row.local or row.remote or "")
    told: Document = {
        "@timestamp": _time(row.at if row.at is not None else moment),
        "event": {"kind": "state", "category": ["network"], "type": ["info"]},
        "network": _filled(
            transport=row.transport, type=None if family is None else _family(family)
        ),
        "whence": {
            "socket": {
                "state": row.state,
                "listening": row.listening,
                "components": list(row.components),
                "owner": str(row.owner),
                "local": {"address": row.local, "port": row.local_port},
                "remote": {"address": row.remote, "port": row.remote_port},
            },
            "look": row.look,
        },
    }
    if row.listening:
        told["event"]["action"] = "listening"
    if source := _end(row.local, row.local_port):
        told["source"] = source
    if destination := _end(row.remote, row.remote_port):
        told["destination"] = destination
    if row.pid is not None or row.program:
        told["process"] = _filled(pid=row.pid, name=row.program, executable=row.program)
    if row.components:
        told["service"] = {"name": row.components[0]}
    if row.user:
        told["user"] = {"name": row.user}
    if row.sharers:
        told["whence"]["also_held_by"] = [{"pid": pid, "name": name} for pid, name in row.sharers]
    return told


def _traffic(row: Traffic) -> Document:
    told: Document = {
        "@timestamp": _time(row.first),
        "event": _filled(
            kind="alert" if row.action == "alert" else "event",
            category=["network"],
            type=["connection"],
            action=row.action,
            start=_time(row.first),
            end=_time(row.last),
            duration=(row.last - row.first) * 1000 if row.last > row.first else None,
        ),
        "network": _filled(
            transport=row.transport,
            type=_family(row.source),
            protocol=row.application,
            bytes=(row.bytes_sent + row.bytes_received) or None,
            packets=(row.packets_sent + row.packets_received) or None,
            direction={True: "ingress", False: "egress", None: None}[row.incoming],
        ),
        "source": _counted(row.source, row.source_port, row.bytes_sent, row.packets_sent),
        "destination": _counted(
            row.destination, row.destination_port, row.bytes_received, row.packets_received
        ),
        "whence": _filled(
            state=row.state, answered=row.answered, flags=row.flags, interface=row.interface
        ),
    }
    if row.name:
        told["destination"]["domain"] = row.name
    if row.detail:
        told["rule"] = {"name": row.detail}
    if row.process:
        told["process"] = _process(row.process)
        if row.process.user:
            told["user"] = {"name": row.process.user}
    return told


def _start(row: Started) -> Document:
    told: Document = {
        "@timestamp": _time(row.at),
        "event": {"kind": "event", "category": ["process"], "type": ["start"]},
        "process": _process(row),
    }
    if row.user:
        told["user"] = {"name": row.user}
    return told


def _process(row: Started, depth: int = 4) -> Document:
    told = _filled(
        pid=row.pid,
        entity_id=row.guid,
        name=re.split(r"[\\/]", row.program)[-1],
        executable=row.program,
        command_line=row.command_line,
        working_directory=row.working_directory,
        start=None if row.began is None else _time(row.began),
    )
    if row.parent and depth:
        told["parent"] = _process(row.parent, depth - 1)
    return told


def _pairing(row: Pairing, moment: int) -> Document:
    mac = row.mac.replace(":", "-").upper()
    return {
        "@timestamp": _time(row.at if row.at is not None else moment),
        "event": {"kind": "state", "category": ["network", "host"], "type": ["info"]},
        "host": _filled(ip=[row.ip], mac=[mac] if mac else [], hostname=row.name),
        "whence": _filled(
            station=_filled(ip=row.ip, mac=row.mac, name=row.name),
            state=row.state,
            interface=row.interface,
            ends=None if row.ends is None else _time(row.ends),
        ),
    }


def _placed(row: Placed) -> Document:
    told: Document = {
        "event": {"kind": "state", "category": ["network", "host"], "type": ["info"]},
        "host": {"mac": [row.mac.replace(":", "-").upper()]},
        "whence": _filled(mac=row.mac, port=row.port, vlan=row.vlan, status=row.status),
    }
    if row.vlan is not None:
        told["network"] = {"vlan": {"id": str(row.vlan)}}
    told["interface"] = {"name": row.port}
    return told


def _contained(row: Contained) -> Document:
    """Write a container under ``container``, and a pod under ``orchestrator``."""
    told: Document = {
        "event": {"kind": "state", "category": ["host"], "type": ["info"]},
        "whence": _filled(
            station=_filled(ip=row.ip, mac=row.mac, name=row.pod or row.name),
            container=_filled(
                image=row.image,
                node=row.node,
                network=row.network,
                shares_network=row.shares_network or None,
                began=None if row.began is None else _time(row.began),
            ),
            state=row.state,
        ),
    }
    mac = row.mac.replace(":", "-").upper()
    if row.ip or mac:
        told["host"] = _filled(ip=[row.ip] if row.ip else [], mac=[mac] if mac else [])
    image = {"name": row.image} if row.image else None
    if row.pod:
        namespace, _, name = row.pod.rpartition("/")
        told["orchestrator"] = {
            "type": "kubernetes",
            **_filled(namespace=namespace),
            "resource": _filled(type="pod", name=name, ip=[row.ip] if row.ip else []),
        }
        if image:
            told["container"] = {"image": image}
    else:
        told["container"] = _filled(
            id=row.identifier, name=row.name, runtime=row.runtime, image=image
        )
    return told


def _in_cluster(row: InCluster) -> Document:
    namespace, _, name = row.name.rpartition("/")
    return {
        "event": {"kind": "state", "category": ["host"], "type": ["info"]},
        "host": {"ip": [row.ip]},
        "orchestrator": {
            "type": "kubernetes",
            **_filled(namespace=namespace),
            "resource": {"type": row.kind, "name": name, "ip": [row.ip]},
        },
        "whence": _filled(
            station={"ip": row.ip, "name": row.name},
            cluster=_filled(sort=row.sort, ports=[*row.ports] or None, pods=row.pods),
            state=row.state,
        ),
    }


def _lookup(row: Lookup) -> Document:
    told: Document = {
        "@timestamp": _time(row.at),
        "event": {"kind": "event", "category": ["network"], "type": ["info", "protocol"]},
        "network": {"protocol": "dns"},
        "dns": _filled(
            question={"name": row.name},
            answers=[{"data": answer} for answer in row.answers],
            resolved_ip=list(row.answers),
        ),
    }
    if row.client:
        told["source"] = {"address": row.client, "ip": row.client}
    if row.process:
        told["process"] = _process(row.process)
    return told


def _altered(row: Altered) -> Document:
    told: Document = {
        "@timestamp": _time(row.at),
        "event": {
            "kind": "event",
            "category": ["package" if row.kind == "package" else "configuration"],
            "type": ["change"],
            "reason": row.what,
        },
        "whence": {"change": {"kind": row.kind, "things": list(row.things)}},
    }
    if row.kind == "package" and row.things:
        told["package"] = {"name": row.things[0]}
    first = row.things[0] if row.things else ""
    if first.startswith("HK"):
        told["registry"] = {"path": first}
    elif first[1:3] == ":\\":
        told["file"] = {"path": first}
    elif row.kind == "unit" and first:
        told["service"] = {"name": first}
    if row.who:
        told["user"] = {"id" if row.who.startswith("S-1-") else "name": row.who}
    return told


def _end(host: str | None, port: str | None) -> Document:
    """Write an end that may hold names: as it stands, and as an IP address if it is one."""
    told: Document = {}
    if host is not None:
        told["address"] = host
        plain = address(host)
        told |= {"ip": plain} if plain else {"domain": host}
    if port is not None:
        known = number(port)
        told["port"] = port if known is None else known
    return told


def _counted(host: str, port: int | None, size: int, packets: int) -> Document:
    told: Document = {"address": host, "ip": host}
    if port is not None:
        told["port"] = port
    if size or packets:
        told |= {"bytes": size, "packets": packets}
    return told


def _family(text: str) -> str:
    return "ipv6" if ":" in text else "ipv4"


def _time(micros: int) -> str:
    try:
        return time_text(_EPOCH + timedelta(microseconds=micros))
    except OverflowError:
        return time_text(_EPOCH)


def _filled(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
