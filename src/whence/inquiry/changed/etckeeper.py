"""What etckeeper(8), or whoever keeps /etc in git, committed: with author and reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from whence.inquiry.changed._declare import Past, change_source
from whence.model import Line
from whence.model.changed import Change
from whence.probes._packages import is_there

FORMAT = "--format=%x01%cI%x02%an%x02%s"
MOST_FILES = 200  # of a commit that are told one by one
_COMMAND = re.compile(r'made by "(?P<command>[^"]+)"')  # etckeeper's own words, after apt(8)


@change_source
def etckeeper(past: Past) -> Iterator[Change]:
    """Commits of /etc, by whom and why."""
    if not is_there("/etc/.git", past.host):
        return
    reading = past.host.run(
        "git", "-C", "/etc", "log", "--no-show-signature", "--name-only", FORMAT,
        f"--since={past.begin.isoformat()}", f"--until={past.end.isoformat()}",
    )  # fmt: skip
    begun: Line | None = None
    files: list[str] = []
    for line in reading.lines():
        if line.startswith("\x01"):
            yield from _change(begun, files)
            begun, files = line, []
        elif line:
            files.append(f"/etc/{_unquoted(line)}")
    yield from _change(begun, files)


def _unquoted(name: str) -> str:
    """Give a file's name that git put in quotes, as C would, for its strange characters."""
    if not name.startswith('"'):
        return name
    try:
        escaped = name[1:-1].encode().decode("unicode_escape")
        return escaped.encode("latin-1").decode("utf-8", "replace")
    except ValueError:
        return name


def _change(line: Line | None, files: list[str]) -> Iterator[Change]:
    if line is None:
        return
    at, who, reason = line.lstrip("\x01").split("\x02", 2)
    named = ", ".join(files[:3]) + (f" and {len(files) - 3:,} more" if len(files) > 3 else "")
    what = f"“{reason}”: {named}" if files else f"“{reason}”"
    command = _COMMAND.search(reason)
    automatic = "automatic" in reason or "committing changes in /etc" in reason
    yield Change(
        datetime.fromisoformat(at).astimezone(UTC), "commit", what, tuple(files[:MOST_FILES]),
        line.evidence, "by itself" if automatic else "", who, command["command"] if command else "",
        along=automatic,
    )  # fmt: skip
