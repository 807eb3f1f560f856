"""The option that names network interfaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def interface_option(help_: str) -> Callable[[Command], Command]:
    """Add ``-i IF``, which may be given again: what is done on each of them."""
    return click.option("-i", "--interface", "interfaces", multiple=True, metavar="IF", help=help_)
