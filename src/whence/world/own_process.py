"""How a process of our own, which watches for us, is told to end, and what it said when it died."""

from __future__ import annotations

import signal
import subprocess

from whence.world.pipe_lines import PipeLines

Watcher = subprocess.Popen[bytes]


def ask_to_end(process: Watcher) -> None:
    """Tell it to end, if it still runs; it may have something left to say."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)


def wait_for_end(process: Watcher, patience: float) -> None:
    """Wait until it has ended; after ``patience`` seconds it is killed."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_words(process: Watcher) -> str:
    """Say why it ended by itself: the last line it wrote to stderr, or its exit status."""
    status = process.wait()
    errors = process.stderr.read() if process.stderr else b""
    words = errors.decode("utf-8", "replace").strip().splitlines()
    return words[-1] if words else f"exit status {status}"


def end_reading(process: Watcher, lines: PipeLines, patience: float) -> None:
    """Tell a process to end whose lines are read, wait for that, and close its pipes."""
    ask_to_end(process)
    wait_for_end(process, patience)
    lines.close()
    if process.stderr:
        process.stderr.close()
