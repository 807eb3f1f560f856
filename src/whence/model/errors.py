"""What can go wrong, in the user's words: what happened, why, and what to do now.

The exit status of each kind follows sysexits(3): 65 bad input, 69 unreachable, 70 our fault,
74 I/O, 77 not permitted, 78 settings.
"""


class WhenceError(Exception):
    """An error whose three parts are shown to the user as they are."""

    exit_code = 70

    def __init__(self, what: str, *, because: str = "", try_: str = "") -> None:
        super().__init__(what)
        self.because = because
        self.try_ = try_


class CannotAsk(WhenceError):
    """A question could not be put. The case notes it and goes on."""

    exit_code = 69


class NotPermitted(CannotAsk):
    """A question could not be put because this user may not look there."""

    exit_code = 77


class BadInput(WhenceError):
    """What the user, a file or a device gave us is not what it should be."""

    exit_code = 65


class BadSettings(WhenceError):
    """A setting is missing, unknown or contradicts another."""

    exit_code = 78


class CannotStore(WhenceError):
    """Something could not be written or read back: a full disk, a damaged or foreign file."""

    exit_code = 74
