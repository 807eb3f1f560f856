"""The package that the maker's program came with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.chain import package_of
from whence.inquiry.remedies._declare import Chain, remedy
from whence.inquiry.remedies._others import some
from whence.model import Fact, Package
from whence.model.suggestions import Invasive, Suggestion, Words, command
from whence.probes.needed_by import ESSENTIAL

_NAME = re.compile(r"[A-Za-z0-9@][\w.+:@/-]*")
_VERSION = re.compile(r"[\w.+:~^-]+")


@remedy
def remove_the_package(chain: Chain) -> Iterator[Suggestion]:
    """Remove the package that the program came with."""
    told: set[Package] = set()
    for process in chain.asked_processes():
        fact = package_of(chain.known, process)
        if fact and isinstance(fact.value, Package) and fact.value not in told:
            told.add(fact.value)
            needed = [str(one.value) for one in chain.known.about(fact.value, "needed-by")]
            if ESSENTIAL not in needed:
                yield _remove(fact.value, fact, needed)


def _remove(package: Package, fact: Fact, needed: list[str]) -> Suggestion:
    remove, install = _commands(package)
    breaks = ["all else that the package is for"]
    if needed:
        breaks.append(f"what needs it, and goes with it: {some(needed)}")
    return Suggestion(
        f"Remove the package {package.name}; its settings stay.",
        Invasive.PACKAGE,
        fact.evidence,
        remove,
        install,
        "" if install else f"install {package} again",
        tuple(breaks),
        fact.confidence,
    )


def _commands(package: Package) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    name, version = package.name, package.version
    if not _NAME.fullmatch(name):
        return (), ()
    exact = version if _VERSION.fullmatch(version) else ""
    match package.manager:
        case "dpkg":
            return command("apt-get", "remove", name), _if(
                exact, "apt-get", "install", f"{name}={exact}"
            )
        case "rpm":
            return command("dnf", "remove", name), _if(exact, "dnf", "install", f"{name}-{exact}")
        case "apk":
            return command("apk", "del", name), _if(exact, "apk", "add", f"{name}={exact}")
        case "snap":
            return command("snap", "remove", name), command("snap", "install", name)
        case "flatpak":
            return command("flatpak", "uninstall", name), command("flatpak", "install", name)
        case "pip":
            return command("pip", "uninstall", name), _if(
                exact, "pip", "install", f"{name}=={exact}"
            )
        case "npm":
            return (command("npm", "uninstall", "--global", name),
                    _if(exact, "npm", "install", "--global", f"{name}@{exact}"))  # fmt: skip
        case _:
            return (), ()


def _if(exact: str, *words: str) -> tuple[Words, ...]:
    return command(*words) if exact else ()
