"""Options by which programs are given a password, where the option's name does not say so.

``curl -u anna:…``, ``mysql -p…``, ``snmpwalk -c …``: what such an option means depends on the
program, by its manual page. Words are those of a command line, or of a text that may hold one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

HIDDEN = "[redacted]"


class _Stands(Enum):
    """Where the value of an option stands."""

    NEXT = auto()  # in the next word: -pw VALUE
    HERE = auto()  # in the same word: -pVALUE; the next one is something else
    EITHER = auto()


@dataclass(frozen=True, slots=True)
class _Option:
    """An option that has a secret in its value."""

    names: tuple[str, ...]
    stands: _Stands = _Stands.EITHER
    behind: str = ""  # in the value, the sign that parts the user from the password
    only_with: str = ""  # a word of the command line, without which it means something else
    is_clustered: bool = False  # other letters may stand before it: -sSu


_P = _Option(("-p",))
_LARGE_P = _Option(("-P",))
_USER = _Option(("-u", "--user", "-U", "--proxy-user"), behind=":", is_clustered=True)
_SAMBA = _Option(("-U", "--user"), behind="%")
_SNMP = _Option(("-c", "-A", "-X"))
_MYSQL = _Option(("-p",), _Stands.HERE)
_PUTTY = _Option(("-pw",), _Stands.NEXT)
_LOGIN = _Option(("-p",), _Stands.NEXT, only_with="login")  # else it is a port
_KEY = _Option(("-k", "-K"), _Stands.NEXT)

_PROGRAMS: dict[tuple[str, ...], _Option] = {
    ("curl",): _USER,
    ("http", "https", "xh"): _Option(("-a",), behind=":"),
    ("etcdctl",): _Option(("--user",), behind=":"),
    ("lftp",): _Option(("-u", "--user"), behind=","),
    ("smbclient", "smbget", "smbcacls", "rpcclient", "net", "wmic"): _SAMBA,
    ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow", "mysqlbinlog",
     "mysqlslap", "mysqlpump", "mariadb", "mariadb-dump", "mariadb-admin", "mariadb-import",
     "mariadb-check", "mariadb-show", "mariadb-binlog", "mariadb-slap", "xtrabackup",
     "mariabackup", "7z", "7za", "7zr", "rar", "unrar"): _MYSQL,
    ("sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport",
     "rdesktop", "psexec", "psexec64"): _P,
    ("sqlcmd", "bcp", "osql", "ipmitool", "zip", "unzip", "mosquitto_pub", "mosquitto_sub",
     "mosquitto_rr"): _LARGE_P,
    ("plink", "pscp", "psftp", "kitty"): _PUTTY,
    ("docker", "podman", "buildah", "skopeo", "nerdctl", "helm", "az", "oc"): _LOGIN,
    ("redis-cli", "valkey-cli"): _Option(("-a",), _Stands.NEXT),
    ("ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldappasswd", "ldapwhoami",
     "ldapcompare", "ldapmodrdn", "ldapexop"): _Option(("-w",)),
    ("snmpget", "snmpgetnext", "snmpbulkget", "snmpwalk", "snmpbulkwalk", "snmpset", "snmptable",
     "snmptrap", "snmpinform", "snmpstatus", "snmptest", "snmpdf", "snmpnetstat", "check_snmp",
     "snmpdelta"): _SNMP,
    ("openssl",): _KEY,
}  # fmt: skip
_BY_NAME = {name: option for names, option in _PROGRAMS.items() for name in names}
_FILES = frozenset(name + end for name in _BY_NAME for end in ("", ".exe"))
_BEFORE_FILE = re.compile(r"[\\(`$>='\"]")
_BETWEEN_FILES = re.compile(r"[^\w.-]+")
_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'[^']*'"
_WORD = re.compile(rf"[|;&<]+|(?:{_QUOTED}|\\\S|[^\s\"'\\|;&<])+|[\"'\\]")
_INSIDE = re.compile(_QUOTED)
_ENDS = frozenset("|;&<")  # a word of these ends a command


def may_stand_in(text: str) -> bool:
    """Say, quickly, whether a text names such a program, and any option."""
    return " -" in text and not _FILES.isdisjoint(_BETWEEN_FILES.split(text.lower()))


def in_words(args: Sequence[str]) -> list[str]:
    """Hide the passwords of a command line."""
    shown = list(args)
    for place, value in _hidden(args):
        shown[place] = value
    return shown


def in_text(line: str) -> str:
    """Hide the passwords of command lines in a line of text; the rest of it stays as it is."""
    if not may_stand_in(line):
        return line
    words = [*_WORD.finditer(line)]
    hidden = dict(_hidden([word[0] for word in words]))
    parts: list[str] = []
    at = 0
    for place, word in enumerate(words):
        parts += line[at : word.start()], hidden.get(place) or _INSIDE.sub(_inside, word[0])
        at = word.end()
    return "".join((*parts, line[at:]))


def _inside(quoted: re.Match[str]) -> str:
    """Hide what a command line in quotes holds: sh -c '…', a string of JSON."""
    text = quoted[0]
    return f"{text[0]}{in_text(text[1:-1])}{text[0]}" if len(text) > 2 else text


def _hidden(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give the place of each word that has a secret, and the word without it."""
    option = None
    follows = False  # the word before was the option
    for place, word in enumerate(words):
        if word and word[0] in _ENDS:
            option, follows = None, False
        elif follows and option:
            follows = False
            if not _is_option(word):
                yield place, _without(word, option.behind)
        elif option and (name := _matching(option, word)):
            rest = word[len(name) :].removeprefix("=")
            if not rest:
                follows = option.stands is not _Stands.HERE
            elif option.stands is not _Stands.NEXT:
                yield place, word[: len(word) - len(rest)] + _without(rest, option.behind)
        else:
            option = _option_of(words, place) or option


def _option_of(words: Sequence[str], place: int) -> _Option | None:
    """Give the option to look for behind a word, if that is a program that has one."""
    found = _BY_NAME.get(_program(words[place])) if words[place][:1] != "-" else None
    return found if found and (found.only_with or words[place]) in words[place:] else None


def _program(word: str) -> str:
    name = word.rpartition("/")[2].lower()
    if not name.isalnum():
        name = _BEFORE_FILE.split(name.strip("\"'"))[-1]
    return name.removesuffix(".exe")


def _matching(option: _Option, word: str) -> str:
    """Give what of a word names the option; empty: it does not."""
    for name in option.names:
        if word.startswith(name) and (len(name) == 2 or word[len(name) :][:1] in ("", "=")):
            return name
    letters = {name[1] for name in option.names if len(name) == 2}
    is_cluster = option.is_clustered and re.fullmatch(r"-[A-Za-z]{2,8}", word)
    return word if is_cluster and word[-1] in letters else ""


def _is_option(word: str) -> bool:
    return word.startswith("-") and len(word) > 1


def _without(word: str, behind: str) -> str:
    """Hide a value, and keep its quotes: a word of a shell stays a word."""
    quote = word[0] if word[:1] in ("'", '"') and word[-1:] == word[0] and len(word) > 1 else ""
    inside = word[1:-1] if quote else word
    user, sign, secret = inside.partition(behind) if behind else ("", "", inside)
    if not secret:
        return word  # it is asked for
    return f"{quote}{user}{sign}{HIDDEN}{quote}"
