"""Programs in the kernel: load them, attach them, read what they write. Through libbpf.

Only what libbpf 0.8 to 1.x have in common is called, so that the library of the distribution
serves; https://libbpf.readthedocs.io/en/latest/api.html names the functions.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from ctypes import (
    CFUNCTYPE,
    byref,
    c_char_p,
    c_int,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from whence.model import CannotAsk, NotPermitted
from whence.world.capabilities import CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON

LIBRARIES = ("libbpf.so.1", "libbpf.so.0")
BTF = "/sys/kernel/btf/vmlinux"
RIGHTS = "run it as root, or give it CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"
_ESCAPED = re.compile(r"\\([0-7]{3})")  # blanks in mountinfo: proc_pid_mountinfo(5)
TO_CGROUP = ("cgroup", "sockops")  # how the sections of programs that a cgroup runs begin
ITERATOR = "iter"
TCX_INGRESS, TCX_EGRESS = 46, 47  # enum bpf_attach_type of include/uapi/linux/bpf.h
STOP = -errno.ECANCELED  # what the ring's callback returns to be called later again
TRACEPOINT = 23  # BPF_TRACE_RAW_TP of include/uapi/linux/bpf.h
NOTHING: Mapping[str, Sequence[str]] = {}
AT_ONCE = 8192  # records that one poll of a ring may bring

_PRINT = CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)
_SAMPLE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t)

_POINTERS = {
    "bpf_object__open_mem": (c_void_p, c_size_t, c_void_p),
    "bpf_object__next_program": (c_void_p, c_void_p),
    "bpf_object__find_map_by_name": (c_void_p, c_char_p),
    "bpf_object__find_program_by_name": (c_void_p, c_char_p),
    "bpf_program__attach": (c_void_p,),
    "bpf_program__attach_cgroup": (c_void_p, c_int),
    "bpf_program__attach_iter": (c_void_p, c_void_p),
    "ring_buffer__new": (c_int, _SAMPLE, c_void_p, c_void_p),
}
_NUMBERS = {
    "bpf_object__load": (c_void_p,),
    "bpf_program__set_autoload": (c_void_p, ctypes.c_bool),
    "libbpf_find_vmlinux_btf_id": (c_char_p, c_int),
    "bpf_object__close": (c_void_p,),
    "bpf_map__fd": (c_void_p,),
    "bpf_map__set_max_entries": (c_void_p, c_uint32),
    "bpf_map__key_size": (c_void_p,),
    "bpf_map__value_size": (c_void_p,),
    "bpf_link__destroy": (c_void_p,),
    "bpf_link__fd": (c_void_p,),
    "bpf_iter_create": (c_int,),
    "bpf_link_create": (c_int, c_int, c_int, c_void_p),
    "bpf_program__fd": (c_void_p,),
    "bpf_map_update_elem": (c_int, c_void_p, c_void_p, c_uint64),
    "bpf_map_lookup_elem": (c_int, c_void_p, c_void_p),
    "bpf_map_lookup_and_delete_elem": (c_int, c_void_p, c_void_p),
    "bpf_map_lookup_batch": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "bpf_map_lookup_and_delete_batch": (
        c_int,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
        c_void_p,
    ),
    "ring_buffer__poll": (c_void_p, c_int),
    "ring_buffer__consume": (c_void_p,),
    "ring_buffer__free": (c_void_p,),
    "libbpf_num_possible_cpus": (),
}


class _LastWords:
    """What libbpf last said, kept off the terminal: the reason to give when it fails."""

    def __init__(self) -> None:
        self.text = ""
        self.receive = _PRINT(self._receive)

    def _receive(self, level: int, text: bytes, arguments: int | None) -> int:
        line = _formatted(text, arguments)
        if level == 0 and line:
            self.text = line
        return 0


_last_words = _LastWords()


@cache
def libbpf() -> Any:
    """Load the system's libbpf.

    Raises
    ------
    CannotAsk
        If it is not installed.

    """
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name, use_errno=True)
        except OSError:
            continue
        for functions, result in ((_POINTERS, c_void_p), (_NUMBERS, c_int)):
            for function, arguments in functions.items():
                getattr(library, function).argtypes = arguments
                getattr(library, function).restype = result
        library.bpf_program__section_name.argtypes = (c_void_p,)
        library.bpf_program__section_name.restype = c_char_p
        library.libbpf_set_print(_last_words.receive)
        return library
    raise CannotAsk("libbpf is not installed", try_="apt-get install libbpf1")


def packaged(package: str, name: str) -> bytes:
    """Read an object that was installed with a package; nothing if it was not built."""
    try:
        return (resources.files(package) / name).read_bytes()
    except FileNotFoundError:
        return b""


class BpfMap:
    """A map of a loaded object; keys and values are bytes, laid out as in its C source."""

    def __init__(self, file: int, key_size: int, value_size: int) -> None:
        self.key_size = key_size
        self.value_size = value_size
        self._file = file
        self._library = libbpf()

    def get(self, key: bytes) -> bytes | None:
        """Give the value of a key, or None."""
        value = ctypes.create_string_buffer(self.value_size)
        found = self._library.bpf_map_lookup_elem(self._file, key, value)
        return None if found else value.raw

    def take(self, key: bytes) -> bytes | None:
        """Remove a key and give the value it had at that moment, or None."""
        value = ctypes.create_string_buffer(self.value_size)
        failed = self._library.bpf_map_lookup_and_delete_elem(self._file, key, value)
        return None if failed else value.raw

    def items(self, at_once: int = 4096) -> Iterator[tuple[bytes, bytes]]:
        """Yield what the map holds; what changes meanwhile may come twice or not at all."""
        return self._batches(self._library.bpf_map_lookup_batch, at_once)

    def drain(self, at_once: int = 4096) -> Iterator[tuple[bytes, bytes]]:
        """Yield what the map holds, and empty it; nobody else should write to it meanwhile."""
        return self._batches(self._library.bpf_map_lookup_and_delete_batch, at_once)

    def put(self, key: bytes, value: bytes) -> None:
        """Set the value of a key; for a map of maps, only once the old one is out of use."""
        failed = self._library.bpf_map_update_elem(self._file, key, value, 0)
        if failed:
            raise OSError(-failed, os.strerror(-failed))

    @property
    def file(self) -> int:
        """The descriptor, which another process may be given."""
        return self._file

    @property
    def reference(self) -> bytes:
        """What stands for this map as a value of a map of maps."""
        return struct.pack("=i", self._file)

    def _batches(self, function: Any, at_once: int) -> Iterator[tuple[bytes, bytes]]:
        keys = ctypes.create_string_buffer(at_once * self.key_size)
        values = ctypes.create_string_buffer(at_once * self.value_size)
        position, count, last = c_uint32(0), c_uint32(0), False
        start = None
        while not last:
            count.value = at_once
            failed = function(self._file, start, byref(position), keys, values, byref(count), None)
            last = bool(failed)  # -ENOENT: these were the last
            if failed and failed != -errno.ENOENT:
                raise OSError(-failed, os.strerror(-failed))
            start = byref(position)
            found = count.value
            yield from zip(
                _cut(ctypes.string_at(keys, found * self.key_size), self.key_size),
                _cut(ctypes.string_at(values, found * self.value_size), self.value_size),
                strict=True,
            )

    def sum(self, index: int) -> int:
        """Add up a counter that every processor keeps for itself."""
        values = (c_uint64 * self._library.libbpf_num_possible_cpus())()
        self._library.bpf_map_lookup_elem(self._file, byref(c_uint32(index)), values)
        return sum(values)


def _cut(joined: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(joined), size):
        yield joined[at : at + size]


class Ring:
    """A ring buffer that programs in the kernel write to."""

    def __init__(self, file: int) -> None:
        self._library = libbpf()
        self._records: list[bytes] = []
        self._sample = _SAMPLE(self._receive)  # must live as long as the ring
        self._ring = self._library.ring_buffer__new(file, self._sample, None, None)
        if not self._ring:
            raise _refused("could not map the ring buffer", ctypes.get_errno())

    def poll(self, seconds: float) -> list[bytes]:
        """Give what was written, oldest first; wait at most so long for the first record."""
        self._records = []
        self._library.ring_buffer__poll(self._ring, int(seconds * 1000))
        return self._records

    def gather(self, seconds: float) -> list[bytes]:
        """Give what was written, also where the programs in the kernel wake nobody up for it."""
        self._records = []
        self._library.ring_buffer__poll(self._ring, int(seconds * 1000))
        self._library.ring_buffer__consume(self._ring)
        return self._records

    def close(self) -> None:
        """Unmap it."""
        self._library.ring_buffer__free(self._ring)
        self._ring = None

    def _receive(self, _context: int, data: int, size: int) -> int:
        self._records.append(ctypes.string_at(data, size))
        return STOP if len(self._records) >= AT_ONCE else 0


class Bpf(Protocol):
    """What a sensor asks of a loaded object; a test hands in a recording."""

    def attach(self) -> None:
        """Attach every program that is not an iterator, and is not attached."""
        ...

    def detach(self, section: str) -> None:
        """Detach a program until ``attach`` is called again."""
        ...

    def iterate(self, program: str) -> bytes:
        """Run an iterator and give what it wrote."""
        ...

    def map(self, name: str) -> BpfMap:
        """Give a map."""
        ...

    def ring(self, name: str) -> Ring:
        """Open a ring buffer."""
        ...

    def close(self) -> None:
        """Detach and unload everything."""
        ...


class BpfObject:
    """A loaded object. The kernel detaches and unloads it at the latest when the process ends."""

    def __init__(
        self,
        image: bytes,
        cgroup: int = -1,
        *,
        instead: Mapping[str, Sequence[str]] = NOTHING,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        """Load the object's programs; those for cgroups will be attached to the given one.

        ``sizes`` says of maps how many entries they are to have, instead of what the source says.

        Raises
        ------
        NotPermitted, CannotAsk
            If the kernel refuses the object.

        """
        self._library = libbpf()
        self._cgroup = cgroup
        self._links: dict[str, int] = {}
        self._interfaces: list[int] = []
        self._rings: list[Ring] = []
        _last_words.text = ""
        self._object = self._library.bpf_object__open_mem(image, len(image), None)
        if not self._object:
            raise _refused("this is not an object that libbpf can read", ctypes.get_errno())
        for name, size in (sizes or {}).items():
            self._library.bpf_map__set_max_entries(self._map(name), size)
        self._left_out = {*self._unneeded(instead)}
        failed = self._library.bpf_object__load(self._object)
        if failed:
            self.close()
            raise _refused("the kernel did not take the eBPF programs", -failed)
        ctypes.CDLL(None).malloc_trim(0)  # what libbpf held of the kernel's types, some MB

    def attach(self) -> None:
        """Attach every program that is not an iterator, and is not attached.

        Raises
        ------
        NotPermitted, CannotAsk
            If one of them could not be attached; then none is.

        """
        for program, section in self._programs():
            if section.startswith(ITERATOR) or section in {*self._left_out, *self._links}:
                continue
            if section.startswith(TO_CGROUP):
                link = self._library.bpf_program__attach_cgroup(program, self._cgroup)
            else:
                link = self._library.bpf_program__attach(program)
            if not link:
                reason = ctypes.get_errno()
                self._detach()
                raise _refused(f"could not attach to {section}", reason)
            self._links[section] = link

    def detach(self, section: str) -> None:
        """Detach a program, named by its section, until ``attach`` is called again."""
        if section in self._links:
            self._library.bpf_link__destroy(self._links.pop(section))

    def iterate(self, program: str) -> bytes:
        """Run an iterator and give what it wrote.

        Raises
        ------
        NotPermitted, CannotAsk
            If the kernel does not run it.

        """
        found = self._library.bpf_object__find_program_by_name(self._object, program.encode())
        link = self._library.bpf_program__attach_iter(found, None)
        if not link:
            raise _refused(f"could not run the iterator {program}", ctypes.get_errno())
        try:
            file = self._library.bpf_iter_create(self._library.bpf_link__fd(link))
            if file < 0:
                raise _refused(f"could not run the iterator {program}", -file)
            with os.fdopen(file, "rb") as written:
                return written.read()
        finally:
            self._library.bpf_link__destroy(link)

    def attach_to_interface(self, program: str, interface: int, hook: int) -> None:
        """Attach a program to an interface by tcx; it is detached with the object.

        Raises
        ------
        NotPermitted, CannotAsk
            If the kernel does not do it: before 6.6 it has no tcx.

        """
        link = self._library.bpf_link_create(self.program(program), interface, hook, None)
        if link < 0:
            raise _refused("could not attach to the interface", -link)
        self._interfaces.append(link)

    def program(self, name: str) -> int:
        """Give the file descriptor of a program, by its name in the C source."""
        found = self._library.bpf_object__find_program_by_name(self._object, name.encode())
        if not found:
            raise KeyError(name)
        file: int = self._library.bpf_program__fd(found)
        return file

    def map(self, name: str) -> BpfMap:
        """Give a map by its name in the C source."""
        found = self._map(name)
        return BpfMap(
            self._library.bpf_map__fd(found),
            self._library.bpf_map__key_size(found),
            self._library.bpf_map__value_size(found),
        )

    def ring(self, name: str) -> Ring:
        """Open a ring buffer by its name in the C source."""
        ring = Ring(self._library.bpf_map__fd(self._map(name)))
        self._rings.append(ring)
        return ring

    def close(self) -> None:
        """Detach and unload everything."""
        for ring in self._rings:
            ring.close()
        self._rings = []
        self._detach()
        if self._object:
            self._library.bpf_object__close(self._object)
            self._object = None

    def _detach(self) -> None:
        for section in [*self._links]:
            self.detach(section)
        for link in self._interfaces:
            os.close(link)
        self._interfaces = []

    def _map(self, name: str) -> int:
        found: int | None = self._library.bpf_object__find_map_by_name(self._object, name.encode())
        if not found:
            raise KeyError(name)
        return found

    def _unneeded(self, instead: Mapping[str, Sequence[str]]) -> Iterator[str]:
        for tracepoint, others in instead.items():
            found = self._library.libbpf_find_vmlinux_btf_id(tracepoint.encode(), TRACEPOINT)
            unneeded = others if found > 0 else [f"tp_btf/{tracepoint}"]
            for program, section in self._programs():
                if section in unneeded:
                    self._library.bpf_program__set_autoload(program, False)
            yield from unneeded

    def _programs(self) -> Iterator[tuple[int, str]]:
        program = self._library.bpf_object__next_program(self._object, None)
        while program:
            yield program, self._library.bpf_program__section_name(program).decode()
            program = self._library.bpf_object__next_program(self._object, program)


class Kernel:
    """What it takes to run programs in this kernel: its types, its cgroups, and libbpf."""

    CAPABILITIES = (CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF)  # what is needed after open()

    def __init__(self, cgroup: int, network_namespace: int = 0) -> None:
        self._cgroup = cgroup
        self._network_namespace = network_namespace

    @classmethod
    def open(cls) -> Kernel:
        """See whether this kernel could run the programs, and open the root of its cgroups.

        Raises
        ------
        NotPermitted, CannotAsk
            If something is missing, with the reason and what would help.

        """
        libbpf()
        if not Path(BTF).exists():
            raise CannotAsk(
                "this kernel does not describe its types",
                because=f"there is no {BTF}",
                try_="use a kernel built with CONFIG_DEBUG_INFO_BTF, as those of Debian 11 and on",
            )
        return cls(open_root_cgroup(), Path("/proc/self/ns/net").stat().st_ino)

    def load(self, image: bytes, instead: Mapping[str, Sequence[str]] = NOTHING) -> Bpf:
        """Load an object; what it takes of a cgroup it will watch the whole machine with.

        ``instead`` names tracepoints that not every kernel has, and the programs that do the same
        where it is not there: a program is loaded for the one or for the others.
        """
        return BpfObject(image, self._cgroup, instead=instead)

    def interface(self, index: int, network_namespace: int) -> str:
        """Name an interface of our own network namespace; the names of others are theirs."""
        if not index or network_namespace != self._network_namespace:
            return ""
        try:
            return socket.if_indextoname(index)
        except OSError:
            return ""

    def close(self) -> None:
        """Close the cgroup."""
        os.close(self._cgroup)


def open_root_cgroup(mounts: str = "/proc/self/mountinfo") -> int:
    """Open the root of the unified hierarchy, mounting it for ourselves alone if nobody did.

    Raises
    ------
    NotPermitted, CannotAsk
        If there is none.

    """
    for line in _mounts(mounts):
        fields, _, kind = line.partition(" - ")
        if kind.startswith("cgroup2 ") and fields.split()[3] == "/":
            path = _ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), fields.split()[4])
            return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return _mount_cgroup()


def _mounts(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as e:
        raise CannotAsk(
            f"cannot read {path}",
            because=e.strerror or str(e),
            try_="mount -t proc proc /proc",
        ) from e


_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same on all architectures: syscalls(2)
_CREATE = 6  # FSCONFIG_CMD_CREATE of include/uapi/linux/mount.h


def _mount_cgroup() -> int:
    system = ctypes.CDLL(None, use_errno=True).syscall
    context = system(_FSOPEN, b"cgroup2", 1)
    if context < 0:
        raise _refused("cgroup2 is not mounted and could not be", ctypes.get_errno())
    try:
        if system(_FSCONFIG, context, _CREATE, None, None, 0) < 0:
            raise _refused("cgroup2 is not mounted and could not be", ctypes.get_errno())
        mount: int = system(_FSMOUNT, context, 1, 0)
    finally:
        os.close(context)
    if mount < 0:
        raise _refused("cgroup2 is not mounted and could not be", ctypes.get_errno())
    return mount


def _refused(what: str, reason: int) -> CannotAsk:
    because = _last_words.text or os.strerror(reason)
    if reason in (errno.EPERM, errno.EACCES):
        return NotPermitted(what, because=because, try_=RIGHTS)
    return CannotAsk(what, because=because, try_="whence doctor")


def _formatted(text: bytes, arguments: int | None) -> str:
    """Format what libbpf prints: vsnprintf(3) knows what a va_list is on this machine."""
    line = ctypes.create_string_buffer(512)
    print_into = ctypes.CDLL(None).vsnprintf
    print_into.argtypes = (c_void_p, c_size_t, c_char_p, c_void_p)
    print_into(line, len(line), text, arguments)
    return line.value.decode("utf-8", "replace").strip()
