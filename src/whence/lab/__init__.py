"""A small office in network namespaces, with a mystery in it."""

from whence.lab.building import CannotBuild
from whence.lab.demo import demo
from whence.lab.office import Office, Truth, describe, down, status, trigger, up
from whence.lab.story import VARIANTS

__all__ = [
    "VARIANTS",
    "CannotBuild",
    "Office",
    "Truth",
    "demo",
    "describe",
    "down",
    "status",
    "trigger",
    "up",
]
