"""/boot: kernels that were put there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change


@change_source
def kernels(past: Past) -> Iterator[Change]:
    """Kernels and their first file systems that were put into /boot."""
    yield from changed(("/boot",), "kernel", lambda path, _: _words(path), past)


def _words(path: str) -> str | None:
    name = posixpath.basename(path)
    return f"{path} was put there" if name.startswith(("vmlinuz", "initrd", "initramfs")) else None
