"""Filters of packet sockets, made of what is looked for. Pure.

Classic BPF (Documentation/networking/filter.rst). Headers are addressed from where the kernel
says they begin, so that one filter serves sockets with and without the link-layer header, and
interfaces of all kinds. Each filter also says itself in the words of pcap-filter(7).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whence.model import BadInput
from whence.model.capture import Pattern

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand

MOST = 4096  # instructions, BPF_MAXINSNS of linux/bpf_common.h
NETWORK, LINK, ANCILLARY = -0x100000, -0x200000, -0x1000  # SKF_NET_OFF, SKF_LL_OFF, SKF_AD_OFF
_PROTOCOL, _DIRECTION, _INTERFACE = ANCILLARY, ANCILLARY + 4, ANCILLARY + 8  # SKF_AD_ of filter.h
LOOPBACK = 1  # its number, in every network namespace
SENT = 4  # PACKET_OUTGOING of linux/if_packet.h
_LOAD, _LOAD_AT = 0x20, 0x40  # BPF_LD|BPF_W|BPF_ABS, BPF_IND; plus _HALF or _BYTE
_HALF, _BYTE = 0x08, 0x10
_EQUAL, _SET = 0x15, 0x45  # BPF_JMP with BPF_JEQ, BPF_JSET
_RETURN, _STORE, _RECALL, _RECALL_INDEX = 0x06, 0x02, 0x60, 0x61
_TO_INDEX, _ADD_INDEX, _SET_INDEX, _AND, _SHIFT = 0x07, 0x0C, 0x01, 0x54, 0x64
_TYPE, _OFFSET = 0, 1  # scratch memory: the ethertype, and how many bytes of tags precede IP

IPV4, ARP, IPV6, VLAN, QINQ = 0x0800, 0x0806, 0x86DD, 0x8100, 0x88A8
LATER_FRAGMENT = 0x1FFF
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "ipv6-icmp": 58}
WITH_PORTS = ("tcp", "udp", "sctp")


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: for the kernel, and for people."""

    program: tuple[Instruction, ...]
    expression: str  # pcap-filter(7); empty: everything

    def packed(self) -> bytes:
        """Write the program as an array of struct sock_filter."""
        return b"".join(
            struct.pack("=HBBI", code, yes, no, operand & 0xFFFFFFFF)
            for code, yes, no, operand in self.program
        )


@dataclass(frozen=True, slots=True)
class _Test:
    """Loads a value and compares it: with any of the values, or with a mask where that is given."""

    load: tuple[Instruction, ...]
    values: tuple[int, ...] = ()
    mask: int = 0
    wanted: bool = True


def everything(largest: int, interfaces: Sequence[int] = ()) -> Filter:
    """Let every packet through, of some interfaces only where they are given."""
    return Filter(_assembled([()], largest, interfaces), "")


def matching(patterns: Iterable[Pattern], largest: int, interfaces: Sequence[int] = ()) -> Filter:
    """Let through what any of the patterns describes, and at most ``largest`` bytes of it.

    ARP and neighbour discovery about a wanted address are let through as well, and so are the
    later fragments, in which no ports are.

    Raises
    ------
    BadInput
        If there is none, or there are too many.

    """
    # A load beyond the packet ends the whole filter: a link layer is not everywhere, so MACs last.
    wanted = sorted(set(patterns), key=lambda pattern: (bool(pattern.mac), pattern))
    if not wanted:
        raise BadInput("there is nothing to make a filter of", try_="give an address or a port")
    chains = [chain for pattern in wanted for chain in _chains(pattern)]
    program = _assembled(chains, largest, interfaces)
    if len(program) > MOST:
        raise BadInput(
            "these are too many addresses for one filter",
            because=f"it would have {len(program)} instructions, the kernel takes {MOST}",
        )
    return Filter(program, " or ".join(_expression(pattern) for pattern in wanted))


def _assembled(
    chains: Sequence[Sequence[_Test]], largest: int, interfaces: Sequence[int]
) -> tuple[Instruction, ...]:
    program = [*_each_once(), *_only_interfaces(interfaces), *_find_network_layer()]
    for chain in chains:
        program += _chain(chain, largest)
    return (*program, (_RETURN, 0, 0, 0))


def _each_once() -> Iterator[Instruction]:
    """Leave out what is sent on the loopback interface: it comes in again."""
    yield _LOAD, 0, 0, _INTERFACE
    yield _EQUAL, 0, 3, LOOPBACK
    yield _LOAD, 0, 0, _DIRECTION
    yield _EQUAL, 0, 1, SENT
    yield _RETURN, 0, 0, 0


def _only_interfaces(interfaces: Sequence[int]) -> Iterator[Instruction]:
    if not interfaces:
        return
    yield _LOAD, 0, 0, _INTERFACE
    for left, index in reversed([*enumerate(reversed(interfaces))]):
        yield _EQUAL, left + 1, 0, index
    yield _RETURN, 0, 0, 0


def _find_network_layer() -> Iterator[Instruction]:
    """Step over at most two VLAN tags; keep the ethertype and how many bytes they take."""
    yield _SET_INDEX, 0, 0, 0
    yield _LOAD, 0, 0, _PROTOCOL
    yield _EQUAL, 1, 0, VLAN
    yield _EQUAL, 0, 5, QINQ
    yield _SET_INDEX, 0, 0, 4
    yield _LOAD | _HALF, 0, 0, NETWORK + 2
    yield _EQUAL, 0, 2, VLAN
    yield _SET_INDEX, 0, 0, 8
    yield _LOAD | _HALF, 0, 0, NETWORK + 6
    yield _STORE, 0, 0, _TYPE
    yield 0x03, 0, 0, _OFFSET  # stx


def _chain(tests: Sequence[_Test], largest: int) -> list[Instruction]:
    """All tests after one another; the first that fails leads behind the end."""
    parts = [_Part(test) for test in tests]
    length = sum(part.length for part in parts) + 1
    at = 0
    made: list[Instruction] = []
    for part in parts:
        at += part.length
        made += part.instructions(beyond=length - at)
    return [*made, (_RETURN, 0, 0, largest)]


class _Part:
    """The instructions of one test."""

    def __init__(self, test: _Test) -> None:
        self._test = test
        self.length = 1 + len(test.load) + (1 if test.mask else len(test.values))

    def instructions(self, beyond: int) -> list[Instruction]:
        """Write them; ``beyond`` is how far the end of the chain is behind the last of them."""
        made: list[Instruction] = [(_RECALL_INDEX, 0, 0, _OFFSET), *self._test.load]
        if self._test.mask:
            jumps = (0, beyond) if self._test.wanted else (beyond, 0)
            return [*made, (_SET, *jumps, self._test.mask)]
        last = len(self._test.values) - 1
        for number, value in enumerate(self._test.values):
            made.append((_EQUAL, last - number, 0 if number < last else beyond, value))
        return made


def _at(offset: int, size: int = 0) -> tuple[Instruction, ...]:
    return ((_LOAD_AT | size, 0, 0, NETWORK + offset),)


def _in_transport(offset: int, size: int) -> tuple[Instruction, ...]:
    """Load from behind an IPv4 header, whose length its first byte tells."""
    return (
        (_LOAD_AT | _BYTE, 0, 0, NETWORK),
        (_AND, 0, 0, 15),
        (_SHIFT, 0, 0, 2),
        (_ADD_INDEX, 0, 0, 0),
        (_TO_INDEX, 0, 0, 0),
        (_LOAD_AT | size, 0, 0, NETWORK + offset),
    )


def _type_is(number: int) -> _Test:
    return _Test(((_RECALL, 0, 0, _TYPE),), (number,))


def _address_is(offset: int, address: str) -> list[_Test]:
    if not address:
        return []
    packed = ipaddress.ip_address(address).packed
    words = struct.unpack(f"!{len(packed) // 4}I", packed)
    return [_Test(_at(offset + 4 * number), (word,)) for number, word in enumerate(words)]


def _chains(pattern: Pattern) -> Iterator[list[_Test]]:
    if pattern.mac:
        yield from _of_mac(pattern.mac)
        return
    versions = {ipaddress.ip_address(end).version for end in (pattern.address, pattern.peer) if end}
    if 6 not in versions:
        yield from _of_ipv4(pattern)
    if 4 not in versions:
        yield from _of_ipv6(pattern)


def _of_ipv4(pattern: Pattern) -> Iterator[list[_Test]]:
    for own, other in ((12, 16), (16, 12)):
        base = [
            _type_is(IPV4),
            *_address_is(own, pattern.address),
            *_address_is(other, pattern.peer),
            *_protocol_is(9, pattern),
        ]
        ports = _ports(pattern, own == 12)
        yield (
            base
            + ([_Test(_at(6, _HALF), mask=LATER_FRAGMENT, wanted=False)] if ports else [])
            + [_Test(_in_transport(at, _HALF), (port,)) for at, port in ports]
        )
        if ports and pattern.address:
            yield [*base, _Test(_at(6, _HALF), mask=LATER_FRAGMENT)]
    if pattern.address and not pattern.peer:
        for at in (14, 24):  # sender and target, RFC 826
            yield [_type_is(ARP), *_address_is(at, pattern.address)]


def _of_ipv6(pattern: Pattern) -> Iterator[list[_Test]]:
    for own, other in ((8, 24), (24, 8)):
        ends = [
            _type_is(IPV6),
            *_address_is(own, pattern.address),
            *_address_is(other, pattern.peer),
        ]
        ports = _ports(pattern, own == 8)
        yield (
            ends
            + _protocol_is(6, pattern)
            + [_Test(_at(40 + at, _HALF), (port,)) for at, port in ports]
        )
        if pattern.address and (ports or pattern.transport):
            yield [*ends, _Test(_at(6, _BYTE), (44,))]  # a fragment
    if pattern.address and not pattern.peer:
        yield [  # neighbour solicitation and advertisement, RFC 4861 4.3
            _type_is(IPV6),
            _Test(_at(6, _BYTE), (58,)),
            _Test(_at(40, _BYTE), (135, 136)),
            *_address_is(48, pattern.address),
        ]


def _ports(pattern: Pattern, is_source: bool) -> list[tuple[int, int]]:
    own, other = (0, 2) if is_source else (2, 0)
    return [(at, port) for at, port in ((own, pattern.port), (other, pattern.peer_port)) if port]


def _protocol_is(offset: int, pattern: Pattern) -> list[_Test]:
    if pattern.transport:
        return [_Test(_at(offset, _BYTE), (_number(pattern.transport),))]
    if pattern.port or pattern.peer_port:
        return [_Test(_at(offset, _BYTE), tuple(PROTOCOLS[name] for name in WITH_PORTS))]
    return []


def _number(transport: str) -> int:
    return PROTOCOLS[transport] if transport in PROTOCOLS else int(transport)


def _of_mac(mac: str) -> Iterator[list[_Test]]:
    packed = bytes.fromhex(mac.replace(":", ""))
    high, low = struct.unpack("!IH", packed)
    for at in (6, 0):
        yield [
            _Test(((_LOAD, 0, 0, LINK + at),), (high,)),
            _Test(((_LOAD | _HALF, 0, 0, LINK + at + 4),), (low,)),
        ]


def _expression(pattern: Pattern) -> str:
    if pattern.mac:
        return f"ether host {pattern.mac}"
    ports = pattern.port or pattern.peer_port
    if not (ports or pattern.peer or pattern.transport):
        return f"host {pattern.address}{_discovery(pattern.address)}"
    ways = " or ".join(f"({_one_way(pattern, way)})" for way in (("src", "dst"), ("dst", "src")))
    return f"({ways}{_discovery(pattern.address) if not pattern.peer else ''})"


def _one_way(pattern: Pattern, way: tuple[str, str]) -> str:
    own, other = way
    words = [f"{own} host {pattern.address}"] if pattern.address else []
    words += [f"{other} host {pattern.peer}"] if pattern.peer else []
    if pattern.transport:
        words.append(f"ip proto {_number(pattern.transport)} or ip6 proto "
                     f"{_number(pattern.transport)}")  # fmt: skip
        words[-1] = f"({words[-1]})"
    ports = [f"{own} port {pattern.port}"] if pattern.port else []
    ports += [f"{other} port {pattern.peer_port}"] if pattern.peer_port else []
    if ports and pattern.address:
        words.append(f"({' and '.join(ports)} or {_fragment(pattern.address)})")
    else:
        words += ports
    return " and ".join(words)


def _fragment(address: str) -> str:
    return "ip6[6] = 44" if ":" in address else "ip[6:2] & 0x1fff != 0"


def _discovery(address: str) -> str:
    if not address:
        return ""
    if ":" not in address:
        return f" or arp host {address}"
    words = struct.unpack("!4I", ipaddress.ip_address(address).packed)
    target = " and ".join(f"ip6[{48 + 4 * i}:4] = {word:#x}" for i, word in enumerate(words))
    return f" or (ip6[6] = 58 and (ip6[40] = 135 or ip6[40] = 136) and {target})"
