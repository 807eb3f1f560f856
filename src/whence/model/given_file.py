"""What the system says of a file that the user named, in words and exit statuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whence.model.errors import BadInput, CannotStore, NotPermitted
from whence.model.rights import more_rights


@contextmanager
def reading(
    path: Path | str, try_: str = "look whether its name is right", in_folder: str = "name a file"
) -> Iterator[None]:
    """Read a file that the user named; ``in_folder`` is what to do if it is a folder.

    Raises
    ------
    BadInput
        If there is no such file, or it is a folder.
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
        raise BadInput(f"{path} is a folder", try_=in_folder) from e
    except PermissionError as e:
        raise NotPermitted(f"may not read {path}", try_=more_rights()) from e
    except OSError as e:
        raise CannotStore(f"could not read {path}", because=e.strerror or str(e)) from e


def must_be_readable(path: Path, try_: str) -> None:
    """Make sure that a file or pipe is there and may be read, before anything is begun.

    A pipe is not opened: what is written to it must be there for who reads it.
    Errors as ``reading``.
    """
    with reading(path, try_, f"give the files in it: {path}/*"):
        if path.is_dir():
            raise IsADirectoryError(path)
        path.open("rb").close() if path.is_file() else path.stat()
