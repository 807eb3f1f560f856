"""Settings that lie where their program is, as those do that no package brought."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model.mention_ranking import BESIDE
from whence.probes._files import names_in
from whence.world import Host

MOST = 100  # entries of a folder
ITSELF = "the program itself"
# A folder that is one program's from here on, whatever is below it.
_TREE = re.compile(
    r"(?P<tree>/(?:opt|srv|var/www(?:/html)?|usr/local/(?:lib|libexec|share))"
    r"/(?P<name>(?!python[\d.]*/|html/|node_modules/)[^/]+))/.+"
)
_BIN = re.compile(r".*/s?bin")
_SYSTEM_BIN = re.compile(r"(?:/usr)?/s?bin")
_LIB = r"(?:lib(?:32|64|x32|exec)?|share|include|games|src)"
_EVERYBODYS = re.compile(
    rf"(?:/(?:tmp|var(?:/(?:tmp|lib|www|spool|cache|log|opt))?|etc|opt|srv|home|mnt|media|boot"
    rf"|(?:dev|proc|run|sys|snap)(?:/.*)?"
    rf"|(?:root|home/[^/]+)(?:/\.(?:config|cache|local(?:/{_LIB})?))?"
    rf"|usr(?:/local)?|(?:usr/(?:local/)?)?{_LIB}"
    rf"|(?:usr/(?:local/)?)?lib/(?:[^/]+-linux-\w+|systemd|python[\d.]*))"
    rf"|.*/(?:dist|site)-packages|.*/node_modules)?"
)
_ENDINGS = (
    "conf", "cfg", "ini", "json", "yaml", "yml", "toml", "env", "xml", "properties", "txt", "csv",
    "list", "db", "sqlite", "sqlite3",
)  # fmt: skip
# What is large, and of others than who set the program up.
_NO_SETTINGS = re.compile(
    r"\.(?:git|hg|svn|tox|cache|\w+_cache)|\.?venv\d*|env|virtualenv|node_modules|vendor|__pycache__"
    r"|(?:site|dist)-packages|s?bin|lib(?:32|64|exec)?|include|src|pkg|target|build|dist"
    r"|tests?|docs?|man|locale|static|logs?|.*\.(?:py[co]|so|a|o|class|jar|whl|png|jpe?g|js|css)"
)


def beside(path: str, host: Host, root: str = "") -> Iterator[tuple[str, str]]:
    """Give a program's file, what is in its folder, and why; of everybody's what has its name."""
    folder, file = posixpath.split(path)
    if not path.startswith("/") or not file:
        return
    yield path, ITSELF
    tree = _TREE.fullmatch(path)
    if tree and path.startswith(("/opt/", "/srv/")):
        yield f"{tree['tree']}/", BESIDE
        yield f"/var/opt/{tree['name']}/", "named as where the program is"
        yield f"/etc/opt/{tree['name']}/", "named as where the program is"
        return
    if tree:
        yield from _in_folder(tree["tree"], host, root)
        return
    above = posixpath.dirname(folder) if _BIN.fullmatch(folder) else folder
    if not _EVERYBODYS.fullmatch(above.rstrip("/")):
        yield from _in_folder(above, host, root)
    elif not _SYSTEM_BIN.fullmatch(folder):
        stem = posixpath.splitext(file)[0]
        names = (f"{stem}.{ending}" for ending in _ENDINGS)
        for name in (f".{stem}", f".{stem}rc", *names):
            yield posixpath.join(folder, name), BESIDE
            if not name.startswith("."):
                yield posixpath.join(folder, f".{name}"), BESIDE


def _in_folder(folder: str, host: Host, root: str) -> Iterator[tuple[str, str]]:
    """Give each entry as a file and as a folder, since a name does not say which it is."""
    entries = names_in(host, root + folder)
    if not entries:
        yield f"{folder}/", BESIDE
    kept = (name for name in entries if not _NO_SETTINGS.fullmatch(name))
    known = tuple(f".{ending}" for ending in _ENDINGS)
    for name in sorted(kept, key=lambda name: not name.endswith(known))[:MOST]:
        yield f"{folder}/{name}", BESIDE
        yield f"{folder}/{name}/", BESIDE
