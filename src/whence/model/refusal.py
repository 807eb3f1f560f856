"""Why a process of our own cannot go on, as it is written to a pipe and raised at the other end."""

from __future__ import annotations

import msgspec

from whence.model.errors import (
    BadInput,
    BadSettings,
    CannotAsk,
    CannotStore,
    NotPermitted,
    WhenceError,
)

KINDS: dict[int, type[WhenceError]] = {
    kind.exit_code: kind for kind in (BadInput, BadSettings, NotPermitted, CannotStore)
}


class Refusal(msgspec.Struct, tag="error"):
    """An error, in parts."""

    what: str
    because: str
    try_: str
    exit_code: int

    @classmethod
    def of(cls, error: WhenceError) -> Refusal:
        """Write an error down."""
        return cls(str(error), error.because, error.try_, error.exit_code)

    def error(self) -> WhenceError:
        """Give the error that was written down; CannotAsk where its kind says no more than that."""
        kind = KINDS.get(self.exit_code, CannotAsk)
        return kind(self.what, because=self.because, try_=self.try_)
