"""A filter of packet sockets, narrowed by one that the user wrote (``pcap-filter(7)``).

libpcap compiles the expression for cooked captures (LINKTYPE_LINUX_SLL2), whose header says what
the kernel knows of every packet. Loads from that header become the kernel's own fields, and loads
behind it are counted from the network layer, as libpcap itself does for cooked sockets
(``fix_offset`` in its pcap-linux.c). So one filter serves every interface, and packets in a VLAN
whose tag the card took away are seen like others. What only a link layer has, MAC addresses and
VLAN numbers, libpcap refuses for such packets.
"""

from __future__ import annotations

from dataclasses import replace

from whence.model import BadInput
from whence.world.packet_filter import ANCILLARY, MOST, NETWORK, Filter, Instruction
from whence.world.packet_filters import compile_filter

COOKED = 276  # LINKTYPE_LINUX_SLL2
_HEADER = 20  # bytes of it
_KNOWN = {0: ANCILLARY, 4: ANCILLARY + 8, 10: ANCILLARY + 4}  # protocol, interface, direction
_CLASS, _MODE = 0x07, 0xE0  # masks of a code, linux/bpf_common.h
_LOADS = (0x00, 0x01)  # BPF_LD, BPF_LDX
_FROM_PACKET = (0x20, 0x40, 0xA0)  # BPF_ABS, BPF_IND, BPF_MSH
_LENGTH = 0x80  # BPF_LEN
_JUMP, _RETURN = 0x05, 0x06  # BPF_JMP|BPF_JA, BPF_RET|BPF_K


def check_expression(expression: str) -> None:
    """See whether an expression can narrow a capture.

    Raises
    ------
    BadInput
        If libpcap does not understand it, or it asks what a capture does not know.
    CannotAsk
        If there is no libpcap.

    """
    _program(expression)


def narrowed(which: Filter, expression: str) -> Filter:
    """Let through what both a filter and the expression let through.

    Raises
    ------
    BadInput, CannotAsk
        As ``check_expression``; and if both together are too long.

    """
    if not expression.strip():
        return which
    own = _program(expression)
    # Where the user's program would accept, it goes on with the other; the places stay the same.
    chained = [
        (_JUMP, 0, 0, len(own) - at - 1) if one[0] == _RETURN and one[3] else one
        for at, one in enumerate(own)
    ]
    program = (*chained, *which.program)
    if len(program) > MOST:
        raise BadInput(
            "this filter is too long",
            because=f"it would have {len(program)} instructions, the kernel takes {MOST}",
        )
    both = f"({which.expression}) and ({expression})" if which.expression else expression
    return replace(which, program=program, expression=both)


def _program(expression: str) -> tuple[Instruction, ...]:
    compiled = compile_filter(expression, COOKED)
    return tuple(
        _from_network(one, at, len(compiled.program), expression)
        for at, one in enumerate(compiled.program)
    )


def _from_network(one: Instruction, at: int, length: int, expression: str) -> Instruction:
    code, yes, no, operand = one
    if code == _JUMP and operand >= length - at:  # it leads back: a loop, as protochain makes
        raise _refused(expression, "it goes round in a loop, which the kernel does not take")
    if code & _CLASS not in _LOADS:
        return one
    mode = code & _MODE
    if mode == _LENGTH:
        raise _refused(expression, "lengths of packets (len, less, greater) differ by interface")
    if mode not in _FROM_PACKET:
        return one
    if operand >= _HEADER:
        return code, yes, no, NETWORK + operand - _HEADER
    if operand in _KNOWN:
        return code, yes, no, _KNOWN[operand]
    raise _refused(expression, "it looks at a part of the link layer that a capture has not")


def _refused(expression: str, because: str) -> BadInput:
    return BadInput(
        f"{expression!r} cannot narrow a capture",
        because=because,
        try_="capture without it, and filter the files: whence flows FILE --filter …",
    )
