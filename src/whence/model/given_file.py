"""What the system says of a file that the user named, in words and exit statuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whence.model.errors import BadInput, CannotStore, NotPermitted


@contextmanager
def reading(path: Path, try_: str = "look whether its name is right") -> Iterator[None]:
    """Read a file that the user named.

    Raises
    ------
    BadInput
        If there is no such file.
    NotPermitted
        If this user may not read it.
    CannotStore
        If it cannot be read otherwise.

    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as e:
        raise BadInput(f"there is no file {path}", try_=try_) from e
    except IsADirectoryError as e:
        raise BadInput(f"{path} is a folder", try_="name a file") from e
    except PermissionError as e:
        raise NotPermitted(f"may not read {path}", try_="run it as root") from e
    except OSError as e:
        raise CannotStore(f"could not read {path}", because=e.strerror or str(e)) from e
