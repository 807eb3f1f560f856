"""Containers that were made: the file that Docker or Podman keeps of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._homes import in_homes
from whence.model.changed import Change

FOLDERS = (
    "/var/lib/docker/containers",
    "/var/lib/docker/image",
    "/var/lib/containers/storage/overlay-containers",
    "/var/lib/containers/storage/overlay-images",
)
OF_USERS = (  # of Podman without root
    ".local/share/containers/storage/overlay-containers",
    ".local/share/containers/storage/overlay-images",
)
_MADE = re.compile(r".*/(?:containers|overlay-containers)/(?P<id>[0-9a-f]{64})(?:/userdata)?/config"
                   r"(?:\.v2)?\.json$")  # fmt: skip
_IMAGE = re.compile(
    r".*/(?:imagedb/content/sha256|overlay-images)/(?P<id>[0-9a-f]{64})(?:/manifest)?$"
)


@change_source
def containers(past: Past) -> Iterator[Change]:
    """Containers that were made, started or stopped, and images that were fetched."""
    folders = (*FOLDERS, *in_homes(past, *OF_USERS))
    # Each has a folder of its own, and still is one of many.
    yield from changed(folders, "container", lambda path, _: _words(path), past, "container")


def _words(path: str) -> str | None:
    if found := _MADE.match(path):
        return f"the container {found['id'][:12]} was made, started or stopped"
    found = _IMAGE.match(path)
    return f"the image {found['id'][:12]} was fetched or built" if found else None
