"""The accounts of a host."""

from __future__ import annotations

import re

from whence.model import CannotAsk
from whence.world import Host

FIRST_USER = 1000  # UID_MIN of login.defs(5), as it comes
NOBODY = 65534


def user_number(host: Host, name: str, root: str = "") -> int | None:
    """Give the uid of an account that the host's own passwd(5) names."""
    return next((int(a[2]) for a in _accounts(host, root) if a[0] == name), None)


def user_name(host: Host, number: int) -> str | None:
    """Give the name of the first account with this uid."""
    return next((a[0] for a in _accounts(host) if int(a[2]) == number), None)


def home(host: Host, number: int) -> str | None:
    """Give the home folder of the account with this uid."""
    return next((a[5] for a in _accounts(host) if int(a[2]) == number and a[5:]), None)


def homes(host: Host) -> dict[str, str]:
    """Give the home folders of root and of those who log in, with the account's name.

    Accounts of the system, which have uids below 1000 or that of nobody, are left out.
    """
    found: dict[str, str] = {}
    for account in _accounts(host):
        is_ones = int(account[2]) == 0 or FIRST_USER <= int(account[2]) != NOBODY
        if is_ones and "".join(account[5:6]).startswith("/"):
            found.setdefault(account[5].rstrip("/"), account[0])
    return found


def _accounts(host: Host, root: str = "") -> list[list[str]]:
    try:
        lines = host.read(f"{root}/etc/passwd").lines()
    except CannotAsk:
        return []
    accounts = [line.split(":") for line in lines]
    return [
        account for account in accounts if account[2:] and re.fullmatch(r"\d{1,10}", account[2])
    ]
