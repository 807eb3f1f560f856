"""A small office in network namespaces, with a mystery in it."""

from whence.lab.building import CannotBuild
from whence.lab.contract import Office
from whence.lab.demo import demo
from whence.lab.office import describe, down, status, up
from whence.lab.told import all_stories

__all__ = ["CannotBuild", "Office", "all_stories", "demo", "describe", "down", "status", "up"]
