"""Compile packet filters (`pcap-filter(7)`) with libpcap.

Only the compiler of libpcap is used: it turns an expression into a program of classic BPF, which
the native packet reader runs. No capture is opened, so no right is needed.
"""

import ctypes
from dataclasses import dataclass
from functools import cache

from whence.model.errors import BadInput, CannotAsk

_LIBRARIES = ("libpcap.so.0.8", "libpcap.so.1", "libpcap.so")
_UNKNOWN_NETMASK = 0xFFFFFFFF
_SNAP_LENGTH = 262_144

ETHERNET = 1
"""LINKTYPE_ETHERNET, https://www.tcpdump.org/linktypes.html."""

# LINKTYPE_ values of files are not the DLT_ values of libpcap where systems differ.
_RAW_LINKTYPES = {101: 12}


# Those that the native part reads, in `decode/links.rs`; one capture may have several.
_READ = (0, 1, 9, 10, 12, 14, 50, 51, 101, 105, 108, 113, 127, 192, 228, 229, 239, 276)

Program = tuple[tuple[int, int, int, int], ...]


class _Instruction(ctypes.Structure):
    """`struct bpf_insn` of pcap/bpf.h."""

    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    """`struct bpf_program` of pcap/bpf.h."""

    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


@dataclass(frozen=True, slots=True)
class PacketFilter:
    """An expression, and what libpcap made of it for one link type."""

    expression: str
    link: int
    program: Program


@cache
def _libpcap() -> ctypes.CDLL:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.pcap_open_dead.restype = ctypes.c_void_p
        library.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
        library.pcap_close.argtypes = (ctypes.c_void_p,)
        library.pcap_compile.argtypes = (
            ctypes.c_void_p,
            ctypes.POINTER(_Program),
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_uint32,
        )
        library.pcap_freecode.argtypes = (ctypes.POINTER(_Program),)
        library.pcap_geterr.restype = ctypes.c_char_p
        library.pcap_geterr.argtypes = (ctypes.c_void_p,)
        return library
    raise CannotAsk(
        "packets cannot be filtered",
        because="there is no libpcap to understand the filter",
        try_="apt-get install libpcap0.8",
    )


def compile_filter(expression: str, link: int = ETHERNET) -> PacketFilter:
    """Compile an expression for packets of one link type.

    `pcap_open_dead` and not `pcap_compile_nopcap`: the latter cannot say what is wrong.
    """
    library = _libpcap()
    handle = library.pcap_open_dead(_RAW_LINKTYPES.get(link, link), _SNAP_LENGTH)
    if not handle:
        raise CannotAsk(
            "packets cannot be filtered", because=f"link type {link} is unknown to libpcap"
        )
    program = _Program()
    try:
        text = expression.encode()
        if b"\0" in text:
            raise BadInput(
                f"{expression!r} is not a packet filter", because="it contains a zero byte"
            )
        if library.pcap_compile(handle, ctypes.byref(program), text, 1, _UNKNOWN_NETMASK) != 0:
            reason = library.pcap_geterr(handle).decode(errors="replace")
            raise BadInput(
                f"{expression!r} is not a packet filter", because=reason, try_="man 7 pcap-filter"
            )
        instructions = tuple(
            (one.code, one.jt, one.jf, one.k)
            for one in (program.instructions[at] for at in range(program.length))
        )
        library.pcap_freecode(ctypes.byref(program))
    finally:
        library.pcap_close(handle)
    return PacketFilter(expression, link, instructions)


def compile_by_link(expression: str, first: int = ETHERNET) -> dict[int, Program | None]:
    """Compile an expression for packets of each link type; none where it makes no sense.

    For the ``first`` it must.
    """
    programs: dict[int, Program | None] = {first: compile_filter(expression, first).program}
    for link in _READ:
        if link != first:
            try:
                programs[link] = compile_filter(expression, link).program
            except (BadInput, CannotAsk):
                programs[link] = None
    return programs
