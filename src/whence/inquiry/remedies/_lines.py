"""Make one line of a file a comment, by its number, and back."""

from __future__ import annotations

from whence.model.suggestions import Words, command


def comment(path: str, line: int) -> tuple[Words, ...]:
    """Give the command that puts a # before a line, sed(1)."""
    return _sed(path, f"{line:d}s/^/#/")


def uncomment(path: str, line: int) -> tuple[Words, ...]:
    """Give the command that takes the # away again."""
    return _sed(path, f"{line:d}s/^#//")


def _sed(path: str, script: str) -> tuple[Words, ...]:
    """Keep a link a link, and no copy beside the file: crond of some systems would run that."""
    if not path.startswith("/"):
        return ()
    return command("sed", "-i", "--follow-symlinks", script, path)
