"""Which file a user means who names a process: its script, or else what it runs."""

from __future__ import annotations

import posixpath

from whence.model import BadInput, CannotAsk, Execution, Program
from whence.model.interpreters import Given, script_of
from whence.world import Host
from whence.world.processes import LiveProcesses


def program_of(pid: int, processes: LiveProcesses, host: Host) -> Program:
    """Name the program of a living process: the script behind an interpreter, or its executable.

    A file that has its name no more, or has it in a container, is named by the process:
    ``/proc/PID/exe``, through which the kernel still shows it (proc(5)).

    Raises
    ------
    CannotAsk
        If there is no such process, or this user may not see what it runs.
    BadInput
        If it is the kernel's own.

    """
    record = processes.record(pid)
    run = record.execution
    if record.kernel_thread:
        raise BadInput(f"pid {pid} is a thread of the kernel", because="it runs no program")
    if run is None or not run.executable:
        raise CannotAsk(f"nothing says what pid {pid} runs", try_="run it as root")
    script = script_of(run.executable, run.args)
    if script and script.given is Given.FILE and (path := _script(run, script.text, host)):
        return Program(host.name, path)
    if _inode(run.executable, host) == run.inode:
        return Program(host.name, run.executable)
    return Program(host.name, f"/proc/{pid}/exe")


def _script(run: Execution, name: str, host: Host) -> str | None:
    """Give a script's path, if it is there and the host sees the same files as the process."""
    path = posixpath.normpath(posixpath.join(run.working_directory, name))
    same = _inode(run.executable, host) == run.inode
    return path if path.startswith("/") and same and _inode(path, host) else None


def _inode(path: str, host: Host) -> int:
    try:
        return int(host.status(path).json()["inode"])
    except CannotAsk:
        return 0
