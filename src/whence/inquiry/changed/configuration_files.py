"""Files of /etc and of what is not the system's, by ctime: packages set the mtime back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.model.changed import Change

FOLDERS = ("/etc", "/usr/local/etc")
ELSEWHERE = re.compile(  # other sources tell of these, or they change by themselves
    r"/etc/(?:systemd|init\.d|cron|anacrontab|ssl|pki|letsencrypt|supervisor|\.git|ld\.so\.cache$"
    r"|xdg/autostart|mtab$|resolv\.conf$|adjtime$|sub[ug]id-$|(?:passwd|group|g?shadow)-?$)"
    r"|.*\.(?:pem|crt|key)$"
)


@change_source
def configuration_files(past: Past) -> Iterator[Change]:
    """Files of /etc and /usr/local/etc that were written."""
    yield from changed(FOLDERS, "configuration", _words, past)


def _words(path: str, entry: dict[str, object]) -> str | None:
    if entry["kind"] == "directory" or ELSEWHERE.match(path):
        return None
    return says("the file", path, entry)
