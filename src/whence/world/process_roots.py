"""Where a path below /proc/PID/root is, for the process whose root directory that is.

The kernel opens the root of another process, proc(5), but follows a link to an absolute path from
its caller's own root: a file of a container that is such a link would be read from this machine.
"""

from __future__ import annotations

import errno
import os
import re
from collections import deque

MOST_LINKS = 40  # that are followed, as path_resolution(7) has it
_ROOT = re.compile(r".*?/proc/(?:\d+|self)/root(?=/)")


def in_its_root(path: str, *, last_too: bool = True) -> str:
    """Follow the links of a path below the root of a process within that; give others as they are.

    ``last_too``: follow it also if the path itself is a link.

    Raises
    ------
    OSError
        If the links lead in a circle.

    """
    found = _ROOT.match(path)
    if not found:
        return path
    root, above = found[0], list[str]()
    ahead, followed = deque(_parts(path.removeprefix(root))), 0
    while ahead:
        part = ahead.popleft()
        if part == "..":
            del above[-1:]
            continue
        target = _target("/".join((root, *above, part))) if ahead or last_too else ""
        if not target:
            above.append(part)
            continue
        followed += 1
        if followed > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        if target.startswith("/"):
            above.clear()
        ahead.extendleft(reversed(_parts(target)))
    return "/".join((root, *above))


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _target(path: str) -> str:
    """Say where a link points; nothing of what is none, or is not there: opening it says why."""
    try:
        return os.readlink(path)  # noqa: PTH115
    except OSError:
        return ""
