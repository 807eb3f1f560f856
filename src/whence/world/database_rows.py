"""Where an address stands in a PostgreSQL or MySQL database that the user names: only by reading.

Each question is asked in a transaction that may not write, and is ended by the server after a
time. The password is used once, and neither kept nor shown.
"""

from __future__ import annotations

from whence.model import BadInput, CannotAsk
from whence.model.address_forms import Finder
from whence.model.mentions import Mention, NotRead
from whence.world.database_address import DatabaseAddress
from whence.world.mysql_rows import mysql_rows
from whence.world.postgresql_rows import postgresql_rows

EXTRA = "pip install 'whence[databases]'"


def database_rows(url: str, finder: Finder, not_read: NotRead) -> list[Mention]:
    """Give the cells of a database that hold the address.

    Raises
    ------
    BadInput
        If the URL is none.
    CannotAsk
        If the database cannot be asked, or what speaks with it is not installed.

    """
    address = DatabaseAddress.parse(url)
    ask = postgresql_rows if address.kind == "postgresql" else mysql_rows
    try:
        return [*ask(address, finder, not_read)]
    except ImportError as e:
        raise CannotAsk(f"{e.name} is not installed", try_=EXTRA) from e
    except (CannotAsk, BadInput):
        raise
    except Exception as e:  # noqa: BLE001  two libraries, each with errors of its own
        said = str(e).replace(address.password, "…") if address.password else str(e)
        raise CannotAsk(f"{address} gave no answer", because=said[:300]) from None
