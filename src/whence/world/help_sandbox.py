"""Run one program where it can change nothing and reach nobody; ``run_help`` starts this.

Run as a program of its own: ``help_sandbox.py STATUS PATH ARGUMENT…``. STATUS is a descriptor that
the program does not get; what is written there says why it could not be confined, and it was not
run then. It has a user, a network, processes and mounts of its own; all file systems are read-only,
and home folders, /run and /tmp are empty: namespaces(7), mount_setattr(2), setrlimit(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import stat
import sys

NOBODY = 65534
NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NETWORK = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
PRIVATE, RECURSIVE, READ_ONLY, NO_SET_ID, NO_DEVICES = 1 << 18, 0x4000, 1, 2, 4
MOUNT_SETATTR = 442  # the same number on all architectures
ATTRIBUTE_READ_ONLY, ATTRIBUTE_NO_SET_ID, AT_FDCWD, AT_RECURSIVE = 1, 2, -100, 0x8000
DIE_WITH_PARENT, NO_NEW_PRIVILEGES = 1, 38  # prctl(2)
EMPTIED = ("/home", "/root", "/run", "/tmp", "/var/tmp", "/dev/shm", "/mnt", "/media", "/srv")
LIMITS = (
    (resource.RLIMIT_CPU, 5),
    (resource.RLIMIT_AS, 4 << 30),
    (resource.RLIMIT_FSIZE, 1 << 20),
    (resource.RLIMIT_NOFILE, 256),
    (resource.RLIMIT_NPROC, 512),
    (resource.RLIMIT_CORE, 0),
)
_libc = ctypes.CDLL(None, use_errno=True)


def must(result: int, what: str) -> None:
    """Stop where the kernel refused something: what is not confined is not run."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def confine(path: str) -> None:
    """Leave network, processes, mounts and users of the machine behind."""
    user, group = os.geteuid(), os.getegid()  # in the new namespace they are nobody's
    new = NEW_MOUNTS | NEW_NAMES | NEW_IPC | NEW_PIDS | NEW_NETWORK
    must(_libc.unshare(new if user == 0 else new | NEW_USER), "namespaces")
    if user:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{NOBODY} {user} 1")
        write("/proc/self/gid_map", f"{NOBODY} {group} 1")
    must(_libc.mount(b"none", b"/", None, PRIVATE | RECURSIVE, None), "mounts of its own")
    for folder in EMPTIED:
        if is_folder(folder) and not path.startswith(f"{folder}/"):
            empty(folder, b"tmpfs", "an empty folder")
    attributes = (ctypes.c_uint64 * 4)(ATTRIBUTE_READ_ONLY | ATTRIBUTE_NO_SET_ID, 0, 0, 0)
    must(
        _libc.syscall(MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, attributes,
                      ctypes.sizeof(attributes)),
        "read-only file systems",
    )  # fmt: skip


def is_folder(path: str) -> bool:
    """Say whether a folder, and no link to one, has this path."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def empty(folder: str, kind: bytes, what: str) -> None:
    """Put an empty file system, or another view of processes, in place of a folder."""
    flags = READ_ONLY | NO_SET_ID | NO_DEVICES
    options = b"size=4k,mode=755" if kind == b"tmpfs" else None
    must(_libc.mount(kind, folder.encode(), kind, flags, options), what)


def become_nobody() -> None:
    """Give up all rights, for good; in a user namespace the exec itself drops them."""
    for limit, value in LIMITS:
        resource.setrlimit(limit, (value, value))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    must(_libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new rights")
    must(_libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0), "to end with whence")


def inside(path: str, arguments: list[str]) -> None:
    """Be the first process of the new namespace, and become the program."""
    try:
        empty("/proc", b"proc", "processes of its own")
    except OSError:  # a container that hides parts of /proc
        empty("/proc", b"tmpfs", "no processes")
    become_nobody()
    os.chdir("/")
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8",
        "TERM": "dumb", "COLUMNS": "100", "PAGER": "cat", "NO_COLOR": "1",
    }  # fmt: skip
    os.execve(path, [path, *arguments], environment)


def write(path: str, text: str) -> None:
    """Write into a file of /proc at once."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def main() -> int:
    """Confine, run, and end as the program ends."""
    status, path, *arguments = sys.argv[1:]
    os.set_inheritable(int(status), False)
    try:
        must(_libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0), "to end with whence")
        confine(path)
        child = os.fork()
        if child == 0:
            inside(path, arguments)
    except OSError as e:
        os.write(int(status), f"{e.strerror or e}".encode())
        os._exit(125)
    os.close(int(status))
    _, ended = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(ended) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
